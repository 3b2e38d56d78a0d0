"""What a client reported and sent, held against what its scenario expects. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gradio_conformance.events import Finding
from gradio_conformance.scenarios.model import Expectation
from gradio_conformance.scenarios.model import Scenario
from gradio_conformance.scenarios.reports import ENDS
from gradio_conformance.scenarios.reports import Report
from gradio_conformance.scenarios.reports import of_call
from gradio_spec import diff
from gradio_spec.rules import brief

ROUTES = {"upload": "/upload", "cancel": "/cancel", "heartbeat": "/heartbeat/"}


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one client: its reports, the paths that it asked for, and why its reports end.

    ``ending`` is for the eye: ``it ended with exit code 0``, ``it was killed after 5 s …``.
    """

    reports: Sequence[Report]
    paths: Sequence[str]
    ending: str


def findings(scenario: Scenario, told: Told) -> Iterator[Finding]:
    """Each expectation that the client has not met, at the clause that it then breaks."""
    for wanted in scenario.expect:
        for expected, actual in _unmet(wanted, told):
            yield Finding(wanted.clause, expected, actual, bugs=wanted.bugs)


def _unmet(wanted: Expectation, told: Told) -> Iterator[tuple[str, str]]:
    if wanted.offers is not None:
        yield from _offers(wanted.offers, told)
    if wanted.call is None:
        return
    mine = of_call(told.reports, wanted.call)
    if wanted.ends:
        yield from _ends(wanted, mine, told)
    if wanted.values:
        yield from _values(wanted, mine)
    if wanted.only is not None:
        logs = [str(r.body.get("text")) for r in mine if r.kind == "log"]
        foreign = [text for text in logs if text not in wanted.only]
        if foreign:
            yield f"call {wanted.call}: no log but its own", f"the log {foreign[0]!r}"
    if wanted.reaches is not None:
        yield from _reaches(wanted.reaches, wanted.call, mine, told)


def _ends(wanted: Expectation, mine: Sequence[Report], told: Told) -> Iterator[tuple[str, str]]:
    ends = [report for report in mine if report.kind in ENDS]
    with_data = f" {_shown(wanted.data)}" if wanted.data is not None else ""
    expected = f"call {wanted.call} reported as {' or '.join(wanted.ends)}{with_data}, once"
    if not ends:
        yield expected, f"no end of call {wanted.call} was reported; {told.ending}"
    elif len(ends) > 1:
        yield expected, "reported as " + ", then as ".join(_end(end) for end in ends)
    elif ends[0].kind not in wanted.ends:
        yield expected, f"reported as {_end(ends[0])}"
    elif ends[0].kind == "result" and wanted.data is not None:
        got = ends[0].body["data"]
        if not diff.same(got, wanted.data):
            yield expected, f"reported as result; {_difference(wanted.data, got)}"


def _values(wanted: Expectation, mine: Sequence[Report]) -> Iterator[tuple[str, str]]:
    """The values told are some of the right ones, in their order, the last one among them. A
    client may tell the result as a value, too.
    """
    told = [report.body["data"] for report in mine if report.kind == "data"]
    result = [report.body["data"] for report in mine if report.kind == "result"]
    right = list(wanted.values)
    expected = f"call {wanted.call}: the values {_shown(right)}, in this order"
    place = 0
    for number, value in enumerate(told):
        rest = right[place:]
        at = next((i for i, one in enumerate(rest) if diff.same(one, value)), None)
        if at is None and not (number == len(told) - 1 and result and diff.same(value, result[0])):
            wrong = _difference(rest[0], value) if rest else f"got {_shown(value)} beside them"
            yield expected, f"value {number + 1} that was reported: {wrong}"
            return
        place += (at or 0) + 1 if at is not None else 0
    if place < len(right):
        missing = f"the last that was reported is {_shown(told[-1])}" if told else "none was"
        yield expected, missing


def _reaches(
    route: str, call: str, mine: Sequence[Report], told: Told
) -> Iterator[tuple[str, str]]:
    if any(ROUTES[route] in path for path in told.paths):
        return
    if any(report.kind == "failed" for report in mine):
        actual = f"call {call} failed, and the server has never seen a request for it"
        yield f"the server sees the {route} that the call needs", actual


def _offers(wanted: Sequence[str], told: Told) -> Iterator[tuple[str, str]]:
    expected = f"the endpoints {', '.join(wanted)}, which /info lists, and no other"
    offers = [report for report in told.reports if report.kind == "endpoints"]
    if not offers:
        yield expected, f"no endpoints were reported; {told.ending}"
    for report in offers:
        if sorted(report.body["endpoints"]) != sorted(wanted):
            yield expected, ", ".join(report.body["endpoints"]) or "none"


def _end(report: Report) -> str:
    if report.kind == "result":
        return f"result {_shown(report.body['data'])}"
    reason = report.body.get("message")
    return f"{report.kind} ({reason})" if reason else report.kind


def _difference(wanted: Any, got: Any) -> str:
    """Where two lists of outputs differ first."""
    if isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got) > 1:
        for place, (one, other) in enumerate(zip(wanted, got, strict=True)):
            if not diff.same(one, other):
                return f"output {place} is {_shown(other)} instead of {_shown(one)}"
    return f"got {_shown(got)} instead of {_shown(wanted)}"


def _shown(value: Any) -> str:
    return brief(value)
