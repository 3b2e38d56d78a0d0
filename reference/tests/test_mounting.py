"""The server inside other ASGI apps: routes, URLs, lifespans, CORS."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from hypercorn.middleware import DispatcherMiddleware
from quart import Quart

from gradio_reference import Request
from gradio_reference import Server
from gradio_reference import mount_gradio_app

pytestmark = pytest.mark.anyio

LOCAL = {"Origin": "http://localhost:5173"}


def make(told: list[str] | None = None) -> Server:
    app = Server(__name__)
    noted = [] if told is None else told

    @app.api
    def who(request: Request) -> str:
        return str(request.username)

    @app.get("/")
    async def index() -> str:
        return "page"

    @app.before_serving
    async def start() -> None:
        noted.append("server starts")

    @app.after_serving
    async def stop() -> None:
        noted.append("server stops")

    return app


async def plain(scope: Any, receive: Any, send: Any) -> None:
    """An ASGI app without a lifespan."""
    if scope["type"] != "http":
        raise NotImplementedError(scope["type"])
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": f"plain {scope['path']}".encode()})


def taking_off(app: Any, path: str) -> Any:
    """A dispatcher that takes the mount path off the path."""

    async def dispatch(scope: Any, receive: Any, send: Any) -> None:
        rest = scope["path"].removeprefix(path)
        await app({**scope, "root_path": path, "path": rest}, receive, send)

    return dispatch


def browse(app: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://localhost", timeout=20
    )


@contextlib.asynccontextmanager
async def living(app: Any) -> AsyncIterator[list[Any]]:
    """An app between the two messages of its lifespan; gives what it has said."""
    inbox: asyncio.Queue[Any] = asyncio.Queue()
    said: list[Any] = []
    heard = asyncio.Condition()

    async def send(message: Any) -> None:
        async with heard:
            said.append(message)
            heard.notify_all()

    async def tell(kind: str, count: int) -> None:
        inbox.put_nowait({"type": f"lifespan.{kind}"})
        async with asyncio.timeout(20), heard:
            await heard.wait_for(lambda: len(said) >= count)

    task = asyncio.ensure_future(app({"type": "lifespan", "state": {}}, inbox.get, send))
    await tell("startup", 1)
    yield said
    if said[0]["type"] == "lifespan.startup.complete":
        await tell("shutdown", 2)
    await asyncio.wait_for(task, 20)


async def uses(client: httpx.AsyncClient, mount: str) -> None:
    """All routes and URLs are below the mount path (NET-003)."""
    config = (await client.get(f"{mount}/config")).json()
    assert config["root"] == f"http://localhost{mount}"
    answer = await client.post(f"{config['root']}/gradio_api/run/who", json={"data": []})
    assert answer.json()["data"] == ["None"]
    assert (await client.get(f"{mount}/")).text == "page"
    answer = await client.get(f"{mount}/config", headers={"X-Forwarded-Host": "pub"})
    assert answer.json()["root"] == f"http://pub{mount}"
    body = {"data": [], "fn_index": 0, "session_hash": "s"}
    await client.post(f"{mount}/gradio_api/queue/join", json=body)
    stream = await client.get(f"{mount}/gradio_api/queue/data?session_hash=s")
    assert "process_completed" in stream.text


@pytest.mark.parametrize("mount", ["/mnt", "/a/b"])
@pytest.mark.parametrize("kind", ["hypercorn", "taking off", "beside", "quart"])
async def test_below_any_dispatcher(kind: str, mount: str) -> None:
    server = make()
    app: Any = {
        "hypercorn": DispatcherMiddleware({mount: server}),
        "taking off": taking_off(server, mount),
        "beside": mount_gradio_app(plain, server, mount),
        "quart": mount_gradio_app(Quart(__name__), server, mount),
    }[kind]
    async with browse(app) as client:
        await uses(client, mount)


async def test_the_other_app_keeps_everything_else() -> None:
    app = mount_gradio_app(plain, make(), "/mnt")
    async with browse(app) as client:
        for path in ("/", "/config", "/mntx", "/x/mnt/config"):
            assert (await client.get(path)).text == f"plain {path}"
        answer = await client.get("/mnt?a=b")
        assert (answer.status_code, answer.headers["location"]) == (307, "/mnt/?a=b")


async def test_a_mounted_app_can_itself_be_mounted() -> None:
    inner = mount_gradio_app(plain, make(), "/mnt")
    for outer in (DispatcherMiddleware({"/out": inner}), taking_off(inner, "/out")):
        async with browse(outer) as client:
            await uses(client, "/out/mnt")


async def test_a_root_path_replaces_the_mount_path_in_urls() -> None:
    app = mount_gradio_app(plain, make(), "/mnt", root_path="/shown")
    async with browse(app) as client:
        config = (await client.get("/mnt/config")).json()
        assert config["root"] == "http://localhost/shown"


async def test_options_are_those_of_launch() -> None:
    app = mount_gradio_app(plain, make(), "/mnt", auth=("ann", "secret"), share=False)
    async with browse(app) as client:
        assert (await client.get("/mnt/config")).status_code == 401
        await client.post("/mnt/login", data={"username": "ann", "password": "secret"})
        assert (await client.get("/mnt/config")).json()["username"] == "ann"
        answer = await client.get("/mnt/logout")
        assert answer.headers["location"] == "http://localhost/mnt"


@pytest.mark.parametrize(
    ("path", "options", "message"),
    [
        ("mnt", {}, "path: 'mnt'"),
        ("/mnt/", {}, "path: '/mnt/'"),
        ("/", {}, "path: '/' would"),
        ("/mnt", {"server_port": 7}, "server_port"),
        ("/mnt", {"share": True}, "share=True"),
        ("/mnt", {"max_size": 0}, "max_size"),
    ],
)
def test_a_bad_path_or_option_is_named(path: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        mount_gradio_app(plain, make(), path, **options)


# --- lifespans -----------------------------------------------------------------------------------


def parent(told: list[str], fails: str = "") -> Quart:
    app = Quart("parent")

    @app.before_serving
    async def start() -> None:
        told.append("parent starts")
        if fails == "startup":
            raise RuntimeError("no parent")

    @app.after_serving
    async def stop() -> None:
        told.append("parent stops")
        if fails == "shutdown":
            raise RuntimeError("no end")

    return app


async def test_both_start_and_stop() -> None:
    told: list[str] = []
    server = make(told)
    async with living(mount_gradio_app(parent(told), server, "/mnt")) as said:
        assert said == [{"type": "lifespan.startup.complete"}]
        assert told == ["parent starts", "server starts"]
    assert said[1:] == [{"type": "lifespan.shutdown.complete"}]
    assert told[2:] == ["server stops", "parent stops"]


async def test_an_app_without_a_lifespan_is_no_obstacle() -> None:
    told: list[str] = []
    async with living(mount_gradio_app(plain, make(told), "/mnt")) as said:
        assert told == ["server starts"]
    assert said[1:] == [{"type": "lifespan.shutdown.complete"}]
    assert told == ["server starts", "server stops"]


async def test_a_parent_that_cannot_start_is_told() -> None:
    told: list[str] = []
    async with living(mount_gradio_app(parent(told, "startup"), make(told), "/mnt")) as said:
        assert said == [{"type": "lifespan.startup.failed", "message": "no parent"}]
    assert told == ["parent starts"]


async def test_a_server_that_cannot_start_stops_the_parent() -> None:
    told: list[str] = []
    server = make()

    @server.before_serving
    async def fail() -> None:
        raise RuntimeError("no server")

    async with living(mount_gradio_app(parent(told), server, "/mnt")) as said:
        assert said == [{"type": "lifespan.startup.failed", "message": "no server"}]
    assert told == ["parent starts", "parent stops"]


async def test_what_fails_at_the_end_is_told_and_all_the_same_both_stop() -> None:
    told: list[str] = []
    async with living(mount_gradio_app(parent(told, "shutdown"), make(told), "/mnt")) as said:
        pass
    assert said[1:] == [{"type": "lifespan.shutdown.failed", "message": "no end"}]
    assert told[2:] == ["server stops", "parent stops"]


# --- Starlette and FastAPI -----------------------------------------------------------------------


def starlette(told: list[str], **options: Any) -> Any:
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route

    @contextlib.asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[dict[str, int]]:
        told.append("parent starts")
        yield {"shared": 1}
        told.append("parent stops")

    async def index(request: Any) -> PlainTextResponse:
        return PlainTextResponse("parent")

    return Starlette(routes=[Route("/", index)], lifespan=lifespan, **options)


@pytest.mark.parametrize("mount", ["/mnt", "/a/b"])
async def test_below_starlette(mount: str) -> None:
    told: list[str] = []
    app = starlette(told)
    assert mount_gradio_app(app, make(told), mount) is app
    async with living(app), browse(app) as client:
        assert told == ["parent starts", "server starts"]
        await uses(client, mount)
        assert (await client.get("/")).text == "parent"
        assert (await client.get(mount)).status_code == 307
    assert told[2:] == ["server stops", "parent stops"]


async def test_at_the_root_of_starlette_behind_its_routes() -> None:
    app = mount_gradio_app(starlette([]), make(), "/")
    async with browse(app) as client:
        assert (await client.get("/config")).json()["root"] == "http://localhost"
        assert (await client.get("/")).text == "parent"


async def test_two_servers_below_one_parent_do_not_share_logins() -> None:
    app = starlette([])
    for place in ("/one", "/two"):
        mount_gradio_app(app, make(), place, auth=("ann", place))
    async with living(app), browse(app) as client:
        await client.post("/one/login", data={"username": "ann", "password": "/one"})
        assert (await client.get("/one/config")).status_code == 200
        assert (await client.get("/two/config")).status_code == 401


async def test_the_cors_middleware_of_a_parent_is_the_only_one() -> None:
    from starlette.middleware.cors import CORSMiddleware

    app = mount_gradio_app(starlette([]), make(), "/mnt")
    app.add_middleware(CORSMiddleware, allow_origins=["https://page.example"])
    async with browse(app) as client:
        answer = await client.get("/mnt/config", headers=LOCAL)
        assert "access-control-allow-origin" not in answer.headers
        answer = await client.get("/mnt/config", headers={"Origin": "https://page.example"})
        found = answer.headers.get_list("access-control-allow-origin")
        assert found == ["https://page.example"]
    async with browse(mount_gradio_app(starlette([]), make(), "/mnt")) as client:
        answer = await client.get("/mnt/config", headers=LOCAL)
        assert answer.headers["access-control-allow-origin"] == LOCAL["Origin"]


@pytest.mark.gradio
async def test_below_fastapi() -> None:
    from fastapi import FastAPI

    told: list[str] = []
    app = mount_gradio_app(FastAPI(), make(told), "/mnt")

    def later() -> str:
        return "parent"

    app.get("/later")(later)

    async with living(app), browse(app) as client:
        assert told == ["server starts"]
        await uses(client, "/mnt")
        assert (await client.get("/later")).json() == "parent"
    assert told == ["server starts", "server stops"]
