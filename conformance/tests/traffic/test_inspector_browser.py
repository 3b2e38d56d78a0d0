"""The inspector in Chromium: live beside a proxy, and as the report of a recording."""

from __future__ import annotations

import json
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from gradio_conformance.traffic.inspector.page import page_of
from gradio_conformance.traffic.recording import Recording
from gradio_conformance.traffic.recording import read_recording
from gradio_conformance.traffic.verdict import judge_recording
from gradio_conformance.traffic.watch import Watch
from gradio_spec.loader import load_spec

from .talk import PREFIX
from .talk import Talk
from .talk import completed
from .talk import estimation
from .talk import generating
from .talk import starts
from .test_watch import serve_app

# A page answers a click when it comes to it; without a browser there is no test.
expect: Any = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.browser
SPEC = load_spec()
SESSION = "test123"
LONG_MS = 30_000
Opened = Callable[..., Any]
Serve = Any


@pytest.fixture
def opened(browser: Any) -> Iterator[Opened]:
    """``opened(url, width=, scheme=)`` gives a page; it may not complain, nor ask elsewhere."""
    complaints: list[str] = []
    asked: list[str] = []
    contexts = []

    def open_page(url: str, width: int = 1280, scheme: str = "light") -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(LONG_MS)
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
    assert all(url.startswith(("http://127.0.0.1:", "file:///")) for url in asked)


@pytest.fixture
def watching(raw_server: Serve) -> Iterator[Watch]:
    with Watch(raw_server(serve_app).url, SPEC) as watch:
        yield watch


def call(watch: Watch, session: str = SESSION) -> None:
    with httpx.Client(trust_env=False, base_url=watch.proxy.url) as client:
        body = {"data": ["x"], "fn_index": 3, "session_hash": session}
        client.post(f"{PREFIX}/queue/join", json=body)
        client.get(f"{PREFIX}/queue/data", params={"session_hash": session})


def recorded() -> Recording:
    """A streamed call, and a heartbeat that should not be."""
    talk = Talk()
    talk.join()
    stream = talk.open()
    talk.say(stream, estimation(), starts(), generating([[1]]), generating([[["add", [1], 2]]]))
    talk.say(stream, completed([[1, 2]]), {"msg": "close_stream", "event_id": None})
    talk.end(stream)
    talk.heartbeat("e1")
    return Recording(tuple(talk.observations), "http://127.0.0.1:7860")


@pytest.fixture
def report(tmp_path: Path) -> str:
    path = tmp_path / "traffic.html"
    path.write_text(page_of(judge_recording(SPEC, recorded())), "utf-8")
    return path.as_uri()


def test_what_passes_is_shown_while_it_does(watching: Watch, opened: Opened) -> None:
    page = opened(watching.inspector_url)
    page.get_by_text("Nothing yet. Point your client at").wait_for()
    page.locator("#live.on").wait_for()
    call(watching)
    page.get_by_role("button", name=SESSION).wait_for()
    rows = page.locator("#exchanges > li:visible")
    rows.nth(1).get_by_text("4 messages").wait_for()
    expect(page.locator("#n-client")).to_have_text("1")
    call(watching, "x7k2p9d4qa1")
    page.get_by_role("button", name="x7k2p9d4qa1").click()
    rows.nth(1).get_by_text("4 messages").wait_for()
    expect(rows).to_have_count(2)
    page.get_by_role("button", name=SESSION).click()
    page.get_by_label("only what breaks a clause").check()
    expect(rows).to_have_count(1)


def test_a_break_goes_with_its_clause_and_leads_to_its_exchange(
    watching: Watch, opened: Opened
) -> None:
    page = opened(watching.inspector_url)
    call(watching)
    page.get_by_role("tab", name="Violations").click()
    page.get_by_text(SPEC.client["CLIENT-003"].text).wait_for()
    page.get_by_text(SPEC.bugs["fixed-session-hash"]).wait_for()
    page.get_by_role("link", name="exchange 1").click()
    page.locator("#x1 details[open]").wait_for()
    expect(page.locator("#x1").get_by_text("CLIENT-003").first).to_be_visible()


