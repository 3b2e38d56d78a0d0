"""report.html in Chromium: with and without scripts, wide and narrow, light and dark."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gradio_conformance.reporting.html import HtmlReport

from . import sample

# A page answers a click when it comes to it; without a browser there is no test.
expect: Any = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.browser
Opened = Callable[..., Any]


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Opened]:
    """``opened(width=, scheme=, scripts=)`` gives the sample page; it may not complain."""
    path = tmp_path / "report.html"
    run = sample.failures()
    report = HtmlReport(path, run.clauses)
    for event in run.events:
        report(event)
    complaints: list[str] = []
    contexts = []

    def open_page(width: int = 1280, scheme: str = "light", scripts: bool = True) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            java_script_enabled=scripts,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: complaints.append(request.url))
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert set(complaints) <= {path.as_uri()}


def test_the_list_is_filtered(opened: Opened) -> None:
    page = opened()
    rows = page.locator("tr.clause:visible")
    expect(rows).to_have_count(len(sample.CLAUSES))
    page.get_by_label("Status").select_option("fail")
    expect(rows).to_have_count(5)
    page.get_by_label("Level").select_option("SHOULD")
    expect(rows).to_have_count(1)
    expect(page.locator("output")).to_have_text(f"1 of {len(sample.CLAUSES)}")
    page.get_by_label("Search").fill("no such words")
    expect(rows).to_have_count(0)


def test_a_profile_leads_to_its_clauses(opened: Opened) -> None:
    page = opened()
    page.get_by_role("link", name="Clauses of stream").click()
    shown = page.locator("tr.clause:visible").evaluate_all("rows => rows.map(row => row.id)")
    assert set(shown) == {
        f"clause-{c.id}" for c in sample.CLAUSES.values() if c.profile == "stream"
    }


def test_a_link_shows_what_was_filtered_or_folded(opened: Opened) -> None:
    page = opened()
    page.get_by_label("Search").fill("no such words")
    page.locator("#failures a[href='#clause-EVT-003']").first.click()
    expect(page.locator("#clause-EVT-003")).to_be_visible()
    page.locator("a[href='#check-cancel.names-one-event']").first.click()
    expect(page.locator("[id='check-cancel.names-one-event'] .seq")).to_be_visible()


def test_lines_are_copied(opened: Opened) -> None:
    page = opened()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#failures button.copy").last.click()
    page.get_by_role("status").get_by_text("Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "--run stream.generated-values-survive --seed 4711" in copied


def test_without_scripts_everything_is_there(opened: Opened) -> None:
    page = opened(scripts=False)
    expect(page.locator("tr.clause")).to_have_count(len(sample.CLAUSES))
    expect(page.locator("tr.clause").last).to_be_visible()
    expect(page.locator(".filter")).to_be_hidden()
    expect(page.locator("button.copy").first).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_is_wider_than_the_window(opened: Opened, width: int, scheme: str) -> None:
    page = opened(width, scheme)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_keyboard_reaches_what_scrolls(opened: Opened) -> None:
    page = opened(360)
    diagram = page.get_by_role("region", name="Sequence diagram of evt.one-terminal-message")
    diagram.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("element => element.scrollLeft > 0", arg=diagram.element_handle())
