"""Errors of an app that shows them."""

from server_library import Error
from server_library import Server

app = Server()
LAUNCH = {"show_error": True}


@app.api
def plain_error(text: str) -> str:
    raise ValueError(text)


@app.api
def error_of_two(text: str) -> str:
    raise ValueError(text, 2)


@app.api
def error_without_text() -> str:
    raise RuntimeError


@app.api
def key_error(text: str) -> str:
    return {}[text]


@app.api
def user_error(text: str) -> str:
    raise Error(text, title="T", duration=1)


@app.api
def too_few() -> tuple[int, int]:
    return (1,)


@app.api
def generator_error(text: str) -> str:
    yield "first"
    raise ValueError(text)
