"""report.html: self-contained, escaped, linked, readable."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from gradio_conformance.events import CheckFinished
from gradio_conformance.events import Finding
from gradio_conformance.events import RunFinished
from gradio_conformance.events import RunStarted
from gradio_conformance.events import Status
from gradio_conformance.events import TraceEntry
from gradio_conformance.events import Verdict
from gradio_conformance.reporting.html import HtmlReport

from . import sample

VOID = {"meta", "input", "br", "link", "img", "hr"}
HOSTILE = (
    "</pre></style></script></svg><script>alert(1)</script><img src=x onerror=alert(1)>\"'\x1b"
)


class Page(HTMLParser):
    """The page's elements, checked for balance while they are read."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.raw: dict[str, list[str]] = {"script": [], "style": []}
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in self.raw:
            self.raw[self.open[-1]].append(data)
        else:
            self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.elements if name == tag]

    @property
    def ids(self) -> list[str]:
        return [str(attrs["id"]) for _, attrs in self.elements if "id" in attrs]


def written(run: sample.Sample, folder: Path) -> str:
    path = folder / "report.html"
    report = HtmlReport(path, run.clauses, {"jsonl": folder / "report.jsonl"})
    for event in run.events:
        report(event)
    report.close()
    return path.read_text("utf-8")


@pytest.mark.parametrize("name", sample.SCENARIOS)
def test_each_run_gives_a_sound_page(name: str, tmp_path: Path) -> None:
    run = sample.SCENARIOS[name]()
    page = Page(written(run, tmp_path))
    assert [n for n, count in Counter(page.ids).items() if count > 1] == []
    targets = [str(a["href"]) for a in page.all("a")]
    assert [t for t in targets if not t.startswith("#") or t[1:] not in page.ids] == []
    for attrs in page.all("svg"):
        named = str(attrs.get("aria-labelledby", "")).split()
        assert set(named) <= set(page.ids)
        assert named or attrs.get("aria-hidden") == "true"
    finished = run.events[-1]
    assert isinstance(finished, RunFinished)
    text = " ".join(page.text)
    assert finished.verdict.value in text.lower()
    assert all(clause in text for clause in run.clauses)
    assert "4711" in text
    assert "c44d70b16380" in text


def test_the_page_needs_nothing_from_elsewhere(tmp_path: Path) -> None:
    page = Page(written(sample.failures(), tmp_path))
    loading = {"src", "srcset", "data", "action", "poster", "background", "xlink:href", "style"}
    assert [a for _, a in page.elements if loading & a.keys()] == []
    assert not {"link", "img", "iframe", "object", "base"} & {tag for tag, _ in page.elements}
    assert "url(" not in "".join(page.raw["style"])
    assert "@import" not in "".join(page.raw["style"])
    assert [a for _, a in page.elements if any(name.startswith("on") for name in a)] == []


def test_the_policy_allows_just_its_own_style_and_script(tmp_path: Path) -> None:
    page = Page(written(sample.failures(), tmp_path))
    policy = next(str(a["content"]) for a in page.all("meta") if "http-equiv" in a)
    assert policy.startswith("default-src 'none'; ")
    for kind in ("script", "style"):
        assert len(page.all(kind)) == 1
        digest = hashlib.sha256("".join(page.raw[kind]).encode()).digest()
        assert f"{kind}-src 'sha256-{base64.b64encode(digest).decode()}'" in policy


def _hostile() -> sample.Sample:
    run = sample.failures()
    events = list(run.events)
    for place, event in enumerate(events):
        if isinstance(event, RunStarted):
            events[place] = replace(event, server=HOSTILE, target=HOSTILE, known_source=HOSTILE)
        elif isinstance(event, CheckFinished) and event.result.status is not Status.PASS:
            entry = TraceEntry(
                1, "←", HOSTILE, HOSTILE, HOSTILE, HOSTILE, {HOSTILE: [HOSTILE]}, HOSTILE
            )
            changed = replace(
                event.result,
                title=HOSTILE,
                findings=(Finding("EVT-003", HOSTILE, HOSTILE),),
                reason=HOSTILE,
                falsified=HOSTILE,
                trace=(entry,),
                curl=HOSTILE,
            )
            events[place] = CheckFinished(changed)
        elif isinstance(event, RunFinished):
            events[place] = replace(event, reason=HOSTILE)
    return replace(run, events=tuple(events))


def test_what_comes_from_the_wire_stays_text(tmp_path: Path) -> None:
    text = written(_hostile(), tmp_path)
    page = Page(text)
    honest = Page(written(sample.failures(), tmp_path))
    assert len(page.all("script")) == 1
    assert {tag for tag, _ in page.elements} <= {tag for tag, _ in honest.elements}
    assert "<script>alert" not in text
    assert "<img" not in text
    assert "\x1b" not in text
    assert "<script>alert(1)</script>" in "".join(page.text)
    assert any(HOSTILE[:-1] in str(a.get("data-copy")) for a in page.all("button"))


def test_the_sample_with_a_script_in_an_answer(tmp_path: Path) -> None:
    text = written(sample.failures(), tmp_path)
    assert "&lt;script&gt;alert(&#39;join&#39;)&lt;/script&gt;" in text
    assert "<script>alert" not in text


