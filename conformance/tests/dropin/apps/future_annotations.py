"""Type hints that are text, as ``from __future__ import annotations`` makes them."""

from __future__ import annotations

from server_library import Request
from server_library import Server

app = Server()


@app.api
def one(value: int, request: Request) -> int:
    return value


@app.api
def two(value: int) -> tuple[int, str]:
    return value, str(value)


@app.api
def none(value: int) -> None:
    return None


@app.api
def maybe(value: int | None = None) -> list[int] | None:
    return None if value is None else [value]
