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
def parts(request: Request) -> list:
    url = request.url
    parts = [url.scheme, url.path, url.query, url.fragment, url.hostname, type(url.port).__name__]
    return [
        *parts,
        url.username,
        url.password,
        url.is_secure,
        f"{url.hostname}:{url.port}" == url.netloc,
    ]


@app.api
def other_urls(request: Request) -> list:
    url = request.url.replace(scheme="https", hostname="other", port=1, path="/x", fragment="f")
    changed = [
        url,
        url.replace(netloc="place", query=""),
        url.replace(hostname="::1", username="ann", password="secret", port=None),
        url.include_query_params(colour="green", new=1),
        url.replace_query_params(only="this one"),
        url.remove_query_params(["colour", "none"]),
        url.remove_query_params("many"),
    ]
    return [str(one) for one in changed]


@app.api
def base(request: Request) -> list:
    return [str(request.base_url), str(request.url).startswith(str(request.base_url))]


@app.api
def text_of_url(request: Request) -> list:
    url = request.url
    return [url == str(url), url == "other", url != str(url), f"{url}"]


@app.api
def many(request: Request) -> list:
    query, headers = request.query_params, request.headers
    told = [
        query.getlist("many"),
        query.getlist("none"),
        query.multi_items(),
        str(query),
        query["many"],
    ]
    told += [
        headers.getlist("X-Many"),
        headers.getlist("none"),
        headers["X-MANY"],
        "x-many" in headers,
    ]
    return [*told, (b"x-many", b"two") in headers.raw]


@app.api
def client(request: Request) -> list:
    host, port = request.client
    return [host, port == request.client.port, request.client[0]]


@app.api
def attributes(request: Request) -> list:
    cookies = request.cookies
    told = [cookies["size"], cookies.get("none", "-"), "flavour" in cookies, cookies.flavour]
    return [*told, sorted(cookies.keys()), request.kwargs, getattr(request, "nothing", "none")]


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
