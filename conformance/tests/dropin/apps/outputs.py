"""How many values a function gives, and what comes of a mistake."""

from collections.abc import Iterator
from typing import Any
from typing import Optional

from server_library import Server

app = Server()


@app.api
def no_annotation(value: int):
    return value


@app.api
def none(value: int) -> None:
    return None


@app.api
def value_for_none(value: int) -> None:
    return value


@app.api
def one(value: int) -> int:
    return value


@app.api
def none_for_one(value: int) -> int:
    return None


@app.api
def optional(value: int) -> Optional[int]:
    return None if value == 0 else value


@app.api
def two(value: int) -> tuple[int, str]:
    return value, str(value)


@app.api
def two_as_list(value: int) -> tuple[int, str]:
    return [value, str(value)]


@app.api
def three(value: int) -> tuple[int, list[int], dict[str, int]]:
    return value, [value], {"value": value}


@app.api
def any_number(value: int) -> tuple[int, ...]:
    return (value, value)


@app.api
def tuple_of_one(value: int) -> tuple[int]:
    return (value,)


@app.api
def bare_for_tuple_of_one(value: int) -> tuple[int]:
    return value


@app.api
def no_tuple(value: int) -> tuple[()]:
    return ()


@app.api
def one_too_few(value: int) -> tuple[int, int]:
    return (value,)


@app.api
def one_too_many(value: int) -> tuple[int, int]:
    return value, value, value


@app.api
def one_for_two(value: int) -> tuple[int, int]:
    return value


@app.api
def text_for_two(value: int) -> tuple[str, str]:
    return "ab"


@app.api
def none_for_two(value: int) -> tuple[int, int]:
    return None


@app.api
def items(value: int) -> list[int]:
    return [value, value]


@app.api
def tuple_for_items(value: int) -> list[int]:
    return (value, value)


@app.api
def anything(value: int) -> Any:
    return {"value": [value, None, True]}


@app.api
def other_type(value: int) -> str:
    return value


@app.api
def iterator(value: int) -> Iterator[int]:
    yield value


@app.api
def text_hint(value: "int") -> "int":
    return value


@app.api
def text_hint_of_two(value: int) -> "tuple[int, str]":
    return value, "x"
