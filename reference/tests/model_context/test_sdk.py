"""The Model Context Protocol of the server, as its official SDK sees it over HTTP."""

from __future__ import annotations

import asyncio
import base64
import json
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from gradio_reference import Server

from .app import BOTH
from .app import PING
from .app import PNG
from .app import Gates
from .app import connected
from .app import make
from .app import plain
from .app import read
from .app import served
from .app import text_of

pytest.importorskip("mcp")
from mcp.shared.exceptions import McpError

pytestmark = pytest.mark.anyio


# --- tools ---------------------------------------------------------------------------------------


async def test_the_public_endpoints_are_tools(tmp_path: Path) -> None:
    async with served(make(tmp_path)) as url, connected(url) as session:
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


async def test_a_call_gives_text(tmp_path: Path) -> None:
    async with served(make(tmp_path)) as url, connected(url) as session:
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
    tmp_path: Path, tool: str, arguments: Any, text: str
) -> None:
    async with served(make(tmp_path)) as url, connected(url) as session:
        result = await session.call_tool(tool, arguments)
    assert result.isError
    assert result.content[0].text.startswith(text)


async def test_show_error_tells_why(tmp_path: Path) -> None:
    async with served(make(tmp_path), show_error=True) as url, connected(url) as session:
        result = await session.call_tool("fail", {"shown": False})
    assert (result.isError, result.content[0].text) == (True, "secret")


async def test_a_full_queue_is_an_error(tmp_path: Path) -> None:
    gates = Gates()
    async with served(make(tmp_path, gates), max_size=1) as url, connected(url) as session:
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


async def test_progress_is_told_to_who_asks(tmp_path: Path) -> None:
    told: list[tuple[float, str | None]] = []

    async def tell(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, message))

    async with served(make(tmp_path)) as url, connected(url) as session:
        result = await session.call_tool("steps", {"n": 2}, progress_callback=tell)
        assert not result.isError
        result = await session.call_tool("count", {"n": 2})
    numbers = [number for number, _ in told]
    assert numbers == [float(number) for number in range(len(told))]
    texts = [text for _, text in told]
    assert {"Processing", "one more", "Progress step: Step 2 of 2"} <= set(texts)


async def test_headers_reach_the_function(tmp_path: Path) -> None:
    async with served(make(tmp_path)) as url, connected(url, headers={"X-Test": "42"}) as session:
        assert await text_of(session, "who") == "42 None"


async def test_files_come_as_urls_and_images_as_images(tmp_path: Path) -> None:
    async with served(make(tmp_path)) as url, connected(url) as session:
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


async def test_tools_can_be_selected_in_the_url(tmp_path: Path) -> None:
    async with served(make(tmp_path)) as url, plain(url) as http:
        listed = (await http.get("/gradio_api/mcp/schema", params={"tools": "add,ask"})).json()
        body = {**PING, "method": "tools/list"}
        answer = await http.post(
            "/gradio_api/mcp/", params={"tools": "add"}, json=body, headers=BOTH
        )
    assert [one["name"] for one in listed] == ["add", "ask"]
    assert [tool["name"] for tool in read(answer)["result"]["tools"]] == ["add"]


async def test_the_schema_lists_all(tmp_path: Path) -> None:
    app = make(tmp_path)
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


async def test_names_are_unique_and_of_plain_characters(tmp_path: Path) -> None:
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


async def test_resources(tmp_path: Path) -> None:
    async with served(make(tmp_path)) as url, connected(url) as session:
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


async def test_prompts(tmp_path: Path) -> None:
    async with served(make(tmp_path)) as url, connected(url) as session:
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
