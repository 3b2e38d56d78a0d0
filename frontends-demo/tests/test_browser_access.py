"""Whether everybody can use each front end: keyboard, names, contrast, small screens."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import FileChooser
from playwright.sync_api import Locator
from playwright.sync_api import ViewportSize
from playwright.sync_api import expect

from .pages import DeskPage
from .pages import picture_file
from .pages import text_file

pytestmark = pytest.mark.browser

MOST_STOPS = 40  # of the Tab key, from the top of the page to its end
NARROW: ViewportSize = {"width": 360, "height": 740}
HAS_FOCUS = "node => node === document.activeElement || node.contains(document.activeElement)"
SHOWS_FOCUS = """() => {
    let node = document.activeElement;
    for (; node && node !== document.body; node = node.parentElement) {
        const style = getComputedStyle(node);
        if (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1) return true;
        if (style.boxShadow !== "none") return true;
    }
    return false;
}"""


def tab_to(desk: DeskPage, target: Locator) -> None:
    """Press Tab until the target has the focus, which can be seen at every stop."""
    for _ in range(MOST_STOPS):
        desk.page.keyboard.press("Tab")
        assert desk.page.evaluate(SHOWS_FOCUS) or desk.page.evaluate(
            "document.activeElement === document.body"
        )
        if target.evaluate(HAS_FOCUS):
            return
    pytest.fail(f"the Tab key does not lead to {target}")


def fill(desk: DeskPage) -> None:
    """Let the page show all that it can show at once."""
    desk.add(text_file("harbour.md"), text_file("a.txt", "Two words."), picture_file())
    desk.ask("?")
    desk.search.says("Failed")
    desk.write.region.get_by_role("combobox", name="Text").select_option(label="harbour.md")
    desk.write.runs()
    desk.poster.runs()


def test_the_keyboard_is_enough(desk: DeskPage) -> None:
    page = desk.page

    def choose(chooser: FileChooser) -> None:
        chooser.set_files([text_file()])

    page.on("filechooser", choose)
    tab_to(desk, desk.shelf.get_by_label("Add a file"))
    page.keyboard.press("Enter")
    expect(desk.documents).to_have_count(1)
    tab_to(desk, desk.write.region.get_by_role("textbox", name="Beginning"))
    page.keyboard.type("By nine")
    tab_to(desk, desk.write.button("Write"))
    page.keyboard.press("Enter")
    desk.write.says("Done")
    expect(desk.written).to_contain_text("By nine")
    tab_to(desk, desk.search.region.get_by_role("searchbox", name="Question"))
    page.keyboard.type("gulls")
    page.keyboard.press("Enter")
    desk.search.says("Done")
    expect(desk.passages).not_to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_names_roles_and_contrast_are_in_order(desk: DeskPage, scheme: Any) -> None:
    """By axe-core: WCAG 2.1, A and AA."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    desk.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    fill(desk)
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
    options = {"runOnly": tags, "resultTypes": ["violations"]}
    found = axe.run(desk.page, options=options).response["violations"]
    told = [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found]
    assert told == []


def test_a_narrow_screen_needs_no_sideways_scrolling(desk: DeskPage) -> None:
    desk.page.set_viewport_size(NARROW)
    fill(desk)
    assert desk.page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
