"""The demo app on the reference server, and Chromium to look at it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect
from playwright.sync_api import sync_playwright

HTML = Path(__file__).resolve().parents[1] / "html"
SYSTEM_BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
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

expect.set_options(timeout=30_000)  # ms; the default of 5 s is short of a loaded machine's worst


def _browser() -> str | None:
    """Path of a system browser; None when Playwright's own has been installed."""
    if chosen := os.environ.get("CHROMIUM_BIN"):
        return chosen
    with sync_playwright() as playwright:
        if Path(playwright.chromium.executable_path).exists():
            return None
    found = next((path for name in SYSTEM_BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail("no Chromium: apt-get install chromium, or set CHROMIUM_BIN")
    return found


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """pytest-playwright's hook: which browser, and what it must leave alone."""
    args = {**browser_type_launch_args, "args": list(QUIET)}
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        args["chromium_sandbox"] = False  # Chromium refuses to be root inside its sandbox
    if path := _browser():
        args["executable_path"] = path
    return args


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
