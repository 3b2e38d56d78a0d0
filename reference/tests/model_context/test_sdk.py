"""The Model Context Protocol of the server, as its official SDK sees it over HTTP."""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from collections.abc import Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Annotated
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from gradio_reference import Error
from gradio_reference import FileData
from gradio_reference import Info
from gradio_reference import Progress
from gradio_reference import Request
from gradio_reference import Server
from gradio_reference import State
from gradio_reference import cache
from gradio_reference import mount_gradio_app
from gradio_reference import validate

mcp = pytest.importorskip("mcp")
from mcp.client.streamable_http import streamable_http_client  # noqa: E402
from mcp.shared.exceptions import McpError  # noqa: E402

pytestmark = pytest.mark.anyio

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


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


async def text_of(session: Any, tool: str, **arguments: Any) -> str:
    result = await session.call_tool(tool, arguments)
    assert not result.isError, result
    [block] = result.content
    return str(block.text)


# --- tools ---------------------------------------------------------------------------------------


async def test_the_public_endpoints_are_tools(folder: Path) -> None:
    async with served(make(folder)) as url, connected(url) as session:
        found = {tool.name: tool for tool in (await session.list_tools()).tools}
    assert list(found)[:6] == ["add", "count", "two", "shout", "described_so", "fail"]
    assert not {"hidden", "private", "greeting", "question", "ask"} & set(found)
    add = found["add"]
    assert add.description == "Adds. Returns: the sum"
    assert add.inputSchema == {
        "type": "object",
        "properties": {
            "a": {"type": "integer", "description": "the first"},
            "b": {"type": "integer", "description": "the second", "default": 2},
        },
        "required": ["a"],
    }
    for name, parameters in {"stateful": ["n"], "who": [], "steps": ["n"]}.items():
        assert list(found[name].inputSchema["properties"]) == parameters
    described = found["described_so"]
    assert (described.description, described.meta) == ("Says so", {"k": 1})
    assert described.outputSchema["properties"]["result"]["type"] == "object"
    wanted = found["read"].inputSchema["properties"]
    assert (wanted["file"]["type"], wanted["more"]["items"]["type"]) == ("string", "string")


async def test_a_call_gives_text(folder: Path) -> None:
    async with served(make(folder)) as url, connected(url) as session:
        assert await text_of(session, "add", a=1) == "3"
        assert await text_of(session, "count", n=3) == "2"
        assert await text_of(session, "two", text="é") == "['é', True]"
        assert [await text_of(session, "shout", text="a") for _ in "ab"] == ["A", "A"]
        # Each call is a session of its own.
        assert [await text_of(session, "stateful", n=4) for _ in "ab"] == ["4", "4"]
        result = await session.call_tool("described_so", {"n": 1})
        assert (result.structuredContent, result.meta) == ({"result": {"n": 1}}, {"k": 1})


@pytest.mark.parametrize(
    ("tool", "arguments", "text"),
    [
        ("nobody", {}, "Unknown tool: nobody"),
        ("hidden", {}, "Unknown tool: hidden"),
        ("private", {}, "Unknown tool: private"),
        ("greeting", {"name": "x", "times": 1}, "Unknown tool: greeting"),
        ("add", {}, "Input validation error: 'a' is a required property"),
        ("add", {"a": "x"}, "Input validation error: a: 'x' is not of type 'integer'"),
        ("add", {"a": 1, "c": 1}, "Input validation error: add has no parameter 'c'"),
        ("fail", {"shown": True}, "no luck"),
        ("fail", {"shown": False}, "The function failed. This server does not tell why"),
        ("positive", {"n": 0}, "too small"),
        ("read", {"file": "/etc/passwd"}, "data[0]: path is no file that was uploaded here"),
    ],
)
async def test_what_fails_is_a_result_with_an_error(
    folder: Path, tool: str, arguments: Any, text: str
) -> None:
    async with served(make(folder)) as url, connected(url) as session:
        result = await session.call_tool(tool, arguments)
    assert result.isError
    assert result.content[0].text.startswith(text)


async def test_show_error_tells_why(folder: Path) -> None:
    async with served(make(folder), show_error=True) as url, connected(url) as session:
        result = await session.call_tool("fail", {"shown": False})
    assert (result.isError, result.content[0].text) == (True, "secret")


async def test_a_full_queue_is_an_error(folder: Path) -> None:
    gates = Gates()
    async with served(make(folder, gates), max_size=1) as url, connected(url) as session:
        calls = [asyncio.ensure_future(session.call_tool("wait", {}))]
        await gates.started.wait()
        calls.append(asyncio.ensure_future(session.call_tool("wait", {})))
        async with plain(url) as http:
            while True:
                status = (await http.get("/gradio_api/queue/status")).json()
                if status["queue_size"]:
                    break
        result = await session.call_tool("add", {"a": 1})
        assert result.isError
        assert "full" in result.content[0].text
        for call in calls:
            call.cancel()


