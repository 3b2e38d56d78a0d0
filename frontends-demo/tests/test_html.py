"""The page of frontends-demo/html in a browser: what a person sees of the event protocol."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from playwright.sync_api import APIResponse
from playwright.sync_api import Browser
from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import Route
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

# Enough alike sentences that comparing all pairs outlasts any click of a test.
WORDS = "the harbour wakes before town and gulls sort what fishermen have left on quay".split()
LONG = " ".join(" ".join(random.Random(n).choices(WORDS, k=24)) + "." for n in range(500))


@pytest.fixture(autouse=True)
def no_page_errors(page: Page) -> Iterator[None]:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield
    assert not errors


def tool(page: Page, endpoint: str) -> Locator:
    return page.locator(f"[data-endpoint={endpoint}]")


def start(page: Page, endpoint: str) -> Locator:
    card = tool(page, endpoint)
    card.locator(".start").click()
    return card


def test_streamed_values_end_in_the_result(page: Page, site: str) -> None:
    page.goto(site)
    page.get_by_label("Your text").fill("The cat sat. The dog ran. Officials prevail.")
    card = start(page, "readability")
    expect(card.get_by_role("status")).to_have_text("Done.")
    expect(card.locator("dd").nth(1)).to_have_text("3")
    expect(card.locator("li").first).to_contain_text("Officials prevail.")
    expect(card.locator("li")).to_have_count(3)


def test_edits_are_applied(page: Page, site: str) -> None:
    page.goto(site)
    page.get_by_label("Your text").fill(
        "The harbour wakes before the town. The harbour woke before the town. It rained all night."
    )
    card = start(page, "repetitions")
    expect(card.get_by_role("status")).to_have_text("Done.")
    expect(card.locator("li")).to_have_count(1)
    expect(card.locator("q")).to_have_text(
        ["The harbour wakes before the town.", "The harbour woke before the town."]
    )


def test_a_session_runs_both_tools_at_once_over_one_stream(page: Page, site: str) -> None:
    streams: list[str] = []
    page.on("request", lambda request: streams.append(request.url))
    page.goto(site)
    page.get_by_label("Your text").fill(LONG)
    slow = start(page, "repetitions")
    expect(slow.get_by_role("progressbar")).to_be_visible()
    page.get_by_label("Your text").fill("Two words. Three words more.")
    quick = start(page, "readability")
    expect(quick.get_by_role("status")).to_have_text("Done.")
    expect(quick.locator("dd").nth(1)).to_have_text("2")
    expect(slow.get_by_role("button", name="Cancel")).to_be_enabled()
    slow.get_by_role("button", name="Cancel").click()
    expect(slow.get_by_role("status")).to_have_text("Cancelled.")
    assert sum("/queue/data" in url for url in streams) == 1


def test_the_queue_position_is_told_and_moves_on(page: Page, browser: Browser, site: str) -> None:
    page.goto(site)
    page.get_by_label("Your text").fill(LONG)
    running = start(page, "repetitions")
    expect(running.get_by_role("status")).to_contain_text("of 500 sentences")
    with browser.new_context() as context:
        other = context.new_page()
        other.goto(site)
        waiting = start(other, "repetitions")
        expect(waiting.get_by_role("status")).to_contain_text("Waiting, you are next")
        running.get_by_role("button", name="Cancel").click()
        expect(running.get_by_role("status")).to_have_text("Cancelled.")
        expect(waiting.get_by_role("status")).to_have_text("Done.")


def test_after_a_cancel_the_tool_works_again(page: Page, site: str) -> None:
    page.goto(site)
    sample = page.get_by_label("Your text").input_value()
    page.get_by_label("Your text").fill(LONG)
    card = start(page, "repetitions")
    card.get_by_role("button", name="Cancel").click()
    expect(card.get_by_role("status")).to_have_text("Cancelled.")
    page.get_by_label("Your text").fill(sample)
    start(page, "repetitions")
    expect(card.get_by_role("status")).to_have_text("Done.")


def test_the_apps_own_error_is_shown(page: Page, site: str) -> None:
    page.goto(site)
    page.get_by_label("Your text").fill("123")
    card = start(page, "readability")
    expect(card.get_by_role("status")).to_have_text(
        "Nothing to read: There is no word in this text."
    )
    expect(card.locator(".start")).to_be_enabled()


def test_a_log_message_is_shown_beside_the_result(page: Page, site: str) -> None:
    page.goto(site)
    page.get_by_label("Your text").fill("One sentence.")
    card = start(page, "readability")
    expect(card.get_by_text("One sentence says little about a text.")).to_be_visible()
    expect(card.get_by_role("status")).to_have_text("Done.")


def test_a_refused_join_names_the_servers_reason(page: Page, site: str) -> None:
    page.goto(site)
    page.route(
        "**/queue/join",
        lambda route: route.fulfill(status=503, json={"detail": "Queue is full. Try again."}),
    )
    card = start(page, "readability")
    expect(card.get_by_role("status")).to_have_text("Error: Queue is full. Try again.")


def test_a_stream_that_breaks_off_fails_the_job_and_the_next_one_works(
    page: Page, site: str
) -> None:
    page.goto(site)

    def break_off(route: Route) -> None:
        route.fulfill(status=200, content_type="text/event-stream", body='data: {"msg": "heart')

    page.route("**/queue/data**", break_off, times=1)
    card = start(page, "readability")
    expect(card.get_by_role("status")).to_have_text("Error: The connection was lost.")
    start(page, "readability")
    expect(card.get_by_role("status")).to_have_text("Done.")


def test_a_message_may_overtake_the_answer_to_its_join(page: Page, site: str) -> None:
    """Duty 3: the second join is answered only after its messages are on the open stream."""
    page.goto(site)
    page.get_by_label("Your text").fill(LONG)
    slow = start(page, "repetitions")
    expect(slow.get_by_role("progressbar")).to_be_visible()
    page.get_by_label("Your text").fill("Two words. Three words more.")
    held: list[tuple[Route, APIResponse]] = []
    page.route("**/queue/join", lambda route: held.append((route, route.fetch())))
    card = start(page, "readability")
    for _ in range(3):  # the open stream goes on while the join is without its answer
        expect(slow.get_by_role("status")).not_to_have_text(slow.get_by_role("status").inner_text())
    expect(card.get_by_role("status")).to_have_text("Sent.")
    [(route, answer)] = held
    route.fulfill(response=answer)
    expect(card.get_by_role("status")).to_have_text("Done.")
    slow.get_by_role("button", name="Cancel").click()
    expect(slow.get_by_role("status")).to_have_text("Cancelled.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_narrow_screen_needs_no_sideways_scrolling(page: Page, site: str, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(site)
    for endpoint in ("readability", "repetitions"):
        expect(start(page, endpoint).get_by_role("status")).to_have_text("Done.")
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_the_keyboard_is_enough(page: Page, site: str) -> None:
    page.goto(site)
    page.get_by_label("Your text").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(tool(page, "readability").get_by_role("status")).to_have_text("Done.")
