"""What a function may know of the request."""

from typing import Optional

from server_library import Header
from server_library import Request
from server_library import Server

app = Server()


@app.api
def headers(request: Request, name: str) -> list:
    return [request.headers.get(name), request.headers[name], name in request.headers]


@app.api
def all_headers(request: Request) -> list:
    return sorted(dict(request.headers).items())


@app.api
def query(request: Request) -> list:
    return [dict(request.query_params), request.query_params.get("colour")]


@app.api
def cookies(request: Request) -> list:
    return sorted(dict(request.cookies).items())


@app.api
def caller(request: Request) -> list:
    return [request.client.host, type(request.client.port).__name__, request.username]


@app.api
def session(request: Request) -> str:
    return request.session_hash


@app.api
def method(request: Request) -> list:
    return [request.method, dict(request.path_params)]


@app.api
def path(request: Request) -> list:
    return [str(request.url), request.url.path]


@app.api
def last(value: int, request: Request) -> list:
    return [value, request.headers["x-colour"]]


@app.api
def between(value: int, request: Request, other: str = "o") -> list:
    return [value, request.headers["x-colour"], other]


@app.api
def maybe(value: int, request: Optional[Request] = None) -> list:
    return [value, request is None]


@app.api
def maybe_new(request: Request | None, value: int) -> list:
    return [value, request is None]


@app.api
def twice(first: Request, second: Request) -> bool:
    return first.session_hash == second.session_hash


@app.api
async def in_async(request: Request) -> str:
    return request.headers["x-colour"]


@app.api
def in_generator(request: Request, steps: int) -> str:
    for step in range(steps):
        yield f"{request.headers['x-colour']} {step}"


@app.api
def header(x_colour: Header) -> list:
    return [x_colour]


@app.api
def maybe_header(value: int, x_missing: Optional[Header] = None) -> list:
    return [value, x_missing]


@app.api
def header_first(x_colour: Header, value: int) -> list:
    return [x_colour, value]
