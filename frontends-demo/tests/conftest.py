"""Front ends in Chromium, on both libraries."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

import pytest

from . import servers
from .report import Report

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from .pages import DeskPage

HERE = Path(__file__).parent
ADA = ("ada", "love: lace")  # who may use a guarded server
EXPECT_MS = 30_000  # Playwright's own 5 s is short of a loaded machine's worst

# Everything else of the tests runs without Playwright; `tox -e browser` fails if nothing is left.
HAS_BROWSER = importlib.util.find_spec("playwright") is not None
BROWSERLESS = (
    "test_desk_clients.py",
    "test_desk_work.py",
    "test_html_client.py",
    "test_phone.py",
)
collect_ignore = [
    path.name for path in HERE.glob("test_*.py") if path.name not in BROWSERLESS and not HAS_BROWSER
]


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # the one process that hears of all tests
        config.pluginmanager.register(Report(config.rootpath / "report" / "frontends"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Whatever asks for ``site`` runs for each front end on each library; one worker has one.
    A module with ``ONLY`` is about these front ends alone.
    """
    if "site" in metafunc.fixturenames:
        only = getattr(metafunc.module, "ONLY", servers.KEEPING)
        pairs = [pair for pair in _pairs() if pair.values[0][0] in only]
        metafunc.parametrize("site", pairs, indirect=True, scope="session")


@cache  # pytest keeps a fixture as long as its parameter is the very same
def _pairs() -> list[Any]:
    pairs = [(name, library) for name in servers.built() for library in servers.LIBRARIES]
    return [pytest.param(pair, id="-".join(pair)) for pair in pairs]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    if config.getvalue("dist") != "loadgroup":
        return None
    from .scheduling import ByPair

    return ByPair(config, log)


@pytest.fixture(scope="session", autouse=HAS_BROWSER)
def patient() -> None:
    from playwright.sync_api import expect

    expect.set_options(timeout=EXPECT_MS)


@pytest.fixture(scope="session")
def site(request: pytest.FixtureRequest) -> Iterator[servers.Site]:
    """A front end on a library, for all tests of this pair."""
    with servers.site(*request.param) as one:
        yield one


@pytest.fixture
def fair(request: pytest.FixtureRequest, site: servers.Site) -> Iterator[None]:
    """No misfortune outlives its test, and nobody breaks the protocol unnoticed."""
    yield from _judged(request, site)


@pytest.fixture(scope="session")
def guarded_site(site: servers.Site) -> Iterator[servers.Site]:
    """The same front end on a server that wants a log-in."""
    with servers.site(site.frontend, site.library, "--login", ":".join(ADA)) as one:
        yield one


@pytest.fixture
def guarded(request: pytest.FixtureRequest, guarded_site: servers.Site) -> Iterator[servers.Site]:
    judged = _judged(request, guarded_site)
    next(judged)
    yield guarded_site
    next(judged, None)


def _judged(request: pytest.FixtureRequest, site: servers.Site) -> Iterator[None]:
    from . import judging

    since = len(site.proxy.observations)
    request.node.user_properties.append(("pair", (site.frontend, site.library)))
    yield
    site.proxy.faults.clear()
    site.server.start()  # it still stands still where a test that had stopped it has failed
    found = judging.offences(site.proxy.observations[since:])
    for one in found:
        told = (one.side, one.clause, one.expected, one.actual)
        request.node.user_properties.append(("offence", told))
    wrong = judging.unexpected(site, found)
    site.excused.clear()
    assert wrong == []


@pytest.fixture
def desk(site: servers.Site, fair: None, page: Page) -> Iterator[DeskPage]:
    """The page, opened in a browser that knows nothing of others; nothing in it may fail."""
    from .pages import DeskPage

    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    found = DeskPage(page, site.url)
    found.open()
    yield found
    assert errors == []
