"""MCP over plain HTTP: what is no request, who is let in, what ends early, what lives how long."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from gradio_reference import Server
from gradio_reference import mount_gradio_app

from .app import BOTH
from .app import PING
from .app import Gates
from .app import connected
from .app import make
from .app import plain
from .app import read
from .app import served
from .app import text_of

pytestmark = pytest.mark.anyio


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
async def test_what_is_no_request(tmp_path: Path, change: Any, status: int, code: int) -> None:
    options = {"content": json.dumps(PING).encode(), "headers": BOTH, **change}
    async with served(make(tmp_path)) as url, httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(f"{url}/gradio_api/mcp/", **options)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


async def test_http(tmp_path: Path) -> None:
    async with served(make(tmp_path)) as url, plain(url) as http:
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


async def test_the_login_guards_it(tmp_path: Path) -> None:
    async with served(make(tmp_path), auth=("ann", "secret")) as url:
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


async def test_who_goes_away_cancels_the_call(tmp_path: Path) -> None:
    gates = Gates()
    body = {**PING, "method": "tools/call", "params": {"name": "wait"}}
    async with served(make(tmp_path, gates)) as url, plain(url) as http, asyncio.timeout(20):
        async with http.stream("POST", "/gradio_api/mcp/", json=body, headers=BOTH):
            await gates.started.wait()
            assert not gates.cancelled.is_set()
        await gates.cancelled.wait()


async def test_a_stop_answers_what_runs(tmp_path: Path) -> None:
    gates = Gates()
    body = {**PING, "method": "tools/call", "params": {"name": "wait"}}
    async with httpx.AsyncClient(trust_env=False) as http, asyncio.timeout(20):
        async with served(make(tmp_path, gates)) as url:
            posted = http.post(f"{url}/gradio_api/mcp/", json=body, headers=BOTH)
            call = asyncio.ensure_future(posted)
            await gates.started.wait()
        result = read(await call)["result"]
    assert result["isError"]
    assert "stopping" in result["content"][0]["text"]


async def test_a_server_that_starts_again_speaks_again(tmp_path: Path) -> None:
    app = make(tmp_path)
    for _ in range(2):
        async with served(app) as url, connected(url) as session:
            assert await text_of(session, "add", a=1) == "3"


async def test_below_another_app(tmp_path: Path) -> None:
    app = make(tmp_path)
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


def test_launch_says_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    app = make(tmp_path)
    _, url, _ = app.launch(server_port=0, mcp_server=True, prevent_thread_lock=True)
    try:
        assert f"* MCP server: {url}/gradio_api/mcp/" in capsys.readouterr().out
        answer = httpx.post(f"{url}/gradio_api/mcp/", json=PING, headers=BOTH, trust_env=False)
        assert read(answer)["result"] == {}
    finally:
        app.close()
