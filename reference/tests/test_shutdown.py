"""An orderly stop: who is told, what still runs, and that it ends."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from gradio_reference import Request
from gradio_reference import Server
from gradio_reference import State
from gradio_reference import adapters

APP = """
import asyncio
import sys
from collections.abc import AsyncIterator
from gradio_reference import Request, Server, serving

app = Server()

def say(text: str) -> None:
    # One write: the threads that print have no other lock between them.
    sys.stdout.write(text + "\\n")
    sys.stdout.flush()

@app.api
async def tidy() -> AsyncIterator[str]:
    try:
        yield "started"
        await asyncio.Event().wait()
    finally:
        await asyncio.sleep(0)
        say("tidied up")

@app.unload
def gone(request: Request) -> None:
    say(f"unloaded {request.session_hash}")

@app.unload
async def gone_too() -> None:
    await asyncio.sleep(0)
    say("unloaded on the loop")

serving.launch(app, serving.Plan(port=0, web_server=sys.argv[1]))
print("launch returned", flush=True)
"""


def post(url: str, body: Any) -> Any:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


@pytest.mark.parametrize("web_server", adapters.NAMES)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_all_properly(
    tmp_path: Path, number: signal.Signals, web_server: str
) -> None:
    """SSE-026, STATE-025, and STATE-019 for the sessions that are still there."""
    file = tmp_path / "app.py"
    file.write_text(APP)
    command = [sys.executable, str(file), web_server]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().split()[-1] + "/gradio_api"
            post(f"{url}/queue/join", {"data": [], "fn_index": 0, "session_hash": "s"})
            event = post(f"{url}/call/tidy", {"data": []})["event_id"]
            paths = ("/queue/data?session_hash=s", f"/call/tidy/{event}", "/heartbeat/s")
            data, call, alive = [urllib.request.urlopen(url + path, timeout=20) for path in paths]
            with data, call, alive:
                while b"process_generating" not in data.readline():
                    pass
                assert alive.readline() == b"data: ALIVE\n"
                server.send_signal(number)
                # To read on raises unless the bodies end properly.
                said = json.loads(data.read().splitlines()[-2].removeprefix(b"data: "))
                assert (said["msg"], said["success"]) == ("unexpected_error", False)
                assert call.read().splitlines()[-3] == b"event: error"
                alive.read()
            printed = server.stdout.read().splitlines()
        finally:
            server.kill()
        assert server.wait(timeout=20) == 0
    assert sorted(printed[-4:-1]) == ["tidied up", "unloaded on the loop", "unloaded s"]
    assert printed[-1] == "launch returned"


@pytest.mark.anyio
async def test_who_does_not_end_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    app = Server(__name__)
    stubborn = asyncio.Event()

    @app.unload
    async def never() -> None:
        while not stubborn.is_set():
            try:
                await stubborn.wait()
            except asyncio.CancelledError:
                continue

    app.configure(grace=0.05)
    service = app._provide()
    service.sessions.opened("s")
    service.sessions.closed(Request(session_hash="s"))
    service.close()
    await asyncio.wait_for(service.drain(), 20)
    assert "without waiting for 1 functions" in caplog.text
    stubborn.set()
    await asyncio.wait_for(asyncio.gather(*service.sessions.ends), 20)
    await service.drain()


@pytest.mark.anyio
async def test_delete_callbacks_are_waited_for() -> None:
    dropped: list[int] = []
    held = State(0, delete_callback=dropped.append)
    app = Server(__name__)
    app.configure(state_session_capacity=1)

    @app.api(on_change=held)
    def changed() -> None: ...

    service = app._provide()
    for session in "ab":
        service.sessions.keep({held: 5}, session)
    service.close()
    await asyncio.wait_for(service.drain(), 20)
    assert dropped == [5]


@pytest.mark.parametrize("grace", [0, -1])
def test_a_grace_time_is_positive(grace: float) -> None:
    with pytest.raises(ValueError, match="grace"):
        Server(__name__).configure(grace=grace)