def test_the_sequence_of_one_session(watching: Watch, opened: Opened) -> None:
    page = opened(watching.inspector_url)
    call(watching)
    page.get_by_role("button", name=SESSION).click()
    page.get_by_role("tab", name="Sequence").click()
    diagram = page.get_by_role("region", name="Sequence diagram")
    diagram.locator("text=breaks CLIENT-003").wait_for()
    assert diagram.locator("text=process_completed").count() >= 1


def test_a_pause_holds_back_and_loses_nothing(watching: Watch, opened: Opened) -> None:
    page = opened(watching.inspector_url)
    page.locator("#live.on").wait_for()
    page.get_by_role("button", name="Pause").click()
    call(watching)
    with httpx.Client(trust_env=False) as client:
        url = f"{watching.inspector_url}diagram.json"
        while not client.get(url, params={"session": SESSION}).json()["svg"]:
            pass
    expect(page.locator("#n-exchanges")).to_have_text("0")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name=SESSION).wait_for()


def test_values_are_shown_put_together(opened: Opened, report: str) -> None:
    page = opened(report)
    assert "nonconformant" in page.locator("#live").inner_text()
    page.get_by_role("tab", name="Traffic").click()
    page.locator("#x2 summary").first.click()
    page.locator("#x2 .msg", has_text="values decoded").last.locator("summary").click()
    now = page.locator("#x2 .both pre").nth(1)
    now.wait_for()
    assert json.loads(now.inner_text()) == [[1, 2]]


def test_a_line_of_curl_is_copied(opened: Opened, report: str) -> None:
    page = opened(report)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("tab", name="Traffic").click()
    page.locator("#x1 summary").first.click()
    page.locator("#x1 button.copy").click()
    page.locator("#said", has_text="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("curl -si ")
    assert copied.endswith(f"http://127.0.0.1:7860{PREFIX}/queue/join")


def test_the_filter_looks_everywhere(opened: Opened, report: str) -> None:
    page = opened(report)
    page.get_by_role("tab", name="Traffic").click()
    rows = page.locator("#exchanges > li:visible")
    for words, count in (("", 3), ("process_generating", 1), ("CLIENT-022", 1), ("post join", 1)):
        page.get_by_label("Filter").fill(words)
        expect(rows).to_have_count(count)
    expect(page.locator("output")).to_have_text("1 of 3")


def test_tabs_are_moved_through_by_the_arrows(opened: Opened, report: str) -> None:
    page = opened(report)
    page.get_by_role("tab", name="Violations").focus()
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("tab", name="Traffic").get_attribute("aria-selected") == "true"
    expect(page.locator("#list")).to_be_visible()
    expect(page.locator("#offences")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_nothing_is_wider_than_the_window(
    opened: Opened, report: str, width: int, scheme: str
) -> None:
    page = opened(report, width, scheme)
    for tab in ("Violations", "Sequence", "Traffic"):
        page.get_by_role("tab", name=tab).click()
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_the_wire_says_is_never_markup(opened: Opened, tmp_path: Path) -> None:
    bad = "<img src=x onerror=alert(1)></script><script>alert(2)</script>"
    talk = Talk()
    talk.join(bad, data=[bad], session=bad)
    stream = talk.open(bad)
    talk.say(stream, estimation(bad), {"msg": bad, "event_id": bad})
    recording = Recording(tuple(talk.observations), "http://127.0.0.1:7860")
    path = tmp_path / "bad.html"
    path.write_text(page_of(judge_recording(SPEC, recording)), "utf-8")
    page = opened(path.as_uri())
    for tab in ("Violations", "Sequence", "Traffic"):
        page.get_by_role("tab", name=tab).click()
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    expect(page.locator("img")).to_have_count(0)
    expect(page.get_by_text("<img src=x").first).to_be_visible()


def test_a_whole_recording_of_gradio_is_a_page(opened: Opened, tmp_path: Path) -> None:
    recordings = Path(__file__).parent / "recordings"
    recording = read_recording(recordings / "gradio-javascript.jsonl.gz")
    path = tmp_path / "traffic.html"
    path.write_text(page_of(judge_recording(SPEC, recording)), "utf-8")
    page = opened(path.as_uri())
    page.get_by_role("tab", name="Traffic").click()
    expect(page.locator("#exchanges > li:visible")).to_have_count(33)
