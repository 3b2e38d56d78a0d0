"""The examples of the server's README do what it says."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gradio_reference import Server
from gradio_reference.auth import MAX_LOGINS
from gradio_reference.auth import THREADS
from gradio_reference.cache import MAX_ENTRIES
from gradio_reference.cache import MAX_MEMORY
from gradio_reference.core.model import Limits
from gradio_reference.monitoring import HISTORY
from gradio_reference.service import MOST_WAITING
from gradio_reference.service import Settings

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
pytestmark = pytest.mark.anyio


def app_of(example: str) -> Server:
    names: dict[str, Any] = {"__name__": __name__}
    exec(example, names)
    app = names["app"]
    assert isinstance(app, Server)
    return app


async def test_the_examples(client: Callable[[Server], Any]) -> None:
    apps = (client(app_of(example)) for example in EXAMPLES)
    validators, caches, chunks, media, tools, users, mounted = apps
    assert (await validators.outcome("greet", 7, "Ada"))["output"]["data"] == ["Ada, 7"]
    response = await validators.post("/run/greet", {"data": [200, "Ada"]})
    assert response.status_code == 422
    for used in (None, "full"):
        end = await caches.outcome("shout", "so")
        assert (end["output"]["data"], end["used_cache"]) == (["SO"], used)
    joined = await chunks.join("loudness", [0.5, -0.75])
    assert (await chunks.post(f"/stream/{joined}/close", {})).status_code == 200
    assert (await chunks.read())[-2]["output"]["data"] == [0.75]
    assert (await media.outcome("replay", "/nowhere"))["output"]["data"] == [None]
    listed = await (await tools.http.get("/gradio_api/mcp/schema")).get_json()
    assert [one["name"] for one in listed] == ["letters", "greeting"]
    for one, name, word in ((users, "bob", "hidden"), (mounted, "ann", "secret")):
        assert (await one.http.get("/config")).status_code == 401
        await one.http.post("/login", form={"username": name, "password": word})
        assert (await (await one.http.get("/config")).get_json())["username"] == name
    assert (await users.outcome("who"))["output"]["data"] == ["bob"]


def test_the_limits() -> None:
    cells = [line.split(" | ")[1].strip() for line in README.split("## Limits")[1].splitlines()[4:]]
    told = [
        int(found[0].replace(",", "")) if (found := re.findall(r"[\d,]*\d", cell)) else None
        for cell in cells
    ]
    settings = Settings()
    assert told == [
        MOST_WAITING,
        Limits().payloads // 2**30,
        settings.default_limit,
        settings.max_threads,
        settings.state_session_capacity,
        MAX_ENTRIES,
        HISTORY,
        settings.grace,
        MAX_LOGINS,
        THREADS,
    ]
    assert f"{MAX_MEMORY // 2**20} MiB" in cells[5]