async def test_progress_is_told_to_who_asks(folder: Path) -> None:
    told: list[tuple[float, str | None]] = []

    async def tell(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, message))

    async with served(make(folder)) as url, connected(url) as session:
        result = await session.call_tool("steps", {"n": 2}, progress_callback=tell)
        assert not result.isError
        result = await session.call_tool("count", {"n": 2})
    numbers = [number for number, _ in told]
    assert numbers == [float(number) for number in range(len(told))]
    texts = [text for _, text in told]
    assert {"Processing", "one more", "Progress step: Step 2 of 2"} <= set(texts)


async def test_headers_reach_the_function(folder: Path) -> None:
    async with served(make(folder)) as url, connected(url, headers={"X-Test": "42"}) as session:
        assert await text_of(session, "who") == "42 None"


async def test_files_come_as_urls_and_images_as_images(folder: Path) -> None:
    async with served(make(folder)) as url, connected(url) as session:
        where = await text_of(session, "file", name="a.txt")
        assert where.startswith(f"{url}/gradio_api/file=")
        image, link = (await session.call_tool("file", {"name": "a.png"})).content
        assert (image.mimeType, base64.b64decode(image.data)) == ("image/png", PNG)
        assert link.text.startswith(f"Image URL: {url}/gradio_api/file=")
        async with plain(url) as http:
            assert (await http.get(where)).text == "text"
            sent = {"files": ("b.txt", b"sent")}
            [path] = (await http.post("/gradio_api/upload", files=sent)).json()
        own = f"{url}/gradio_api/file={path}"
        assert await text_of(session, "read", file=own, more=[path, own]) == "sent sent sent"


async def test_tools_can_be_selected_in_the_url(folder: Path) -> None:
    async with served(make(folder)) as url, plain(url) as http:
        listed = (await http.get("/gradio_api/mcp/schema", params={"tools": "add,ask"})).json()
        body = {**PING, "method": "tools/list"}
        answer = await http.post(
            "/gradio_api/mcp/", params={"tools": "add"}, json=body, headers=BOTH
        )
    assert [one["name"] for one in listed] == ["add", "ask"]
    assert [tool["name"] for tool in read(answer)["result"]["tools"]] == ["add"]


async def test_the_schema_lists_all(folder: Path) -> None:
    app = make(folder)
    async with served(app) as url, httpx.AsyncClient(trust_env=False) as http:
        listed = (await http.get(f"{url}/gradio_api/mcp/schema")).json()
        assert (await http.get(f"{url}/config")).json()["mcp_server"] is True
    assert {one["meta"]["endpoint_name"] for one in listed} == {
        endpoint.name for endpoint in app.endpoints if endpoint.options.api_visibility == "public"
    }
    by_name = {one["name"]: one for one in listed}
    assert by_name["add"]["meta"] == {
        "file_data_present": False,
        "mcp_type": "tool",
        "endpoint_name": "renamed",
    }
    assert by_name["read"]["meta"]["file_data_present"]
    assert by_name["ask"]["meta"]["mcp_type"] == "prompt"


async def test_names_are_unique_and_of_plain_characters(folder: Path) -> None:
    app = Server(__name__)

    def größe(n: int) -> int:  # noqa: PLC2401
        return n

    for name in "abc":
        app.api(name=name)(größe)
    app.api(name="d")(lambda: None)
    app.api(name="e")(partial(größe, 1))
    async with served(app) as url, connected(url) as session:
        names = [tool.name for tool in (await session.list_tools()).tools]
    assert names == ["gr__e", "gr__e_1", "gr__e_2", "_lambda_", "partial"]


# --- resources and prompts -----------------------------------------------------------------------


async def test_resources(folder: Path) -> None:
    async with served(make(folder)) as url, connected(url) as session:
        listed = (await session.list_resources()).resources
        assert [str(one.uri) for one in listed] == ["data://png", "data://json", "data://broken"]
        [template] = (await session.list_resource_templates()).resourceTemplates
        assert (template.uriTemplate, template.description) == (
            "greeting://{name}/{times}",
            "Greets",
        )
        [text] = (await session.read_resource("greeting://bob%20x/2")).contents
        assert text.text == "hi bob xhi bob x"
        [blob] = (await session.read_resource("data://png")).contents
        assert (blob.mimeType, base64.b64decode(blob.blob)) == ("image/png", PNG)
        [text] = (await session.read_resource("data://json")).contents
        assert json.loads(text.text) == {"a": 1}
        for uri, code, said in (
            ("data://none", -32002, "Resource not found"),
            ("greeting://x/y", -32602, "times: 'y' is not of type 'integer'"),
            ("data://broken", -32603, "no data"),
        ):
            with pytest.raises(McpError, match=said) as caught:
                await session.read_resource(uri)
            assert caught.value.error.code == code


