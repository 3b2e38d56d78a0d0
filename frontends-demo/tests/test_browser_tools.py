"""What each front end shows of the three tools and the shelf, on each library."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser
from playwright.sync_api import Route
from playwright.sync_api import expect

from gradio_conformance.traffic.model import RequestSeen

from . import samples
from .pages import DeskPage
from .pages import large_file
from .pages import picture_file
from .pages import text_file
from .rival import rival
from .servers import Site

pytestmark = pytest.mark.browser

WATCH_GROWTH = """group => {
    window.growth = [];
    new MutationObserver(() => growth.push(group.innerText.trim()))
        .observe(group, {childList: true, characterData: true, subtree: true});
}"""


def streams(site: Site) -> int:
    """How many session streams have been opened so far."""
    seen = (one for one in site.proxy.observations if isinstance(one, RequestSeen))
    return sum(urlsplit(one.target).path.endswith("/queue/data") for one in seen)


def test_text_streams_in_word_by_word(desk: DeskPage) -> None:
    desk.add(text_file())
    desk.set_beginning("By nine")
    desk.set_words(1500)
    desk.written.evaluate(WATCH_GROWTH)
    desk.write.runs()
    expect(desk.written).to_contain_text("By nine")
    final = desk.written.inner_text().strip()
    assert len(final.split()) == 1502
    growth = [text for text in desk.page.evaluate("growth") if text]
    assert len(set(growth)) > 1
    assert all(final.startswith(text) for text in growth)


def test_a_poster_shows_progress_previews_palette_and_a_download(desk: DeskPage) -> None:
    desk.add(picture_file(size=(320, 240)))
    desk.set_colours(4)
    desk.poster.start()
    expect(desk.poster.progress).to_be_visible()
    expect(desk.poster.progress).to_have_attribute("aria-valuemax", "240")
    assert 0 <= float(desk.poster.progress.get_attribute("aria-valuenow") or -1) <= 240
    desk.poster.says("Done")
    expect(desk.poster.progress).to_be_hidden()
    expect(desk.palette).to_have_count(4)
    expect(desk.palette.first).to_have_text(re.compile(r"#[0-9a-f]{6}"))
    expect(desk.image).to_have_js_property("naturalWidth", 320)
    address = desk.download.get_attribute("href") or ""
    picture = desk.page.request.get(address)
    assert picture.ok
    assert picture.body().startswith(b"\x89PNG")


def test_a_preview_is_shown_while_the_poster_is_made(desk: DeskPage) -> None:
    desk.add(large_file())
    desk.set_colours(16)
    desk.poster.start()
    expect(desk.image).to_be_visible()
    desk.poster.says("Running")
    desk.poster.button("Cancel").click()
    desk.poster.says("Cancelled")


def test_search_lists_the_passages_that_answer(desk: DeskPage) -> None:
    desk.add(text_file("harbour.md"), text_file("other.txt", "Trains are late. " * 20))
    desk.ask("Which gulls have no patience?")
    desk.search.says("Done")
    expect(desk.passages.first).to_contain_text("harbour.md")
    expect(desk.passages.first).to_contain_text("gulls, who have no patience")


def test_the_place_in_the_queue_is_told_and_moves_on(desk: DeskPage, site: Site) -> None:
    desk.add(picture_file())
    desk.poster.runs()  # so that the server knows how long one takes
    with rival(site.server.url, posters=2) as other:
        desk.poster.start()
        desk.poster.says(re.compile(r"^Waiting: place 2 of 2, about \d+ s$"))
        expect(desk.poster.button("Cancel")).to_be_visible()
        other.give_up()
        desk.poster.says("Done")


def test_cancel_ends_what_waits(desk: DeskPage, site: Site) -> None:
    desk.add(picture_file())
    with rival(site.server.url, posters=1):
        desk.poster.start()
        desk.poster.says(re.compile("^Waiting: place 1 of 1"))
        desk.poster.button("Cancel").click()
        desk.poster.says("Cancelled")
        expect(desk.poster.button("Cancel")).to_be_hidden()


def test_cancel_ends_what_runs_and_the_tool_works_again(desk: DeskPage) -> None:
    desk.add(large_file(), picture_file())
    picture = desk.poster.region.get_by_role("combobox", name="Picture")
    picture.select_option(label="large.png")
    desk.set_colours(16)
    desk.poster.start()
    expect(desk.poster.progress).to_be_visible()
    desk.poster.button("Cancel").click()
    desk.poster.says("Cancelled")
    expect(desk.poster.progress).to_be_hidden()
    picture.select_option(label="sea.png")
    desk.poster.runs()


def test_a_failure_shows_its_title_and_message(desk: DeskPage) -> None:
    desk.ask("gulls")
    desk.search.says("Failed")
    expect(desk.search.alert).to_contain_text("Nothing to search")
    expect(desk.search.alert).to_contain_text("There is no text on your shelf.")
    desk.add(text_file())
    desk.ask("gulls")
    desk.search.says("Done")
    expect(desk.search.alert).to_have_count(0)


def test_a_file_that_cannot_be_read_is_told_at_the_shelf(desk: DeskPage) -> None:
    desk.choose({"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"})
    alert = desk.shelf.get_by_role("alert")
    expect(alert).to_contain_text("Cannot read this file")
    expect(alert).to_contain_text("a.pdf is neither a text (.txt, .md) nor a picture.")
    expect(desk.documents).to_have_count(0)


def test_a_warning_is_shown_where_it_belongs(desk: DeskPage) -> None:
    desk.add(text_file("note.txt", "Two words."))
    expect(
        desk.shelf.get_by_text("note.txt is short: of 2 words little can be learned.")
    ).to_be_visible()
    desk.write.runs()


def test_an_upload_shows_its_progress_and_then_a_preview(desk: DeskPage) -> None:
    bar = desk.shelf.get_by_role("progressbar", name="Upload")
    shown: list[str] = []

    def look(route: Route) -> None:
        expect(bar).to_be_visible()
        shown.append(route.request.method)
        route.continue_()

    desk.page.route(re.compile(r"/upload(\?|$)"), look)
    desk.choose(picture_file())
    preview = desk.documents.get_by_role("img", name="Preview of sea.png")
    expect(preview).to_have_js_property("naturalWidth", 160)
    expect(bar).to_be_hidden()
    assert shown == ["POST"]


def test_the_shelf_shows_excerpts_and_can_be_emptied(desk: DeskPage) -> None:
    desk.add(text_file(), picture_file())
    expect(desk.documents).to_have_count(2)
    expect(desk.documents.first).to_contain_text("The harbour wakes before the town does.")
    texts = desk.write.region.get_by_role("combobox", name="Text")
    expect(texts.get_by_role("option")).to_have_text(["harbour.md"])
    desk.shelf.get_by_role("button", name="Empty the shelf").click()
    expect(desk.documents).to_have_count(0)
    expect(texts.get_by_role("option", name="harbour.md")).to_have_count(0)


def test_two_tools_at_once_share_one_stream(desk: DeskPage, site: Site) -> None:
    desk.add(text_file(), large_file())
    before = streams(site)
    desk.poster.start()
    expect(desk.poster.progress).to_be_visible()
    desk.write.runs()
    desk.ask("gulls")
    desk.search.says("Done")
    desk.poster.says("Running")
    desk.poster.button("Cancel").click()
    desk.poster.says("Cancelled")
    assert streams(site) - before == 1


def test_each_browser_has_a_shelf_of_its_own(desk: DeskPage, browser: Browser, site: Site) -> None:
    desk.add(text_file())
    with browser.new_context() as context:
        other = DeskPage(context.new_page(), site.url)
        other.open()
        expect(other.documents).to_have_count(0)
        other.add(text_file("mine.txt", samples.HARBOUR))
        expect(other.documents).to_have_count(1)
    desk.ask("harbour")
    expect(desk.passages.filter(has_text="mine.txt")).to_have_count(0)
    expect(desk.documents).to_have_count(1)