def test_a_failure_shows_all_that_is_needed(tmp_path: Path) -> None:
    text = written(sample.failures(), tmp_path)
    start = text.index('id="check-evt.one-terminal-message"')
    failure = text[start : text.index('id="check-stream.generated-values-survive"')]
    page = " ".join(re.sub(r"<[^>]*>", " ", failure).split())
    assert "Every accepted event MUST get exactly one process_completed" in page
    assert "Expected no message after process_completed" in page
    assert "◄ breaks EVT-003" in page
    assert "curl -sN" in page
    assert "gradio-protocol replay evt.one-terminal-message" in page
    assert 'class="seq"' in failure
    assert "Raw messages" in page


def test_a_flood_is_shown_in_part(tmp_path: Path) -> None:
    run = sample.failures()
    flood = tuple(TraceEntry(n, "←", "s", "x", payload="y" * 9000) for n in range(2000))
    events = tuple(
        CheckFinished(replace(e.result, trace=flood))
        if isinstance(e, CheckFinished) and e.result.trace
        else e
        for e in run.events
    )
    text = written(replace(run, events=events), tmp_path)
    assert "… 1800 more; report.jsonl has all of them" in text
    assert "… 5000 more characters" in text
    assert len(text) < 8_000_000


def test_the_suites_own_fault_is_told_in_full(tmp_path: Path) -> None:
    run = sample.all_pass()
    finished = run.events[-1]
    assert isinstance(finished, RunFinished)
    fault = replace(
        finished, verdict=Verdict.SUITE_FAULT, exit_code=5, reason="queue.x:\nTraceback\n  <b>"
    )
    text = written(replace(run, events=(*run.events[:-1], fault)), tmp_path)
    assert "queue.x:\nTraceback\n  &lt;b&gt;" in text


def test_the_release_that_is_judged_by_is_told(tmp_path: Path) -> None:
    assert "as gradio-4.44.1" in written(sample.as_of("gradio-4.44.1"), tmp_path)
    assert "as gradio-" not in written(sample.all_pass(), tmp_path)


def test_an_unfinished_run_leaves_no_page(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("yesterday's", "utf-8")
    run = sample.all_pass()
    report = HtmlReport(path, run.clauses)
    for event in run.events[:-1]:
        report(event)
    report.close()
    assert not path.exists()


# -- colours ----------------------------------------------------------------------------------

PAIRS = [
    *((ink, ground) for ink in ("ink", "soft", "link") for ground in ("page", "surface", "sunken")),
    *((tone, f"{tone}-bg") for tone in ("good", "bad", "warn", "open", "dull")),
    *((tone, "surface") for tone in ("good", "bad", "warn", "open")),
    *((f"e{number}", "surface") for number in range(1, 7)),
    *(("ink", f"{tone}-bg") for tone in ("good", "bad", "warn", "dull")),
    *(("soft", f"{tone}-bg") for tone in ("good", "bad", "warn", "dull")),
]


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_keeps_contrast_aa(scheme: str, tmp_path: Path) -> None:
    style = "".join(Page(written(sample.failures(), tmp_path)).raw["style"])
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", part)) for part in _roots(style))
    colours = light if scheme == "light" else dark
    low = {
        pair: round(ratio, 2)
        for pair in PAIRS
        if (ratio := _contrast(colours[pair[0]], colours[pair[1]])) < 4.5
    }
    assert low == {}


def _roots(style: str) -> tuple[str, str]:
    first, second = re.findall(r":root \{(.*?)\}", style, re.DOTALL)[:2]
    return first, second


def test_what_was_never_seen_is_listed(tmp_path: Path) -> None:
    text = " ".join(Page(written(sample.failures(), tmp_path)).text)
    assert "52 of 53 seen" not in text
    assert "51  of 53 seen" in text
    for shown in ("lifecycle#event", "running: process_streaming → running", "m19 absent"):
        assert shown in text
    assert "2  more belong to profiles that this run does not claim: stream" in text
    unseen = " ".join(Page(written(sample.known_only(), tmp_path)).text)
    assert "Coverage" not in unseen, "an older report has no such part"


def test_hostile_names_of_branches_stay_text(tmp_path: Path) -> None:
    run = sample.failures()
    *events, finished = run.events
    assert isinstance(finished, RunFinished)
    assert finished.coverage is not None
    never = (replace(finished.coverage.never[0], branch=HOSTILE),)
    coverage = replace(finished.coverage, never=never)
    page = Page(
        written(replace(run, events=(*events, replace(finished, coverage=coverage))), tmp_path)
    )
    assert len(page.all("script")) == 1
    assert not page.all("img")


@pytest.mark.parametrize("deep", ["[" * 3000 + "]" * 3000, "[" * 4000])
def test_a_message_that_is_nested_too_deeply_is_shown_as_text(deep: str, tmp_path: Path) -> None:
    run = sample.failures()
    events = list(run.events)
    for place, event in enumerate(events):
        if isinstance(event, CheckFinished) and event.result.trace:
            entry = replace(event.result.trace[0], payload=deep)
            events[place] = CheckFinished(replace(event.result, trace=(entry,)))
    page = Page(written(replace(run, events=tuple(events)), tmp_path))
    assert "[[[[" in " ".join(page.text)
