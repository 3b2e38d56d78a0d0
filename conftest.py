"""Settings all parts' tests share."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import signal
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

settings.register_profile(
    "project",
    deadline=None,  # a loaded machine must not turn a correct property red
    derandomize="CI" in os.environ,  # a red build has its cause in the change that it judges
    print_blob=True,
)
settings.load_profile("project")

# A shell starts background jobs with SIGINT ignored, and so would be every child of the tests, also
# those that are interrupted on purpose.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


# The first is what Playwright itself takes where nobody looks on, and half the work of the others.
SYSTEM_BROWSERS = (
    *("chromium-headless-shell", "chromium", "chromium-browser"),
    *("google-chrome", "google-chrome-stable"),
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


@pytest.fixture(scope="module")
def gradio_is_used() -> Iterator[None]:
    """For a module whose tests use Gradio in this process: it leaves event loops to the garbage
    collector. They are taken here, before pytest finds in another test what nobody closed.
    """
    yield
    _take_what_gradio_left()


@pytest.hookimpl(tryfirst=True)
def pytest_unconfigure() -> None:
    _take_what_gradio_left()


def _take_what_gradio_left() -> None:
    if "gradio" in sys.modules:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            asyncio.set_event_loop(None)  # the one that it installed for this thread
            for _ in range(5):  # what a finaliser frees is found by the next one
                gc.collect()
