"""The phone app's screens, with the size, the density and the touch of a phone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import Playwright
from playwright.sync_api import expect

from gradio_conformance.traffic.faults import Fault

from .pages import DeskPage
from .pages import large_file
from .pages import picture_file
from .pages import text_file
from .servers import Site

pytestmark = pytest.mark.browser

ONLY = ("mobile",)
DEVICE = "Pixel 7"
LEAST = 44  # CSS pixels, of whatever is touched
STREAM = "GET queue/data"
TOUCHED = "button, a, input, select, [role=button], [role=link], [role=radio]"
SEE = """seen => {
    Object.defineProperty(document, "hidden", {value: !seen, configurable: true});
    Object.defineProperty(
        document, "visibilityState", {value: seen ? "visible" : "hidden", configurable: true});
    document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture(scope="session")
def browser_context_args(
    browser_context_args: dict[str, Any], playwright: Playwright
) -> dict[str, Any]:
    """pytest-playwright's hook: a phone that is touched."""
    device = dict(playwright.devices[DEVICE])
    device.pop("default_browser_type")
    return {**browser_context_args, **device, "reduced_motion": "reduce"}


def lead(page: Page, name: str) -> Locator:
    """A place of the bar at the bottom of the screen."""
    return page.get_by_role("navigation", name="Parts").get_by_role("link", name=name, exact=True)


def test_all_of_it_works_by_touch(desk: DeskPage) -> None:
    desk.add(text_file(), picture_file())
    lead(desk.page, "Write on").tap()
    desk.write.region.get_by_role("button", name="Increase").tap()
    expect(desk.write.region.get_by_role("spinbutton", name="Words")).to_have_value("80")
    desk.write.button("Write").tap()
    desk.write.says("Done")
    assert len(desk.written.inner_text().split()) == 80
    lead(desk.page, "Search").tap()
    question = desk.search.region.get_by_role("searchbox", name="Question")
    question.tap()
    desk.page.keyboard.type("gulls")
    desk.page.keyboard.press("Enter")
    desk.search.says("Done")
    expect(desk.passages.first).to_contain_text("gulls")
    lead(desk.page, "Poster").tap()
    desk.poster.button("Make a poster").tap()
    desk.poster.says("Done")
    with desk.page.expect_download() as started:
        desk.download.tap()
    assert started.value.path().read_bytes().startswith(b"\x89PNG")


def test_the_bar_leads_to_each_part_and_shows_which_one_is_seen(desk: DeskPage) -> None:
    desk.add(text_file())
    for name in ("Poster", "Write on", "Search", "Shelf"):
        lead(desk.page, name).tap()
        heading = desk.page.get_by_role("heading", level=2, name=name, exact=True)
        expect(heading).to_be_in_viewport()
        expect(lead(desk.page, name)).to_have_attribute("aria-current", "true")
    desk.page.mouse.move(200, 400)
    desk.page.mouse.wheel(0, 5000)
    expect(lead(desk.page, "Poster")).to_have_attribute("aria-current", "true")


def test_whatever_is_touched_is_large_enough(desk: DeskPage) -> None:
    desk.add(text_file(), picture_file())
    desk.poster.runs()
    targets = desk.page.locator(TOUCHED)
    small = [
        (target.get_attribute("aria-label") or target.inner_text(), box)
        for target in targets.all()
        if (box := target.bounding_box()) and min(box["width"], box["height"]) < LEAST
    ]
    assert targets.count() > 12
    assert small == []


def test_text_of_twice_the_size_fits_the_screen(desk: DeskPage) -> None:
    heading = desk.page.get_by_role("heading", level=1)
    before = heading.bounding_box()
    desk.page.evaluate("document.documentElement.style.fontSize = '200%'")
    after = heading.bounding_box()
    assert before
    assert after
    assert after["height"] > 1.7 * before["height"]
    desk.add(text_file("a name that is longer than the screen of a phone is wide.md"))
    desk.write.runs()
    wide = """() => [...document.querySelectorAll("main *")]
        .filter(node => node.getBoundingClientRect().right > innerWidth + 1)
        .map(node => node.outerHTML.slice(0, 200))"""
    assert desk.page.evaluate(wide) == []


def settings(desk: DeskPage) -> Locator:
    desk.page.get_by_role("button", name="Settings").tap()
    sheet = desk.page.get_by_role("dialog")
    expect(sheet.get_by_role("heading", name="Settings")).to_be_visible()
    return sheet


def test_streams_are_read_by_fetch_if_that_is_chosen_and_it_is_remembered(
    desk: DeskPage, site: Site
) -> None:
    sheet = settings(desk)
    sheet.get_by_role("radio", name="fetch streams").tap()
    sheet.get_by_role("button", name="Use this server").tap()
    expect(sheet).to_have_count(0)
    for _ in range(2):
        expect(desk.connection).to_have_text("Connected")
        desk.add(text_file())
        site.proxy.faults.add(Fault(STREAM, times=1, chunk=1))
        with desk.page.expect_request(re.compile("/queue/data")) as started:
            desk.write.runs()
        assert started.value.resource_type == "fetch"
        desk.page.reload()
    sheet = settings(desk)
    expect(sheet.get_by_role("radio", name="fetch streams")).to_be_checked()


def test_another_server_is_chosen_by_its_address(desk: DeskPage, site: Site) -> None:
    sheet = settings(desk)
    address = sheet.get_by_role("textbox", name="Server")
    address.fill("not an address")
    sheet.get_by_role("button", name="Use this server").tap()
    expect(sheet.get_by_role("alert")).to_contain_text("Not an address")
    address.fill(site.server.url.removeprefix("http://"))
    sheet.get_by_role("button", name="Use this server").tap()
    expect(desk.connection).to_have_text("Connected")
    with desk.page.expect_request(f"{site.server.url}/**/queue/join"):
        desk.add(text_file())
    desk.write.runs()


def test_a_phone_without_a_network_says_so_and_finds_back(desk: DeskPage, site: Site) -> None:
    desk.add(large_file())
    desk.poster.start()
    expect(desk.poster.progress).to_be_visible()
    site.proxy.go_down()
    try:
        desk.poster.says("Lost")
        expect(desk.connection).to_have_text("Connection lost")
    finally:
        site.proxy.come_back()
    expect(desk.connection).to_have_text("Connected")
    expect(desk.documents).to_have_count(1)
    desk.poster.button("Run again").tap()
    expect(desk.poster.progress).to_be_visible()
    desk.poster.button("Cancel").tap()
    desk.poster.says("Cancelled")


def test_what_was_lost_while_it_slept_is_found_out_when_it_wakes(
    desk: DeskPage, site: Site
) -> None:
    desk.add(text_file("harbour.md"))
    desk.page.clock.install()
    desk.page.evaluate(SEE, False)
    site.server.stop()
    site.server.start()
    expect(desk.documents).to_have_count(1)
    desk.page.evaluate(SEE, True)
    expect(desk.documents).to_have_count(0)
    expect(desk.connection).to_have_text("Connected")
    desk.add(text_file("harbour.md"))
    desk.write.runs()
