"""An app whose endpoints are tools, resources and prompts, and those who talk to it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from collections.abc import Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated
from typing import Any

import httpx
import pytest

from gradio_reference import Error
from gradio_reference import FileData
from gradio_reference import Info
from gradio_reference import Progress
from gradio_reference import Request
from gradio_reference import Server
from gradio_reference import State
from gradio_reference import cache
from gradio_reference import validate

mcp = pytest.importorskip("mcp")
from mcp.client.streamable_http import streamable_http_client  # noqa: E402

PNG = b"\x89PNG\r\n\x1a\n" + b"what follows is nobody's business"
COUNTER = State(0)
BOTH = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}


class Gates:
    """What tests wait for: functions tell that they started and ended, and wait to be let go."""

    def __init__(self) -> None:
        self.started = asyncio.Event()
        self.cancelled = asyncio.Event()


def make(folder: Path, gates: Gates | None = None) -> Server:
    app = Server(__name__)
    tools(app)
    files(app, folder)
    injected(app)
    resources(app)
    waiting(app, gates or Gates())
    return app


def tools(app: Server) -> None:
    succeeding(app)
    failing(app)

    @app.api(api_visibility="undocumented")
    def hidden() -> str:
        return "hidden"

    @app.api(api_visibility="private")
    def private() -> str:
        return "private"


def succeeding(app: Server) -> None:
    @app.api(name="renamed")
    def add(a: int, b: int = 2) -> int:
        """Adds.

        Args:
            a: the first
            b (int): the second
        Returns:
            the sum
        """
        return a + b

    @app.api
    def count(n: int) -> Iterator[int]:
        yield from range(n)

    @app.api
    def two(text: str) -> tuple[str, bool]:
        return text, True

    @app.api
    @cache
    def shout(text: str) -> str:
        return text.upper()

    @app.api(description="Says so", name="other")
    @app.mcp.tool(name="described-so", structured_output=True, _meta={"k": 1})
    def described(n: int) -> dict[str, int]:
        return {"n": n}


def failing(app: Server) -> None:
    @app.api
    def fail(shown: bool) -> None:
        raise Error("no luck") if shown else ValueError("secret")

    @app.api(validator=lambda n: validate(n > 0, "too small"))
    def positive(n: int) -> int:
        return n


def files(app: Server, folder: Path) -> None:
    (folder / "a.png").write_bytes(PNG)
    (folder / "a.txt").write_text("text")

    @app.api
    def file(name: str) -> FileData:
        return FileData(path=str(folder / name))

    @app.api
    def read(file: FileData, more: list[FileData] = []) -> str:  # noqa: B006
        return " ".join(Path(one.path).read_text() for one in [file, *more])


def injected(app: Server) -> None:
    @app.api
    def stateful(n: int, seen: Annotated[int, COUNTER]) -> tuple[int, Annotated[int, COUNTER]]:
        return seen + n, seen + n

    @app.api
    def who(request: Request) -> str:
        return f"{request.headers.get('x-test')} {request.username}"

    @app.api
    def steps(n: int, progress: Progress = Progress()) -> int:  # noqa: B008
        for _ in progress.tqdm(range(n), desc="step"):
            Info("one more")
        return n


def resources(app: Server) -> None:
    @app.api
    @app.mcp.resource("greeting://{name}/{times}", description="Greets")
    def greeting(name: str, times: int) -> str:
        return f"hi {name}" * times

    @app.mcp.resource("data://png", mime_type="image/png")
    @app.api
    def png() -> bytes:
        return PNG

    @app.api
    @app.mcp.resource("data://json", mime_type="application/json")
    def document() -> dict[str, int]:
        return {"a": 1}

    @app.api
    @app.mcp.resource("data://broken")
    def broken() -> str:
        raise Error("no data")

    @app.api
    @app.mcp.prompt(name="ask", description="Asks")
    def question(topic: str, loud: bool = False) -> str:
        return topic.upper() if loud else topic


def waiting(app: Server, gates: Gates) -> None:
    @app.api
    async def wait() -> str:
        gates.started.set()
        try:
            await asyncio.Event().wait()
        finally:
            gates.cancelled.set()
        return ""


@asynccontextmanager
async def served(app: Server, **options: Any) -> AsyncIterator[str]:
    """The URL of a running server. On the loop of the test, so that both share its events."""
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    from gradio_reference.serving import Plan
    from gradio_reference.serving import listen

    app.configure(mcp_server=True, **options)
    listener = listen(Plan(port=0))
    port = listener.getsockname()[1]
    config = Config()
    config.bind = [f"fd://{listener.detach()}"]
    stop = asyncio.Event()
    task = asyncio.ensure_future(serve(app, config, shutdown_trigger=stop.wait))
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        app.say_goodbye()
        stop.set()
        await task


def plain(url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, trust_env=False)


@asynccontextmanager
async def connected(url: str, **options: Any) -> AsyncIterator[Any]:
    """A session of the official client."""
    async with (
        httpx.AsyncClient(trust_env=False, follow_redirects=True, **options) as http,
        streamable_http_client(f"{url}/gradio_api/mcp/", http_client=http) as (read, write, _),
        mcp.ClientSession(read, write) as session,
    ):
        await session.initialize()
        yield session


async def text_of(session: Any, tool: str, **arguments: Any) -> str:
    result = await session.call_tool(tool, arguments)
    assert not result.isError, result
    [block] = result.content
    return str(block.text)


def read(answer: Any) -> Any:
    """The one message of an answer."""
    assert answer.headers["content-type"] == "text/event-stream"
    [data] = [line[6:] for line in answer.text.splitlines() if line.startswith("data: ")]
    return json.loads(data)
