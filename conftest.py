"""Settings all parts' tests share."""

from __future__ import annotations

import gc
import os
import signal
import sys
import warnings
from collections.abc import Iterator

import pytest
from hypothesis import settings

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
            for _ in range(5):  # what a finaliser frees is found by the next one
                gc.collect()
