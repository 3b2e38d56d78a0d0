"""What each front end makes of a bad day: refusals, lost connections, a server that restarts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler
from http.server import ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from gradio_conformance.ports import HOST
from gradio_conformance.traffic.faults import Fault

from . import servers
from .pages import DeskPage
from .pages import picture_file
from .pages import text_file
from .servers import Site

pytestmark = pytest.mark.browser

JOIN = "POST queue/join"
STREAM = "GET queue/data"
BEYOND_SILENCE = "01:30"  # twice the 45 s of CLIENT-030


def lost_and_again(desk: DeskPage) -> None:
    """The writing was lost; the button brings it back."""
    desk.write.says("Lost")
    expect(desk.write.alert).to_contain_text("The connection was lost.")
    expect(desk.connection).to_have_text("Connected")
    desk.write.button("Run again").click()
    desk.write.says("Done")
    expect(desk.write.alert).to_have_count(0)
    assert len(desk.written.inner_text().split()) == 40


@pytest.mark.parametrize("then", ["cut", "end"])
def test_a_stream_that_breaks_off_loses_the_call_and_it_can_be_made_again(
    desk: DeskPage, site: Site, then: Any
) -> None:
    desk.add(text_file())
    desk.set_words(40)
    site.proxy.faults.add(Fault(STREAM, times=1, after_messages=12, then=then))
    desk.write.start()
    lost_and_again(desk)


def test_a_stream_that_falls_silent_is_taken_for_lost(desk: DeskPage, site: Site) -> None:
    desk.add(text_file())
    desk.set_words(40)
    desk.page.clock.install()
    site.proxy.faults.add(Fault(STREAM, times=1, after_messages=12, then="silence"))
    desk.write.start()
    expect(desk.written).not_to_be_empty()
    desk.write.says("Running")
    desk.page.clock.fast_forward(BEYOND_SILENCE)
    lost_and_again(desk)


def test_messages_may_come_in_pieces_of_any_size(desk: DeskPage, site: Site) -> None:
    desk.add(text_file("harbour é “—” 🌊.txt"))
    desk.set_beginning("“Ça” — 🌊")
    desk.set_words(15)
    desk.write.runs()
    whole = desk.written.inner_text()
    site.proxy.faults.add(Fault(STREAM, chunk=1))
    desk.write.runs()
    assert desk.written.inner_text() == whole
    assert "🌊" in whole


def test_a_full_queue_says_that_the_server_is_busy(desk: DeskPage, site: Site) -> None:
    desk.add(text_file())
    site.proxy.faults.add(Fault(JOIN, times=1, status=503))
    desk.write.start()
    desk.write.says("Failed")
    expect(desk.write.alert).to_contain_text(re.compile("busy", re.IGNORECASE))
    desk.write.button("Run again").click()
    desk.write.says("Done")


@pytest.mark.parametrize("status", [422, 500])
def test_a_refused_call_fails_and_says_so(desk: DeskPage, site: Site, status: int) -> None:
    desk.add(text_file())
    body = {"detail": "It is not to the server's taste."}
    site.proxy.faults.add(Fault(JOIN, times=1, status=status, body=body))
    desk.write.start()
    desk.write.says("Failed")
    expect(desk.write.alert).not_to_be_empty()
    desk.write.runs()


def test_a_server_out_of_reach_is_found_again(desk: DeskPage, site: Site) -> None:
    desk.add(text_file())
    desk.set_words(40)
    site.proxy.go_down()
    try:
        desk.write.start()
        desk.write.says("Lost")
        expect(desk.connection).to_have_text("Connection lost")
    finally:
        site.proxy.come_back()
    lost_and_again(desk)
    expect(desk.documents).to_have_count(1)


def test_a_restarted_server_is_found_again_with_an_empty_shelf(desk: DeskPage, site: Site) -> None:
    desk.add(picture_file(size=(400, 300)))
    desk.poster.start()
    expect(desk.poster.progress).to_be_visible()
    site.excused.add("SSE-031")  # E-39: Gradio stops without a word on its streams
    site.server.stop()
    desk.poster.says("Lost")
    expect(desk.connection).to_have_text("Connection lost")
    site.server.start()
    expect(desk.connection).to_have_text("Connected")
    expect(desk.documents).to_have_count(0)
    desk.add(picture_file(size=(400, 300)))
    desk.poster.button("Run again").click()
    desk.poster.says("Done")


@pytest.fixture
def elsewhere(site: Site) -> Iterator[str]:
    """Where the front end is served from another origin than the server's."""
    handler = partial(_Quiet, directory=str(servers.pages_of(site.frontend)))
    with ThreadingHTTPServer((HOST, 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://{HOST}:{server.server_port}/?server={site.url}"
        server.shutdown()
        thread.join()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Nobody reads it."""


@pytest.mark.usefixtures("fair")
def test_the_page_may_come_from_another_origin(page: Page, elsewhere: str) -> None:
    desk = DeskPage(page, elsewhere)
    desk.open()
    desk.add(text_file(), picture_file())
    preview = desk.documents.get_by_role("img", name="Preview of sea.png")
    expect(preview).to_have_js_property("naturalWidth", 160)
    desk.write.runs()
    desk.poster.runs()
    expect(desk.image).to_have_js_property("naturalWidth", 160)
