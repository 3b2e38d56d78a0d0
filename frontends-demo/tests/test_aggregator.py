"""The aggregator in Chromium: one page over the reference server, Gradio and another reference
server, each behind a proxy; the page's part of all traffic is judged after each test.
"""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page
from playwright.sync_api import Route
from playwright.sync_api import expect

from gradio_conformance.ports import HOST
from gradio_conformance.ports import free_port
from gradio_conformance.target import wait_until_ready
from gradio_conformance.traffic.faults import Fault
from gradio_conformance.traffic.proxy import Proxy

from . import judging
from . import servers
from .board import LIGHT
from .board import THERE
from .board import Behind
from .board import Board
from .conftest import ADA
from .pages import large_file
from .pages import picture_file
from .pages import text_file
from .report import picture_name
from .rival import rival

pytestmark = pytest.mark.browser

PAIR = ("aggregator", "both libraries")  # in report/frontends
VIEWS = {"light": 1440, "dark": 1440, "narrow": 360}
PAGES = servers.pages_of("aggregator")
LIBRARIES = {"Reference": "reference", "Gradio": "gradio", "Second": "reference"}
NAMES = tuple(LIBRARIES)
ENDPOINTS = ["empty_shelf", "poster", "search", "shelf", "shelve", "write_on"]
STREAM = "GET queue/data"
FROZEN_S = 60.0
NAME, PASSWORD = ADA


@pytest.fixture(scope="session")
def desks() -> Iterator[dict[str, servers.Desk]]:
    """The three servers, for all tests; the first one serves the page."""
    if not (PAGES / "index.html").is_file():
        pytest.skip("the aggregator has not been built: npm run build -w aggregator")
    with ExitStack() as stack:
        started: dict[str, servers.Desk] = {}
        for name, library in LIBRARIES.items():
            options = () if started else ("--pages", str(PAGES))
            started[name] = stack.enter_context(servers.desk(library, *options))
        yield started


@contextmanager
def judged(request: pytest.FixtureRequest, *upstreams: servers.Desk) -> Iterator[list[Proxy]]:
    """A proxy for each of these; the page may break no clause in what it asks of them."""
    request.node.user_properties.append(("pair", PAIR))
    with ExitStack() as stack:
        proxies = [stack.enter_context(Proxy(server.url)) for server in upstreams]
        yield proxies
        found = [one for proxy in proxies for one in judging.offences(proxy.observations)]
    for one in found:
        told = (one.side, one.clause, one.expected, one.actual)
        request.node.user_properties.append(("offence", told))
    assert [one for one in found if one.side == "client"] == []


