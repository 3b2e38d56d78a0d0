"""Serving for real: Hypercorn, sockets, signals, the command line."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gradio_reference import Server
from gradio_reference import adapters
from gradio_reference import cli
from gradio_reference import serving
from gradio_reference.adapters import on_hypercorn
from gradio_reference.serving import Plan

APP = """
import asyncio
from gradio_reference import Server

app = Server(title="From a file")

@app.api
def echo(text: str) -> str:
    return text

@app.api(concurrency_limit=None)
async def wait(text: str) -> str:
    await asyncio.Event().wait()

@app.api(api_visibility="private")
def secret() -> None: ...

@app.get("/")
async def index():
    return {"own": "route"}

"""


def get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=20) as answer:
        return json.load(answer)


def post(url: str, body: Any) -> Any:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


@pytest.fixture
def app_file(tmp_path: Path) -> Path:
    path = tmp_path / "tools.py"
    path.write_text(APP)
    return path


@contextmanager
def served(*command: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A server in a process of its own, and the lines it printed until it was ready."""
    process = subprocess.Popen(
        [sys.executable, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip())
            if line.startswith("* API description"):
                break
        yield process, lines
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


@pytest.mark.parametrize("web_server", adapters.NAMES)
@pytest.mark.parametrize("ending", ["", "app.launch(show_error=True, server_port=1)\n"])
def test_the_command_line_serves_a_file_and_says_goodbye(
    app_file: Path, ending: str, web_server: str
) -> None:
    app_file.write_text(APP + ending)
    command = ("-m", "gradio_reference", str(app_file), "--port", "0", "--server", web_server)
    with served(*command) as (process, lines):
        url = lines[0].removeprefix("* Running on ")
        assert lines[1:3] == [
            f"  POST {url}/gradio_api/call/v2/echo  (text)",
            f"  POST {url}/gradio_api/call/v2/wait  (text)",
        ]
        config = get(url + "/config")
        assert (config["title"], config["root"]) == ("From a file", url)
        assert config["show_error"] is bool(ending)
        assert get(url + "/") == {"own": "route"}
        body = {"data": ["x"], "fn_index": 1, "session_hash": "s"}
        post(url + "/gradio_api/queue/join/", body)
        with urllib.request.urlopen(
            url + "/gradio_api/queue/data?session_hash=s", timeout=20
        ) as stream:
            first = stream.readline()
            process.send_signal(signal.SIGTERM)
            rest = stream.read()  # raises unless the body ends properly
        assert b"estimation" in first
        assert b"unexpected_error" in rest.splitlines()[-2]  # SSE-026
        assert process.wait(timeout=20) == 0


def test_a_function_that_never_returns_does_not_keep_the_process(app_file: Path) -> None:
    app_file.write_text(
        APP
        + """
import threading

@app.api
def stuck() -> None:
    threading.Event().wait()

app.launch(server_port=0)
"""
    )
    with served(str(app_file)) as (process, lines):
        url = lines[0].removeprefix("* Running on ")
        post(url + "/gradio_api/call/stuck", {"data": []})
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0


def test_any_asgi_server_can_serve_the_object(app_file: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        os.set_inheritable(listener.fileno(), True)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        process = subprocess.Popen(
            [sys.executable, "-m", "hypercorn", "--bind", f"fd://{listener.fileno()}", "tools:app"],
            cwd=app_file.parent,
            pass_fds=[listener.fileno()],
            stderr=subprocess.DEVNULL,
        )
        try:
            assert post(url + "/gradio_api/run/echo", {"data": ["x"]})["data"] == ["x"]
        finally:
            process.terminate()
            process.wait(timeout=20)


def test_launch_in_the_background_and_close(capsys: pytest.CaptureFixture[str]) -> None:
    app = Server(__name__)

    @app.api
    def echo(text: str) -> str:
        return text

    for _ in "ab":  # it can be launched again
        server, url, share = app.launch(server_port=0, prevent_thread_lock=True)
        assert server is app
        assert share is None
        assert url in capsys.readouterr().out
        assert post(url + "/gradio_api/run/echo", {"data": ["x"]})["data"] == ["x"]
        with pytest.raises(RuntimeError, match="already runs"):
            app.launch(server_port=0)
        app.close()
        with pytest.raises(urllib.error.URLError):
            get(url + "/config")
    app.close()  # twice does no harm


def test_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving.listen(Plan(port=0)) as first:
        taken = first.getsockname()[1]
        with pytest.raises(OSError, match=f"port {taken}"):
            serving.listen(Plan(port=taken))
        monkeypatch.setattr(serving, "FIRST_PORT", taken)
        with serving.listen(Plan()) as second:
            assert second.getsockname()[1] > taken
        monkeypatch.setenv("GRADIO_SERVER_PORT", "none")
        with pytest.raises(ValueError, match="GRADIO_SERVER_PORT"):
            serving.listen(Plan())
    with pytest.raises(OSError, match=r"nowhere\.invalid"):
        serving.listen(Plan(host="nowhere.invalid", port=0))


@pytest.mark.parametrize(
    ("text", "arguments", "message"),
    [
        (None, [], "there is no such file"),
        ("x = 1", [], "no Server found"),
        ("import nowhere_at_all", [], "line 1: ModuleNotFoundError"),
        ("def (", [], "SyntaxError"),
        (APP + "other = Server()", [], "several Servers (app, other)"),
        (APP, ["--app", "nope"], "'nope' is not a Server; found: app"),
        (APP + "\n@app.api\ndef bad(a) -> None: ...\n", [], "'a' has no type hint"),
    ],
)
def test_the_command_line_explains_what_is_wrong(
    app_file: Path,
    capsys: pytest.CaptureFixture[str],
    text: str | None,
    arguments: list[str],
    message: str,
) -> None:
    path = app_file if text is not None else app_file.with_name("missing.py")
    if text is not None:
        app_file.write_text(text)
    assert cli.main([str(path), *arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert message in error


def test_one_of_several_servers_can_be_chosen(app_file: Path) -> None:
    app_file.write_text(APP + "other = Server(title='Other')\nother.launch(server_port=7)\n")
    server, plan = cli.load(app_file)
    assert (server._settings.title, plan.port) == ("Other", 7)
    server, plan = cli.load(app_file, "app")
    assert (server._settings.title, plan) == ("From a file", Plan())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"max_size": 0}, "max_size: 0"),
        ({"max_threads": 0}, "max_threads: 0"),
        ({"max_threads": True}, "max_threads: True"),
        ({"default_concurrency_limit": 0}, "default_concurrency_limit: 0"),
        ({"default_concurrency_limit": "2"}, "default_concurrency_limit: '2'"),
        ({"root_path": "sub"}, "root_path: 'sub'"),
    ],
)
def test_bad_settings_are_named(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Server(__name__).configure(**settings)


@pytest.mark.anyio
async def test_an_asgi_server_that_starts_the_app_again_gets_a_fresh_queue() -> None:
    app = Server(__name__)

    @app.api
    def echo(text: str) -> str:
        return text

    for _ in "ab":
        async with app.test_app() as running:
            client = running.test_client()
            response = await client.post("/gradio_api/run/echo", json={"data": ["x"]})
            assert (await response.get_json())["data"] == ["x"]
            response = await client.post("/gradio_api/call/echo", json={"data": ["x"]})
            assert response.status_code == 200


async def answered(port: int) -> asyncio.StreamWriter:
    """A connection that has been used once."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /config HTTP/1.1\r\nhost: x\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    while await reader.readline() != b"\r\n":
        pass
    return writer


@pytest.mark.anyio
async def test_nothing_is_left_of_a_connection_whose_client_has_gone() -> None:
    """Not even for as long as it would have been kept alive."""
    server = Server(__name__)
    plan = Plan(port=0)
    listener = serving.listen(plan)
    port = listener.getsockname()[1]
    stop = asyncio.Event()
    serves = asyncio.create_task(on_hypercorn.serve(server, listener, plan, stop))
    async with asyncio.timeout(20):
        first = await answered(port)
        before = asyncio.all_tasks()
        writer = await answered(port)
        connection = asyncio.all_tasks() - before
        assert connection
        writer.close()
        await asyncio.wait(connection)
        first.close()
        stop.set()
        await serves
