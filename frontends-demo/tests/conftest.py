"""The demo app on the reference server, and Chromium to look at it."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

import httpx
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

HTML = Path(__file__).resolve().parents[1] / "html"
SYSTEM_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
READY_SECONDS = 60  # a cold start on a loaded machine
EXPECT_MS = 30_000  # Playwright's own 5 s is short of a loaded machine's worst

# Everything else of the tests runs without Playwright; `tox -e browser` fails if nothing is left.
collect_ignore = [] if importlib.util.find_spec("playwright") else ["test_html.py"]


def _browser(own: str) -> str | None:
    """Path of the browser to use; None for Playwright's ``own``, when that has been installed."""
    if chosen := os.environ.get("CHROMIUM_BIN"):
        return chosen
    if Path(own).exists():
        return None
    found = next((path for name in SYSTEM_BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail("no Chromium: apt-get install chromium, or set CHROMIUM_BIN")
    return found


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, Any], playwright: Playwright
) -> dict[str, Any]:
    """pytest-playwright's hook: which browser, and what it must leave alone."""
    args = {**browser_type_launch_args, "args": list(QUIET)}
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        args["chromium_sandbox"] = False  # Chromium refuses to be root inside its sandbox
    if path := _browser(playwright.chromium.executable_path):
        args["executable_path"] = path
    return args


@pytest.fixture(scope="session", autouse=not collect_ignore)
def patient() -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=EXPECT_MS)


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """URL of the demo app, served as a user would serve it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gradio_reference", str(HTML / "app.py"), "--port", str(port)]
    with tempfile.TemporaryFile() as log, subprocess.Popen(command, stdout=log, stderr=log) as app:
        try:
            _wait_until_ready(f"http://127.0.0.1:{port}/config", app)
            yield f"http://127.0.0.1:{port}"
        except AssertionError as error:
            log.seek(0)
            error.add_note(log.read().decode(errors="replace"))
            raise
        finally:
            app.terminate()


def _wait_until_ready(url: str, app: subprocess.Popen[bytes]) -> None:
    transport = httpx.HTTPTransport(retries=8)  # backs off between refused connections
    with httpx.Client(transport=transport, timeout=READY_SECONDS) as client:
        while True:
            assert app.poll() is None, f"the app ended with {app.returncode} before it was ready"
            try:
                client.get(url).raise_for_status()
            except httpx.ConnectError:
                continue
            return