@pytest.fixture
def board(
    request: pytest.FixtureRequest, page: Page, desks: dict[str, servers.Desk]
) -> Iterator[Board]:
    """The page over all three; nothing in it may fail."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    with judged(request, *desks.values()) as proxies:
        backends = zip(desks.items(), proxies, strict=True)
        yield Board(page, {name: Behind(name, server, proxy) for (name, server), proxy in backends})
        page.close()
    assert errors == []


def test_the_catalogue_tells_who_offers_what(board: Board) -> None:
    board.ready()
    entries = board.catalogue.get_by_role("listitem")
    expect(entries).to_have_count(len(ENDPOINTS))
    for entry, endpoint in zip(entries.all(), ENDPOINTS, strict=True):
        expect(entry).to_have_accessible_name(endpoint)
        for name in NAMES:
            expect(entry.get_by_text(name, exact=True)).to_have_count(1)
    expect(board.catalogue).to_contain_text("all signatures agree")
    expect(entries.last).to_contain_text('write_on(document: str, beginning: str = "", words: int')


def test_the_catalogue_tells_whose_signatures_differ(board: Board) -> None:
    def other_info(route: Route) -> None:
        answer = route.fetch()
        info = answer.json()
        del info["named_endpoints"]["/poster"]
        words = info["named_endpoints"]["/write_on"]["parameters"][2]
        words["parameter_default"] = 80
        route.fulfill(response=answer, json=info)

    board.page.route(f"{board.backends['Second'].proxy.url}/gradio_api/info", other_info)
    board.ready()
    expect(board.catalogue).to_contain_text("1 with differing signatures")
    poster = board.catalogue.get_by_role("listitem", name="poster")
    expect(poster).to_contain_text("Not on Second")
    write_on = board.catalogue.get_by_role("listitem", name="write_on")
    expect(write_on).to_contain_text("words: default 80 instead of default 60")


def test_what_a_backend_announces_is_shown(board: Board) -> None:
    board.ready()
    for name in NAMES:
        card = board.card(name)
        expect(card).to_contain_text("6.31.0 · sse_v3 · 6 endpoints")
        expect(card).to_contain_text(re.compile(r"Latency\s*\d+ ms"))
        expect(card).to_contain_text(re.compile(r"Waiting\s*0 calls"))


def test_a_backend_goes_down_and_comes_back(board: Board) -> None:
    board.prefer("Second")
    board.ready()
    board.add(text_file())
    second = board.backends["Second"].server
    second.stop()
    expect(board.health("Second")).to_have_text("Down")
    expect(board.connection).to_have_text("Connected")
    board.write.runs()
    expect(board.job("write_on")).not_to_contain_text("Second")
    second.start()
    expect(board.health("Second")).to_have_text(THERE)
    for name in ("Reference", "Gradio"):
        board.admit(name, False)
    board.write.runs()
    expect(board.job("write_on")).to_contain_text("Second")


def test_a_stream_that_breaks_moves_the_call_and_says_so(board: Board) -> None:
    board.prefer("Reference")
    board.ready()
    board.add(text_file())
    board.set_words(60)
    fault = Fault(STREAM, times=1, after_messages=12)
    board.backends["Reference"].proxy.faults.add(fault)
    board.write.runs()
    note = board.write.region.get_by_role("note")
    expect(note).to_contain_text(re.compile("^Moved to (Gradio|Second). The connection was lost.$"))
    job = board.job("write_on")
    expect(job).to_contain_text("Reference: lost (The connection was lost), may have run")
    expect(job).to_contain_text(re.compile("(Gradio|Second): done"))
    assert len(board.written.inner_text().split()) == 60


def test_a_backend_that_dies_while_it_runs_a_call_loses_none(board: Board) -> None:
    board.prefer("Gradio")
    board.ready()
    board.add(picture_file(size=(400, 300)))
    board.poster.start()
    expect(board.poster.progress).to_be_visible()
    board.backends["Gradio"].proxy.go_down()
    expect(board.health("Gradio")).to_have_text("Down")
    board.poster.says("Done")
    expect(board.job("poster")).to_contain_text("may have run")
    board.backends["Gradio"].proxy.come_back()
    expect(board.health("Gradio")).to_have_text(THERE)


def test_a_backend_that_freezes_loses_no_call(board: Board) -> None:
    board.prefer("Reference")
    board.ready()
    board.add(text_file())
    faults = board.backends["Reference"].proxy.faults
    faults.add(Fault(STREAM, times=1, after_messages=12, then="silence"))
    faults.add(Fault(LIGHT, delay_s=FROZEN_S))
    board.write.runs()
    expect(board.health("Reference")).to_have_text("Down")
    expect(board.job("write_on")).to_contain_text("Reference: lost (It went down), may have run")


@pytest.mark.parametrize("name", ["Reference", "Gradio"])
def test_a_full_backend_hands_the_call_to_another(board: Board, name: str) -> None:
    board.prefer(name)
    board.ready()
    board.add(text_file())
    board.fill(name)
    board.write.runs()
    job = board.job("write_on")
    expect(job).to_contain_text(f"{name}: refused with 503")
    expect(job).not_to_contain_text("may have run")
    expect(board.card(name)).to_contain_text("Its queue is full.")


def test_where_all_are_full_the_call_fails_and_can_be_made_again(board: Board) -> None:
    board.ready()
    board.add(text_file())
    board.fill(*NAMES)
    # The copies that the call wants are refused as well, so it asks each backend in turn.
    board.write.start()
    board.write.says("Failed")
    expect(board.write.alert).to_be_visible()
    board.write.button("Run again").click()
    board.write.says("Done")


def test_a_document_is_brought_to_the_backend_that_needs_it(board: Board) -> None:
    board.prefer("Reference")
    board.ready()
    board.add(text_file())
    expect(board.copies("harbour.md")).to_have_accessible_name("On Reference")
    board.admit("Reference", False)
    board.write.runs()
    expect(board.job("shelve")).to_contain_text("copy of harbour.md")
    expect(board.copies("harbour.md")).to_have_accessible_name(
        re.compile("^On Reference, (Gradio|Second)$")
    )


def test_a_restarted_backend_gets_its_documents_again(board: Board) -> None:
    board.prefer("Second")
    board.ready()
    board.add(text_file())
    expect(board.copies("harbour.md")).to_have_accessible_name("On Second")
    for name in ("Reference", "Gradio"):
        board.admit(name, False)
    second = board.backends["Second"].server
    second.stop()
    expect(board.health("Second")).to_have_text("Down")
    second.start()
    expect(board.copies("harbour.md")).to_have_accessible_name("On no backend; kept in this page")
    board.write.runs()
    expect(board.copies("harbour.md")).to_have_accessible_name("On Second")


def test_the_queue_shows_places_on_two_backends_at_once(board: Board) -> None:
    board.ready()
    board.add(picture_file())
    board.admit("Second", False)
    first, second = board.backends["Reference"].server, board.backends["Gradio"].server
    with rival(first.url, posters=1), rival(second.url, posters=1):
        for _ in range(4):
            board.poster.start()
        waiting = board.jobs.filter(has_text=re.compile(r"Waiting: place \d of \d"))
        expect(waiting).to_have_count(4)
        for name in ("Reference", "Gradio"):
            expect(waiting.filter(has_text=name).first).to_be_visible()
        newest = board.jobs.first
        newest.get_by_role("button", name=re.compile("Cancel")).click()
        expect(board.jobs.filter(has_text="Cancelled")).to_have_count(1)
        expect(waiting).to_have_count(3)
    expect(board.jobs.filter(has_text="Waiting")).to_have_count(0)
    expect(board.jobs.get_by_role("button", name=re.compile("Cancel"))).to_have_count(0)


def test_a_poster_with_progress_palette_and_download(board: Board) -> None:
    board.ready()
    board.add(picture_file(size=(320, 240)))
    preview = board.documents.get_by_role("img", name="Preview of sea.png")
    expect(preview).to_have_js_property("naturalWidth", 320)
    board.set_colours(4)
    board.poster.start()
    expect(board.poster.progress).to_have_attribute("aria-valuemax", "240")
    board.poster.says("Done")
    expect(board.palette).to_have_count(4)
    expect(board.image).to_have_js_property("naturalWidth", 320)
    expect(board.download).to_have_attribute("href", re.compile("^blob:"))


def test_a_cancel_ends_what_runs(board: Board) -> None:
    board.ready()
    board.add(large_file())
    board.set_colours(16)
    board.poster.start()
    expect(board.poster.progress).to_be_visible()
    board.poster.button("Cancel").click()
    board.poster.says("Cancelled")


def test_an_error_of_the_app_is_final_and_not_moved(board: Board) -> None:
    board.ready()
    board.ask("gulls")
    board.search.says("Failed")
    expect(board.search.alert).to_contain_text("Nothing to search")
    expect(board.queue).not_to_contain_text("→")


def test_backends_are_removed_and_added_and_the_address_tells(board: Board) -> None:
    board.ready()
    board.card("Gradio").get_by_role("button", name="Remove Gradio").click()
    expect(board.card("Gradio")).to_have_count(0)
    expect(board.page).not_to_have_url(re.compile("Gradio"))
    form = board.page.get_by_role("form", name="Add a backend")
    form.get_by_label("URL of a backend").fill("ftp://nowhere")
    form.get_by_role("button", name="Add").click()
    expect(form.get_by_role("alert")).to_contain_text("neither http nor https")
    form.get_by_label("URL of a backend").fill(f"{board.backends['Gradio'].proxy.url}#Again")
    form.get_by_role("button", name="Add").click()
    expect(board.health("Again")).to_have_text(THERE)
    board.page.reload()
    expect(board.health("Again")).to_have_text(THERE)


@pytest.mark.parametrize("guard", ["Reference", "Gradio"])
def test_one_of_them_wants_a_log_in(
    request: pytest.FixtureRequest, page: Page, desks: dict[str, servers.Desk], guard: str
) -> None:
    public = desks["Reference"]
    with (
        servers.desk(LIBRARIES[guard], "--login", f"{NAME}:{PASSWORD}") as guarded,
        judged(request, public, guarded) as (public_proxy, guarded_proxy),
    ):
        public_one = Behind("Public", public, public_proxy)
        guarded_one = Behind("Guarded", guarded, guarded_proxy)
        board = Board(page, {"Public": public_one, "Guarded": guarded_one})
        board.open()
        expect(board.health("Public")).to_have_text(THERE)
        expect(board.health("Guarded")).to_have_text("Log-in needed")
        board.add(text_file())
        board.write.runs()
        form = page.get_by_role("form", name="Log in to Guarded")
        form.get_by_label("Name").fill(NAME)
        form.get_by_label("Password").fill("wrong")
        form.get_by_role("button", name="Log in").click()
        expect(form.get_by_role("alert")).to_contain_text("not right")
        form.get_by_label("Password").fill(PASSWORD)
        form.get_by_role("button", name="Log in").click()
        expect(board.card("Guarded")).to_contain_text(f"Logged in as {NAME}")
        board.admit("Public", False)
        board.write.runs()
        expect(board.job("write_on")).to_contain_text("Guarded")
        board.card("Guarded").get_by_role("button", name="Log out").click()
        expect(form).to_be_visible()
        expect(board.documents).to_have_count(1)
        page.close()


def test_where_nothing_goes_without_a_log_in_nothing_else_is_shown(
    request: pytest.FixtureRequest, page: Page
) -> None:
    with (
        servers.desk("reference", "--login", f"{NAME}:{PASSWORD}", "--pages", str(PAGES)) as desk,
        judged(request, desk) as (proxy,),
    ):
        board = Board(page, {"Guarded": Behind("Guarded", desk, proxy)})
        page.goto(board.url)
        form = page.get_by_role("form", name="Log in to Guarded")
        expect(form).to_be_visible()
        expect(board.shelf).to_be_hidden()
        form.get_by_label("Name").fill(NAME)
        form.get_by_label("Password").fill(PASSWORD)
        form.get_by_role("button", name="Log in").click()
        board.add(text_file())
        board.card("Guarded").get_by_role("button", name="Log out").click()
        expect(form).to_be_visible()
        expect(board.shelf).to_be_hidden()
        form.get_by_label("Name").fill(NAME)
        form.get_by_label("Password").fill(PASSWORD)
        form.get_by_role("button", name="Log in").click()
        expect(board.shelf).to_be_visible()
        expect(board.documents).to_have_count(0)
        page.close()


@pytest.mark.parametrize("view", VIEWS)
def test_its_looks(board: Board, view: str, pytestconfig: pytest.Config) -> None:
    """No screen scrolls sideways; what it looks like stands in the report."""
    page = board.page
    page.emulate_media(color_scheme="dark" if view == "dark" else "light", reduced_motion="reduce")
    page.set_viewport_size({"width": VIEWS[view], "height": 900})
    board.ready()
    board.add(text_file(), picture_file(size=(400, 300)))
    board.write.runs()
    board.ask("gulls and letters")
    board.search.says("Done")
    board.poster.runs()
    with rival(board.backends["Gradio"].server.url, posters=2):
        for _ in range(4):
            board.poster.start()
        expect(board.jobs.filter(has_text="Running").first).to_be_visible()
        expect(board.card("Gradio")).to_contain_text(re.compile(r"Waiting\s*[1-9] calls"))
        folder = Path(pytestconfig.rootpath, "report", "frontends")
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / picture_name(*PAIR, view), full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") == VIEWS[view]


def _free_ports() -> int:
    """The first of three free ports in a row."""
    while True:
        first = free_port()
        try:
            for port in (first + 1, first + 2):
                with socket.create_server((HOST, port)):
                    pass
        except (OSError, OverflowError):
            continue
        return first


def test_one_command_starts_three_and_ends_them(page: Page) -> None:
    first = _free_ports()
    command = [sys.executable, str(PAGES.parent / "backends.py"), "--library", "reference"]
    options = ["--port", str(first), "--login", f"{NAME}:{PASSWORD}"]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        address = next(line for line in program.stdout if line.startswith("Open ")).split()[1]
        wait_until_ready(f"http://{HOST}:{first}", servers.START_S, lambda: program.poll() is None)
        page.goto(address)
        for name in ("Reference", "Second reference"):
            health = page.get_by_role("status", name=f"Health of {name}", exact=True)
            expect(health).to_have_text(THERE)
        last = page.get_by_role("status", name="Health of Third reference")
        expect(last).to_have_text("Log-in needed")
        program.terminate()
        assert program.wait(30) == 0
    for port in range(first, first + 3):
        with socket.create_server((HOST, port)):
            pass


def test_the_keyboard_is_enough(board: Board) -> None:
    board.ready()
    board.add(text_file())
    board.write.region.get_by_role("combobox", name="Text").focus()
    for _ in range(4):  # past the beginning, the words and the seed
        board.page.keyboard.press("Tab")
    expect(board.write.button("Write")).to_be_focused()
    board.page.keyboard.press("Enter")
    board.write.says("Done")
    switch = board.card("Reference").get_by_role("switch", name="New calls")
    switch.focus()
    board.page.keyboard.press("Space")
    expect(switch).not_to_be_checked()
