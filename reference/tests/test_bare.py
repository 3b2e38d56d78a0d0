"""Join and data around Quart: the same answers as through it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from dataclasses import field
from typing import Any

import pytest

from gradio_reference import Request
from gradio_reference import Server
from gradio_reference.routes import bare

pytestmark = pytest.mark.anyio
JOIN, DATA = "/gradio_api/queue/join", "/gradio_api/queue/data"
GOOD = {"data": ["x"], "fn_index": 0, "session_hash": "s"}
JSON = (b"content-type", b"application/json")


MADE: list[Server] = []


@pytest.fixture(autouse=True)
async def _all_over() -> AsyncIterator[None]:
    """Leave nothing running: what a test has left would start as its loop ends."""
    yield
    while MADE:
        service = MADE.pop()._provide()
        service.close()
        while tasks := [run.task for run in service.worker._runs.values() if run.task]:
            await asyncio.wait(tasks)


def make(**settings: Any) -> Server:
    app = Server(__name__)
    MADE.append(app)

    @app.api
    def echo(value: Any) -> Any:
        return value

    @app.api
    def seen(request: Request) -> dict[str, Any]:
        return {
            "headers": dict(request.headers),
            "query": dict(request.query_params),
            "cookies": dict(request.cookies),
            "url": str(request.url),
            "client": [request.client.host, request.client.port],
            "session": request.session_hash,
            "method": request.method,
        }

    app.configure(**settings)
    return app


def through_quart(app: Server) -> Server:
    """A hook that does nothing: only Quart can call it."""

    @app.before_request
    async def look() -> None: ...

    return app


@dataclass
class Exchange:
    """One request on the level of ASGI."""

    app: Server
    scope: dict[str, Any]
    pieces: list[bytes] = field(default_factory=lambda: [b""])
    sent: list[dict[str, Any]] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    wrote: asyncio.Event = field(default_factory=asyncio.Event)

    async def receive(self) -> dict[str, Any]:
        if self.pieces:
            piece = self.pieces.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(self.pieces)}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)
        self.wrote.set()

    async def run(self) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        async with asyncio.timeout(20):
            await self.app(self.scope, self.receive, self.send)
        head, *rest = self.sent
        assert not rest[-1].get("more_body")
        headers = sorted((name.lower(), value) for name, value in head["headers"])
        return head["status"], headers, b"".join(part["body"] for part in rest)


def exchange(
    app: Server,
    method: str,
    path: str,
    body: Any = None,
    *headers: tuple[bytes, bytes],
    **scope: Any,
) -> Exchange:
    content = (
        body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    )
    path, _, query = path.partition("?")
    fields = [(b"host", b"here:7860"), (b"content-length", b"%d" % len(content)), *headers]
    asked = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": fields,
        "client": ("1.2.3.4", 5),
        "server": ("127.0.0.1", 7860),
        "extensions": {},
        **scope,
    }
    return Exchange(app, asked, [content])


CASES: list[tuple[str, str, Any, tuple[tuple[bytes, bytes], ...]]] = [
    ("POST", JOIN, b"", (JSON,)),
    ("POST", JOIN, b"{", (JSON,)),
    ("POST", JOIN, b"[]", (JSON,)),
    ("POST", JOIN, b"\xff\xfe{\x00}\x00", (JSON,)),
    ("POST", JOIN, {**GOOD, "data": 5, "fn_index": "x"}, (JSON,)),
    ("POST", JOIN, {**GOOD, "fn_index": 99}, (JSON,)),
    ("POST", JOIN, {**GOOD, "fn_index": None}, (JSON,)),
    ("POST", JOIN, {**GOOD, "session_hash": None}, (JSON,)),
    ("POST", JOIN, {**GOOD, "session_hash": ""}, (JSON,)),
    ("POST", JOIN, GOOD, ()),
    ("POST", JOIN, GOOD, ((b"content-type", b"text/plain"),)),
    ("POST", JOIN, {**GOOD, "data": "\ud800"}, (JSON,)),
    ("GET", JOIN, None, ()),
    ("GET", DATA, None, ()),
    ("GET", DATA + "?session=s", None, ()),
    ("GET", DATA + "?session_hash=nobody", None, ()),
    ("GET", DATA + "?session_hash=", None, ()),
    ("HEAD", DATA + "?session_hash=s", None, ()),
    ("OPTIONS", DATA, None, ()),
    ("POST", DATA, GOOD, (JSON,)),
]


@pytest.mark.parametrize(("method", "path", "body", "headers"), CASES)
async def test_both_ways_refuse_alike(
    method: str, path: str, body: Any, headers: tuple[tuple[bytes, bytes], ...]
) -> None:
    around = await exchange(make(), method, path, body, *headers).run()
    through = await exchange(through_quart(make()), method, path, body, *headers).run()
    assert around == through


@pytest.mark.parametrize(
    "kind", [b"application/json; charset=utf-8", b"Application/JSON", b"a/b+json"]
)
async def test_both_ways_accept_alike(kind: bytes) -> None:
    answers = []
    for app in (make(), through_quart(make())):
        joined = await exchange(app, "POST", JOIN, GOOD, (b"Content-Type".lower(), kind)).run()
        event_id = json.loads(joined[2])["event_id"].encode()
        streamed = await exchange(app, "GET", DATA + "?session_hash=s").run()
        told = [json.loads(line[6:]) for line in streamed[2].split(b"\n\n") if line]
        assert all(item["event_id"] in (event_id.decode(), None) for item in told)
        answers.append((joined[:2], len(event_id), streamed[:2], [item["msg"] for item in told]))
    assert answers[0] == answers[1]


async def test_both_ways_show_functions_the_same_request() -> None:
    seen = []
    for app in (make(), through_quart(make())):
        path = JOIN + "?a=1&b=&b=%C3%A9"
        cookie = (b"cookie", b"one=1; two=two%20")
        await exchange(app, "POST", path, {**GOOD, "fn_index": 1}, JSON, cookie).run()
        streamed = await exchange(app, "GET", DATA + "?session_hash=s").run()
        told = [json.loads(line[6:]) for line in streamed[2].split(b"\n\n") if line]
        seen.append(told[-2]["output"]["data"][0])
    assert seen[0] == seen[1]
    assert seen[0]["query"] == {"a": "1", "b": "é"}
    assert seen[0]["cookies"] == {"one": "1", "two": "two%20"}
    assert seen[0]["client"] == ["1.2.3.4", 5]
    assert seen[0]["url"].startswith("http://here:7860/gradio_api/queue/join?a=1")


async def test_a_full_queue_refuses_alike() -> None:
    answers = []
    gates: list[asyncio.Event] = []
    for app in (make(max_size=1), through_quart(make(max_size=1))):
        gates.append(asyncio.Event())

        @app.api
        async def hold() -> None:
            await gates[-1].wait()

        call = {"data": [], "fn_index": 2, "session_hash": "s"}
        held = [await exchange(app, "POST", JOIN, call, JSON).run() for _ in range(3)]
        answers.append([(status, body) for status, _, body in held])
        gates[-1].set()
        await exchange(app, "GET", DATA + "?session_hash=s").run()
    assert [status for status, _ in answers[0]] == [200, 200, 503]
    assert answers[0][2] == answers[1][2]


async def test_only_what_is_usual_goes_around_quart(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []

    async def answered(app: Any, route: Any, service: Any, scope: Any, *more: Any) -> None:
        taken.append(scope["path"])

    monkeypatch.setattr(bare, "_answer", answered)
    coded = (b"transfer-encoding", b"chunked")
    usual = exchange(make(), "POST", JOIN, GOOD, JSON)
    await usual.app(usual.scope, usual.receive, usual.send)
    assert taken == [JOIN]
    for app, path, headers in (
        (through_quart(make()), JOIN, (JSON,)),
        (make(auth=("ann", "secret")), JOIN, (JSON,)),
        (make(), JOIN + "/", (JSON,)),
        (make(), JOIN, (JSON, coded)),
    ):
        await exchange(app, "POST", path, GOOD, *headers).run()
    assert taken == [JOIN]
    monkeypatch.setattr(bare, "LARGE", 10)
    await exchange(make(), "POST", JOIN, GOOD, JSON).run()
    assert taken == [JOIN]


async def test_below_a_path_too() -> None:
    app = make()
    joined = await exchange(app, "POST", "/sub" + JOIN, GOOD, JSON, root_path="/sub").run()
    assert joined[0] == 200
    rooted = make(root_path="/seen")
    assert (await exchange(rooted, "POST", "/seen" + JOIN, GOOD, JSON).run())[0] == 200
    assert (await exchange(rooted, "POST", JOIN, GOOD, JSON).run())[0] == 200


async def test_a_reader_that_leaves_drops_its_event() -> None:
    app = make()
    started, over = asyncio.Event(), asyncio.Event()

    @app.api
    async def wait() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            over.set()

    await exchange(app, "POST", JOIN, {**GOOD, "fn_index": 2}, JSON).run()
    reading = exchange(app, "GET", DATA + "?session_hash=s")
    task = asyncio.ensure_future(reading.app(reading.scope, reading.receive, reading.send))
    async with asyncio.timeout(20):
        await started.wait()
        await reading.wrote.wait()
        reading.gone.set()
        await over.wait()  # SSE-020
        await task
    assert not any(message.get("more_body") is False for message in reading.sent)


async def test_a_client_that_leaves_inside_its_body_joins_nothing() -> None:
    app = make()
    joining = exchange(app, "POST", JOIN, GOOD, JSON)
    joining.pieces = []
    joining.gone.set()
    await joining.app(joining.scope, joining.receive, joining.send)
    assert joining.sent == []
    status = await exchange(app, "GET", "/gradio_api/queue/status").run()
    assert json.loads(status[2])["queue_size"] == 0


async def test_a_body_that_never_comes_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bare, "BODY_TIMEOUT", 0.01)
    joining = exchange(make(), "POST", JOIN, GOOD, JSON)
    joining.pieces = []
    status, _, body = await joining.run()
    assert (status, json.loads(body)) == (408, {"detail": "Request Timeout"})
