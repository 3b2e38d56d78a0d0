"""The same app files on Gradio and on the reference server: what clients see is the same.

No expectation is written down: Gradio says what is right. differences.yaml lists where the
reference server answers otherwise, and why; each entry must occur, and nothing else may.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gradio_spec.loader import load_known

from .comparing import Found
from .comparing import Listed
from .comparing import differences
from .comparing import load
from .comparing import normal
from .recording import Call
from .recording import Recorder

CALLS = load("calls")
REQUESTS = load("requests")
LISTED = [Listed(**entry) for entry in load("differences")]
ERRATA = {entry.erratum for entry in load_known("gradio-6.31.0").entries}
DOCUMENTS = ("config", "info", "info_of_all")
PARTS = [
    *((app, part) for app in CALLS for part in ("served", *DOCUMENTS)),
    *((app, "requests") for app in REQUESTS),
    *((app, f"calls/{endpoint}") for app, endpoints in CALLS.items() for endpoint in endpoints),
]
HERE = Path(__file__).parent
# Each thread makes one call at a time; more of them than cores only make a busy machine late.
THREADS = 3
needs_gradio = [pytest.mark.gradio, pytest.mark.slow, pytest.mark.timeout(900)]


@contextmanager
def served(library: str) -> Iterator[dict[str, str | None]]:
    """The URL of each app on `library`; None where it refuses the app."""
    python = os.environ.get("GRADIO_PYTHON", sys.executable)
    command = [python, "-m", f"{HERE.name}.serve", library, *CALLS]
    environment = os.environ | {"GRADIO_ANALYTICS_ENABLED": "False"}
    with subprocess.Popen(
        command,
        cwd=HERE.parent,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.stdin.close()


def record(app: str, url: str | None) -> dict[str, Any]:
    """All that an app has to say."""
    if url is None:
        return {"served": False}
    recorder = Recorder(url)
    try:
        found: dict[str, Any] = {"served": True, **recorder.documents()}
        found["requests"] = recorder.requests(REQUESTS.get(app, []))
        found["calls"] = {
            endpoint: [recorder.call(endpoint, Call.of(entry)) for entry in entries]
            for endpoint, entries in CALLS[app].items()
        }
        return found
    finally:
        recorder.close()


def recorded(library: str) -> dict[str, Any]:
    """The record of each app, without what is volatile."""
    with served(library) as urls, ThreadPoolExecutor(THREADS) as pool:
        records = pool.map(lambda app: record(app, urls[app]), CALLS)
        return {app: normal(app, found) for app, found in zip(CALLS, records, strict=True)}


@pytest.fixture(scope="module")
def found() -> list[Found]:
    """Where the two libraries differ."""
    with ThreadPoolExecutor(2) as pool:
        gradio, reference = pool.map(recorded, ("gradio", "reference"))
    return [
        item
        for app in CALLS
        for item in (
            differences(gradio[app], reference[app], app)
            if gradio[app]["served"] and reference[app]["served"]
            else differences(gradio[app]["served"], reference[app]["served"], f"{app}/served")
        )
    ]


def is_in(item: Found, part: str) -> bool:
    return item.path == part or item.path.startswith(f"{part}/")


class TestOnBoth:
    """What needs Gradio."""

    pytestmark = needs_gradio

    @pytest.mark.parametrize(("app", "part"), PARTS, ids=str)
    def test_same(self, app: str, part: str, found: list[Found]) -> None:
        here = [item for item in found if is_in(item, f"{app}/{part}")]
        news = [item for item in here if not any(entry.covers(item) for entry in LISTED)]
        if news:
            pytest.fail("\n".join(map(str, news)), pytrace=False)

    @pytest.mark.parametrize("entry", LISTED, ids=lambda entry: entry.at)
    def test_listed_difference_is_there(self, entry: Listed, found: list[Found]) -> None:
        assert any(entry.covers(item) for item in found), "no longer a difference: take it out"


@pytest.mark.parametrize("entry", LISTED, ids=lambda entry: entry.at)
def test_erratum_is_a_known_deviation(entry: Listed) -> None:
    assert entry.erratum is None or entry.erratum in ERRATA


def test_every_app_is_called() -> None:
    files = {path.stem for path in (HERE / "apps").glob("*.py")}
    assert files == set(CALLS)
    assert set(REQUESTS) <= files
    assert load("volatile")["values"]
