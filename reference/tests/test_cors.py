"""Which pages of other origins may read the answers, and that browsers are told."""

from __future__ import annotations

from typing import Any

import pytest

from gradio_reference import Server
from gradio_reference.cors import Access
from gradio_reference.cors import Origins

pytestmark = pytest.mark.anyio

LISTED = Origins(["https://page.example", "HTTP://Other.example:80", "capacitor://localhost"])


@pytest.mark.parametrize(
    ("origins", "origin", "host", "access"),
    [
        # CORS-001, CORS-002: a server of this machine, for pages of this machine
        (Origins(), "http://localhost:5173", "127.0.0.1:7860", "credentials"),
        (Origins(), "http://127.0.0.1", "localhost:7860", "credentials"),
        (Origins(), "https://[::1]:8443", "[::1]:7860", "credentials"),
        (Origins(), "http://LOCALHOST", "LocalHost", "credentials"),
        (Origins(), "https://evil.example", "localhost:7860", "none"),
        (Origins(), "https://evil.example", "[::1]:7860", "none"),
        (Origins(), "http://localhost.evil.example", "localhost", "none"),
        (Origins(), "http://localhost@evil.example", "localhost", "none"),
        # a public one: for everybody, but nobody's cookies
        (Origins(), "https://page.example", "api.example", "anonymous"),
        (Origins(), "http://localhost:5173", "api.example", "anonymous"),
        # CORS-003
        (Origins(), "null", "localhost", "none"),
        (Origins(), "null", "api.example", "none"),
        (Origins(strict=False), "null", "localhost", "anonymous"),
        (Origins(["*"]), "null", "localhost", "none"),
        # a list, and nothing else
        (LISTED, "https://page.example", "api.example", "credentials"),
        (LISTED, "https://page.example:443", "localhost", "credentials"),
        (LISTED, "http://other.example", "localhost", "credentials"),
        (LISTED, "capacitor://localhost", "localhost", "credentials"),
        (LISTED, "http://page.example", "api.example", "none"),
        (LISTED, "https://page.example:8443", "api.example", "none"),
        (LISTED, "https://sub.page.example", "api.example", "none"),
        (LISTED, "https://page.example.evil.example", "api.example", "none"),
        (LISTED, "http://localhost", "localhost", "none"),
        (Origins(["*", "https://page.example"]), "https://page.example", "x", "credentials"),
        (Origins(["*"]), "https://evil.example", "localhost", "anonymous"),
        # what no browser sends
        (LISTED, "https://page.example/path", "x", "none"),
        (Origins(), "nonsense", "api.example", "none"),
        (Origins(), "http://[", "api.example", "none"),
        (Origins(), "http://localhost:x", "localhost", "none"),
        (Origins(), "https://page.example", "[", "anonymous"),
    ],
)
def test_the_rule(origins: Origins, origin: str, host: str, access: str) -> None:
    assert origins.access(origin, host) is Access(access)


@pytest.mark.parametrize(
    "wrong", ["page.example", "https://page.example/", "https://a@b", "null", "https://a:x", ""]
)
def test_a_list_with_something_that_is_no_origin_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="allowed_origins: "):
        Server(__name__).configure(allowed_origins=[wrong])
    with pytest.raises(ValueError, match="allowed_origins: must be a list"):
        Server(__name__).configure(allowed_origins="https://page.example")


def serve(**options: Any) -> Any:
    app = Server(__name__)

    @app.api
    def echo(text: str) -> str:
        return text

    @app.get("/broken")
    async def broken() -> str:
        raise RuntimeError

    @app.get("/own")
    async def own() -> tuple[str, int, dict[str, str]]:
        return "", 200, {"Access-Control-Allow-Origin": "https://only.example", "Vary": "Accept"}

    app.configure(**options)
    return app.test_client()


LOCAL = {"Origin": "http://localhost:5173", "Host": "localhost"}
FOREIGN = {"Origin": "https://evil.example", "Host": "localhost"}


def cors(answer: Any) -> dict[str, str]:
    found = {name.lower(): value for name, value in answer.headers.items()}
    return {
        name.removeprefix("access-control-"): value
        for name, value in found.items()
        if name.startswith("access-control-") or name == "vary"
    }


async def test_answers_carry_the_headers_errors_too() -> None:
    client = serve(auth=("ann", "secret"))
    allowed = {
        "vary": "Origin",
        "allow-origin": LOCAL["Origin"],
        "allow-credentials": "true",
    }
    for path in ("/config", "/nowhere", "/broken", "/gradio_api/app_id"):  # CORS-006
        assert cors(await client.get(path, headers=LOCAL)) == allowed, path
        assert cors(await client.get(path, headers=FOREIGN)) == {"vary": "Origin"}  # CORS-005
        assert cors(await client.get(path)) == {}


async def test_a_public_server_is_read_without_cookies() -> None:
    headers = {"Origin": "https://page.example", "Host": "api.example"}
    assert cors(await serve().get("/config", headers=headers)) == {
        "vary": "Origin",
        "allow-origin": "https://page.example",
    }


async def test_streams_carry_them() -> None:
    answer = await serve().get("/gradio_api/queue/data?session_hash=none", headers=LOCAL)
    assert answer.mimetype == "text/event-stream"
    assert cors(answer)["allow-origin"] == LOCAL["Origin"]


@pytest.mark.parametrize("path", ["/gradio_api/queue/join", "/login", "/nowhere"])
async def test_preflights_are_answered_before_the_login_is_checked(path: str) -> None:
    client = serve(auth=("ann", "secret"))
    asked = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type, x-mine",
    }
    answer = await client.options(path, headers=LOCAL | asked)
    assert (answer.status_code, await answer.get_data()) == (200, b"OK")  # CORS-004
    assert cors(answer) == {
        "vary": "Origin",
        "allow-origin": LOCAL["Origin"],
        "allow-credentials": "true",
        "allow-methods": "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT",
        "allow-headers": "content-type, x-mine",
        "max-age": "600",
    }
    refused = await client.options(path, headers=FOREIGN | asked)
    assert refused.status_code == 200
    assert not {"allow-origin", "allow-credentials"} & set(cors(refused))


async def test_options_without_a_preflight_is_the_routes_business() -> None:
    client = serve()
    answer = await client.options("/config", headers=LOCAL)
    assert await answer.get_data() == b""
    assert "GET" in answer.headers["Allow"]


async def test_a_route_with_a_rule_of_its_own_keeps_it() -> None:
    found = cors(await serve().get("/own", headers=LOCAL))
    assert found == {"vary": "Accept", "allow-origin": "https://only.example"}


async def test_an_empty_list_leaves_it_to_others() -> None:
    client = serve(allowed_origins=[])
    assert cors(await client.get("/config", headers=LOCAL)) == {}
    asked = LOCAL | {"Access-Control-Request-Method": "POST"}
    assert await (await client.options("/config", headers=asked)).get_data() == b""
