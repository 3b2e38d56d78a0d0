"""Defaults of parameters, and the ways a parameter can stand in a signature."""

from typing import Any
from typing import Literal
from typing import Optional

from server_library import Server

app = Server()


@app.api
def text(value: str = "x") -> list:
    return [value]


@app.api
def empty_text(value: str = "") -> list:
    return [value]


@app.api
def zero(value: int = 0) -> list:
    return [value]


@app.api
def fraction(value: float = 1.5) -> list:
    return [value]


@app.api
def no(value: bool = False) -> list:
    return [value]


@app.api
def nothing(value: Optional[str] = None) -> list:
    return [value]


@app.api
def nothing_for_text(value: str = None) -> list:  # noqa: RUF013
    return [value]


@app.api
def items(value: list[int] = [1, 2]) -> list:  # noqa: B006
    return [value]


@app.api
def no_items(value: list = []) -> list:  # noqa: B006
    return [value]


@app.api
def table(value: dict = {"a": [1]}) -> list:  # noqa: B006
    return [value]


@app.api
def pair(value: tuple[int, str] = (1, "a")) -> list:
    return [value]


@app.api
def choice(value: Literal["a", "b"] = "b") -> list:
    return [value]


@app.api
def other_type(value: int = "seven") -> list:
    return [value]


@app.api
def anything(value: Any = 1) -> list:
    return [value]


@app.api
def mixed(first: str, second: int = 2, third: str = "three", fourth: Optional[int] = None) -> list:
    return [first, second, third, fourth]


@app.api
def positional(first: int, /, second: int = 2) -> list:
    return [first, second]


@app.api
def before_more(first: int, second: str = "s", *rest: int, last: int = 3, **more: int) -> list:
    return [first, second, list(rest), last, more]


@app.api
def reserved(api_name: str, fn_index: int = 1, result_callbacks: Optional[int] = None) -> list:
    return [api_name, fn_index, result_callbacks]


@app.api
def keyword(first: int, *, second: int = 2) -> list:
    return [first, second]


@app.api
def no_parameters() -> list:
    return []


@app.api
def one_line(a: int, b: int, c: int, d: int, e: int, f: int) -> list:
    return [a, b, c, d, e, f]