async def test_prompts(folder: Path) -> None:
    async with served(make(folder)) as url, connected(url) as session:
        [prompt] = (await session.list_prompts()).prompts
        assert (prompt.name, prompt.description) == ("ask", "Asks")
        assert [(one.name, one.required) for one in prompt.arguments] == [
            ("topic", True),
            ("loud", False),
        ]
        [message] = (await session.get_prompt("ask", {"topic": "a", "loud": "true"})).messages
        assert (message.role, message.content.text) == ("user", "A")
        for name, arguments in (("none", {}), ("ask", {}), ("question", {"topic": "a"})):
            with pytest.raises(McpError) as caught:
                await session.get_prompt(name, arguments)
            assert caught.value.error.code == -32602


def test_a_template_names_parameters() -> None:
    app = Server(__name__)

    @app.api
    @app.mcp.resource("x://{wrong}")
    def fn(right: str) -> str:
        return right

    app.configure(mcp_server=True)
    with pytest.raises(
        ValueError, match=r"mcp.resource\('x://\{wrong\}'\): fn has no parameter 'wr"
    ):
        app.prepare()


def test_what_cannot_be_marked_is_named() -> None:
    with pytest.raises(TypeError, match=r"app\.mcp\.tool cannot mark <built-in function len>"):
        Server(__name__).mcp.tool()(len)


# --- HTTP ----------------------------------------------------------------------------------------


def read(answer: Any) -> Any:
    """The one message of an answer."""
    assert answer.headers["content-type"] == "text/event-stream"
    [data] = [line[6:] for line in answer.text.splitlines() if line.startswith("data: ")]
    return json.loads(data)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"headers": {**BOTH, "Accept": "application/json"}}, 406, -32600),
        ({"headers": {**BOTH, "Accept": "*/*"}}, 406, -32600),
        ({"content": b"{"}, 400, -32700),
        ({"content": b""}, 400, -32700),
        ({"content": b"\xff"}, 400, -32700),
        ({"content": json.dumps({**PING, "x": 1}).replace("1", "NaN").encode()}, 400, -32700),
        ({"content": b"[" * 100_000}, 400, -32700),
        ({"content": json.dumps([PING]).encode()}, 400, -32602),
    ],
)
async def test_what_is_no_request(folder: Path, change: Any, status: int, code: int) -> None:
    options = {"content": json.dumps(PING).encode(), "headers": BOTH, **change}
    async with served(make(folder)) as url, httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(f"{url}/gradio_api/mcp/", **options)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


async def test_http(folder: Path) -> None:
    async with served(make(folder)) as url, plain(url) as http:
        answer = await http.post("/gradio_api/mcp?tools=add", json=PING, headers=BOTH)
        assert answer.status_code == 307
        assert answer.headers["location"] == f"{url}/gradio_api/mcp/?tools=add"
        answer = await http.post("/gradio_api/mcp/", json=PING, headers=BOTH)
        assert read(answer) == {"jsonrpc": "2.0", "id": 1, "result": {}}
        note = {"jsonrpc": "2.0", "method": "notifications/initialized"}
        answer = await http.post("/gradio_api/mcp/", json=note, headers=BOTH)
        assert (answer.status_code, answer.content) == (202, b"")
        for method in ("GET", "PUT", "DELETE"):
            answer = await http.request(method, "/gradio_api/mcp/", headers=BOTH)
            assert answer.status_code == 405
        large = json.dumps({**PING, "params": {"x": "a" * 5_000_000}})
        answer = await http.post("/gradio_api/mcp/", content=large, headers=BOTH)
        assert answer.status_code == 413


async def test_off_means_404(monkeypatch: pytest.MonkeyPatch) -> None:
    for value, status in (("", 404), ("False", 404), ("True", 200)):
        monkeypatch.setenv("GRADIO_MCP_SERVER", value)
        app = Server(__name__)
        client = app.test_client()
        assert (await client.get("/gradio_api/mcp/schema")).status_code == status
        config = await (await client.get("/config")).get_json()
        assert config["mcp_server"] is (status == 200)
        if status == 404:
            for path in ("/gradio_api/mcp", "/gradio_api/mcp/"):
                assert (await client.post(path, json=PING, headers=BOTH)).status_code == 404
    app = Server(__name__)
    app.configure(mcp_server=False)
    assert (await app.test_client().get("/gradio_api/mcp/schema")).status_code == 404


