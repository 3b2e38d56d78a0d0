"""The sequence diagram: well-formed, escaped, folded, wide enough."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from gradio_conformance.events import TraceEntry
from gradio_conformance.reporting.sequence import MAX_LANES
from gradio_conformance.reporting.sequence import sequence_svg

from . import sample_traces

SVG = "{http://www.w3.org/2000/svg}"
anything = st.text(st.characters(codec=None), max_size=40)


def drawn(trace: sample_traces.Trace) -> ET.Element:
    return ET.fromstring(sequence_svg(trace, ident="d1", title="What happened"))


def texts(svg: ET.Element, style: str) -> list[str]:
    found = [e for e in svg.iter(f"{SVG}text") if e.get("class") == style]
    return ["".join(e.itertext()) for e in found]


def steps(svg: ET.Element) -> list[ET.Element]:
    return [g for g in svg.iter(f"{SVG}g") if str(g.get("class")).startswith("step")]


def test_as_the_golden_file(golden: Callable[[str, str], None]) -> None:
    svg = sequence_svg(sample_traces.second_end(), ident="d1", title="What happened")
    golden("sequence-second-end.svg", svg + "\n")


def test_the_broken_message_is_the_one_that_is_marked() -> None:
    svg = drawn(sample_traces.second_end())
    broken = [g for g in steps(svg) if g.get("class") == "step broken"]
    assert len(broken) == 1
    assert texts(svg, "mark") == ["◄ breaks EVT-003"]
    assert any("416 ms" in "".join(text.itertext()) for text in broken[0])


def test_lanes_stand_in_order_between_client_and_server() -> None:
    svg = drawn(sample_traces.cancel_kills_both())
    names = texts(svg, "name")
    assert names == ["client", "requests", sample_traces.SESSION, sample_traces.OTHER, "server"]
    assert texts(svg, "kind") == ["session", "session"]


def test_long_traces_are_folded_and_pauses_told() -> None:
    assert texts(drawn(sample_traces.nested_shrink()), "more") == ["… 101 more"]
    assert texts(drawn(sample_traces.endless_get()), "passed") == ["3.0 s pass", "2.0 s pass"]


def test_many_lanes_share_the_last_life_line() -> None:
    trace = tuple(TraceEntry(n, "←", f"s-{n}", "x") for n in range(MAX_LANES + 5))
    broken = TraceEntry(99, "←", "s-last", "x", violation="EVT-003")
    names = texts(drawn((*trace, broken)), "name")
    assert "6 more" in names
    assert "s-last" in names
    assert len(names) == MAX_LANES + 3


def test_nothing_leaves_the_picture() -> None:
    for trace in (sample_traces.cancel_kills_both(), sample_traces.nested_shrink()):
        svg = drawn(trace)
        width, height = float(svg.get("width", "0")), float(svg.get("height", "0"))
        for element in svg.iter():
            assert 0 <= float(element.get("x", "0")) <= width
            assert 0 <= float(element.get("y", "0")) <= height


@given(st.lists(st.tuples(anything, anything, anything, anything), max_size=4))
def test_any_text_stays_text(words: list[tuple[str, str, str, str]]) -> None:
    trace = [
        TraceEntry(n, "←·→"[n % 3], lane, summary, event or None, state, violation="EVT-003")
        for n, (lane, summary, event, state) in enumerate(words)
    ]
    svg = ET.fromstring(sequence_svg(trace, ident='"><script>', title="<script>"))
    assert {e.tag for e in svg.iter()} <= {
        f"{SVG}{name}" for name in ("svg", "title", "desc", "line", "rect", "text", "path", "g")
    }


def test_an_empty_trace_is_a_picture_too() -> None:
    assert texts(drawn(()), "name") == ["client", "server"]