async def test_the_login_guards_it(folder: Path) -> None:
    async with served(make(folder), auth=("ann", "secret")) as url:
        async with plain(url) as http:
            for method, path in (("GET", "schema"), ("POST", ""), ("DELETE", "")):
                answer = await http.request(method, f"/gradio_api/mcp/{path}", headers=BOTH)
                assert answer.status_code in (401, 405), (method, path)
            assert (await http.post("/gradio_api/mcp/", json=PING, headers=BOTH)).status_code == 401
            form = {"username": "ann", "password": "secret"}
            cookies = (await http.post("/login", data=form)).cookies
        async with connected(url, cookies=cookies) as session:
            assert await text_of(session, "who") == "None ann"


# --- what ends early, and what lives how long ----------------------------------------------------


async def test_who_goes_away_cancels_the_call(folder: Path) -> None:
    gates = Gates()
    body = {**PING, "method": "tools/call", "params": {"name": "wait"}}
    async with served(make(folder, gates)) as url, plain(url) as http, asyncio.timeout(20):
        async with http.stream("POST", "/gradio_api/mcp/", json=body, headers=BOTH):
            await gates.started.wait()
            assert not gates.cancelled.is_set()
        await gates.cancelled.wait()


async def test_a_stop_answers_what_runs(folder: Path) -> None:
    gates = Gates()
    body = {**PING, "method": "tools/call", "params": {"name": "wait"}}
    async with httpx.AsyncClient(trust_env=False) as http, asyncio.timeout(20):
        async with served(make(folder, gates)) as url:
            posted = http.post(f"{url}/gradio_api/mcp/", json=body, headers=BOTH)
            call = asyncio.ensure_future(posted)
            await gates.started.wait()
        result = read(await call)["result"]
    assert result["isError"]
    assert "stopping" in result["content"][0]["text"]


async def test_a_server_that_starts_again_speaks_again(folder: Path) -> None:
    app = make(folder)
    for _ in range(2):
        async with served(app) as url, connected(url) as session:
            assert await text_of(session, "add", a=1) == "3"


async def test_below_another_app(folder: Path) -> None:
    app = make(folder)
    parent = mount_gradio_app(Starlette(), app, "/sub", mcp_server=True)
    body = {
        **PING,
        "method": "tools/call",
        "params": {"name": "file", "arguments": {"name": "a.txt"}},
    }
    browser = httpx.AsyncClient(transport=httpx.ASGITransport(parent), base_url="http://testserver")
    async with parent.router.lifespan_context(parent), browser as http:
        answer = await http.post("/sub/gradio_api/mcp/", json=body, headers=BOTH)
        text = read(answer)["result"]["content"][0]["text"]
        assert text.startswith("http://testserver/sub/gradio_api/file=")
        answer = await http.post("/sub/gradio_api/mcp", follow_redirects=False)
        assert answer.headers["location"] == "http://testserver/sub/gradio_api/mcp/"


LAZY = """
import sys
from gradio_reference import Server
app = Server()
app.api(name="x")(lambda: None)
app.mcp.tool()(lambda: None)
app.prepare()
assert not [name for name in sys.modules if name.split(".")[0] in ("mcp", "anyio")]
speaker = Server()
speaker.configure(mcp_server=True)
speaker.prepare()
assert "mcp" in sys.modules
"""


def test_without_it_nothing_of_the_sdk_is_imported() -> None:
    subprocess.run([sys.executable, "-c", LAZY], check=True, timeout=60)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mcp", None)
    with pytest.raises(RuntimeError, match=r"mcp_server=True needs the package mcp: pip install"):
        Server(__name__).configure(mcp_server=True)
    monkeypatch.setenv("GRADIO_MCP_SERVER", "true")
    with pytest.raises(RuntimeError, match=r"gradio-protocol\[server,mcp\]"):
        Server(__name__).launch(server_port=0, quiet=True, prevent_thread_lock=True)


def test_launch_says_where(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    app = make(folder)
    _, url, _ = app.launch(server_port=0, mcp_server=True, prevent_thread_lock=True)
    try:
        assert f"* MCP server: {url}/gradio_api/mcp/" in capsys.readouterr().out
        answer = httpx.post(f"{url}/gradio_api/mcp/", json=PING, headers=BOTH, trust_env=False)
        assert read(answer)["result"] == {}
    finally:
        app.close()
