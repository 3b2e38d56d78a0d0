"""Realistic runs for the reports: what a server with a handful of bugs looks like to the suite."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from gradio_conformance.events import CheckFinished
from gradio_conformance.events import CheckResult
from gradio_conformance.events import CheckStarted
from gradio_conformance.events import Finding
from gradio_conformance.events import Noise
from gradio_conformance.events import RunCoverage
from gradio_conformance.events import RunEvent
from gradio_conformance.events import RunFinished
from gradio_conformance.events import RunStarted
from gradio_conformance.events import Seen
from gradio_conformance.events import SoloRun
from gradio_conformance.events import Status
from gradio_conformance.events import Unseen
from gradio_conformance.verdict import Ending
from gradio_conformance.verdict import judge
from gradio_spec.model import Clause
from gradio_spec.model import Known
from gradio_spec.model import KnownEntry
from gradio_spec.model import Level
from gradio_spec.model import Scope

from . import sample_traces as traces

HERE = Path(__file__).parent
TARGET = traces.TARGET
PROFILES = ("discover", "call", "queue", "stream")


def _clauses() -> dict[str, Clause]:
    data = yaml.safe_load((HERE / "sample_clauses.yaml").read_text("utf-8"))
    return {
        c["id"]: Clause(
            id=c["id"],
            level=Level(c["level"]),
            profile=c["profile"],
            since="v3-4.22",
            text=c["text"],
            observable="As the check sees it.",
            scope=Scope.TESTBED,
        )
        for c in data
    }


CLAUSES: Mapping[str, Clause] = _clauses()

# slug, title, clauses, seconds
CHECKS: Sequence[tuple[str, str, str, float]] = (
    ("discover.config-is-an-object", "GET /config answers an object", "DISC-001 DISC-003", 0.04),
    ("discover.root-leads-to-the-routes", "The root is a URL that works", "DISC-005", 0.03),
    (
        "discover.info-lists-public-endpoints",
        "Public endpoints, no others",
        "DISC-012 DISC-013",
        0.06,
    ),
    ("discover.false-means-false", "all_endpoints=false is like none", "DISC-016", 0.02),
    ("discover.parameters-are-described", "Parameters carry all members", "DISC-018", 0.05),
    ("discover.app-id-is-exact", "Every JSON reader sees the same app_id", "DISC-023", 0.02),
    ("discover.unknown-path-is-404", "404 and 405 are JSON", "DISC-025", 0.03),
    (
        "call.post-then-get",
        "A call is made and its result fetched",
        "CALL-001 CALL-002 CALL-004",
        0.11,
    ),
    ("call.generator-gives-full-values", "Each yield is one full value", "CALL-005", 0.32),
    ("call.failure-is-one-error", "A failing function gives one error event", "CALL-006", 0.09),
    ("call.second-get-ends", "A second GET does not hang", "CALL-010", 5.02),
    ("call.arguments-by-name", "call/v2 takes members and defaults", "CALL-014", 0.13),
    ("call.streams-do-not-mix", "Two calls of one session stay apart", "CALL-019", 0.84),
    ("call.cancelled-call-says-so", "A cancelled call ends in an error", "CALL-022", 0.31),
    ("run.answers-without-queue", "A direct call answers at once", "RUN-001 RUN-002", 0.07),
    ("join.answers-an-event-id", "A join is answered with an id", "JOIN-001 JOIN-002", 0.05),
    ("join.needs-a-session-hash", "A join without session is refused", "JOIN-005", 0.03),
    ("join.unknown-function", "A join of no function is refused", "JOIN-011", 0.04),
    ("join.full-queue", "A full queue refuses", "JOIN-017 QUEUE-012", 0.4),
    ("join.private-endpoint", "A private endpoint may be refused", "JOIN-023", 0.03),
    ("sse.framing-of-a-stream", "A session stream is framed as written", "SSE-001 SSE-006", 0.12),
    ("sse.close-after-the-last", "close_stream follows the last event", "SSE-011", 0.21),
    ("sse.heartbeats-in-time", "A heartbeat comes in every interval", "SSE-014", 15.4),
    ("sse.newer-reader-replaces", "A newer reader takes over", "SSE-024", 0.5),
    ("sse.no-proxy-may-buffer", "Headers forbid buffering", "SSE-027", 0.04),
    ("sse.terminal-message-once", "A terminal message comes once", "SSE-029", 0.51),
    ("evt.estimation-before-start", "Waiting is told before running", "EVT-001 EVT-005", 0.14),
    ("evt.one-terminal-message", "Nothing follows the end of an event", "EVT-003", 0.42),
    ("evt.logs-in-order", "Logs keep their order", "EVT-022", 0.18),
    ("queue.default-limit-is-one", "No declared limit means one", "QUEUE-001", 0.33),
    ("queue.group-starts-in-join-order", "First in, first out", "QUEUE-002", 0.61),
    ("queue.limit-is-used-and-never-passed", "A limit of two lets two run", "QUEUE-003", 0.44),
    ("queue.batch-runs-together", "A batch takes what waits", "QUEUE-014", 0.27),
    ("queue.eta-of-a-free-slot", "rank_eta equals eta", "QUEUE-020", 0.2),
    ("cancel.answers-success", "A cancel is always answered", "CANCEL-001", 0.03),
    ("cancel.waiting-event-ends", "A cancelled event ends", "CANCEL-006", 0.22),
    ("cancel.names-one-event", "A cancel ends the event it names", "CANCEL-007", 0.73),
    ("cancel.generator-stops", "A cancelled generator stops", "CANCEL-003", 0.38),
    ("cancel.marks-itself", "A cancelled event may say so", "CANCEL-016", 0.05),
    ("stream.first-full-then-edits", "Full value, then edits", "EVT-010 EVT-012 EVT-013", 0.29),
    ("stream.generated-values-survive", "Edits rebuild what was yielded", "DIFF-001 DIFF-003", 3.9),
    ("stream.form-of-an-edit", "An edit has three items", "DIFF-002", 0.16),
    ("stream.growing-text-is-appended", "Tokens are appends", "DIFF-004", 0.2),
    ("stream.type-change-is-a-replace", "A new type is a replace", "DIFF-006", 0.15),
    ("stream.outputs-are-independent", "Two outputs do not mix", "DIFF-013", 0.14),
)

Outcome = dict[str, Any]


def _fail(trace: traces.Trace, *findings: Finding, **more: Any) -> Outcome:
    curl = next((e.curl for e in reversed(trace) if e.curl), None)
    return {"status": Status.FAIL, "trace": trace, "findings": findings, "curl": curl, **more}


FAILURES: Mapping[str, Outcome] = {
    "evt.one-terminal-message": _fail(
        traces.second_end(),
        Finding("EVT-003", "no message after process_completed",
                "process_completed while the event was completed (terminal message seen)", 416.2),
    ),
    "join.unknown-function": _fail(
        traces.hostile_500(),
        Finding("JOIN-011", "status 4xx and a JSON object with the member detail",
                "500 <html><script>alert('join')</script><h1>Internal Server Error</h1></html>"),
    ),
    "stream.generated-values-survive": _fail(
        traces.nested_shrink(),
        Finding("DIFF-003", "each element of a path a string or an integer not below 0",
                '["delete", [0, -1], null]', 612.4),
        Finding("DIFF-001", "[[1], [7]]", "[[3], [7]]"),
        falsified='Falsifying example: check_generated_values_survive(\n    probe=Probe(),\n'
                  '    values=[[[1, 2, 3], [7]], [[1], [7]]],\n)',
    ),
    "sse.no-proxy-may-buffer": _fail(
        traces.headers(),
        Finding("SSE-027", "Cache-Control with no-cache or no-store, and X-Accel-Buffering: no",
                "Cache-Control: None; X-Accel-Buffering: None"),
    ),
}  # fmt: skip
KNOWN: Mapping[str, Outcome] = {
    "cancel.names-one-event": _fail(
        traces.cancel_kills_both(),
        Finding("CANCEL-007", "the other event to complete with its result",
                "messages [estimation, process_starts, estimation, process_starts], still open"),
    ),
    "call.second-get-ends": _fail(
        traces.endless_get(),
        Finding("CALL-010", "the end of the response (within 5 s)",
                "HTTP 200, events ['heartbeat: null'], still open"),
    ),
}  # fmt: skip
LISTED = Known(
    "known-failing.yaml",
    "gradio",
    "6.31.0",
    (
        KnownEntry("CANCEL-007", "cancel.names-one-event", "Cancel ends both runs.", "E-6"),
        KnownEntry("CALL-010", "call.second-get-ends", "A fetched result hangs.", "E-4"),
    ),
)
GONE = KnownEntry("DISC-016", "discover.*", "all_endpoints=false counts as true.", "E-29")
OPEN: Mapping[str, Outcome] = {
    "join.full-queue": {
        "status": Status.COULD_NOT_RUN,
        "reason": "the testbed has no second server (verbose errors, bounded queue)",
    },
    "queue.batch-runs-together": {
        "status": Status.COULD_NOT_RUN,
        "reason": "the testbed lacks the endpoint hold_batch",
    },
}
ASIDE: Mapping[str, Outcome] = {
    "join.private-endpoint": {
        "status": Status.NOT_APPLICABLE,
        "reason": "no endpoint of this server is private",
    },
}


@dataclass(frozen=True, slots=True)
class Sample:
    """One run: its events, and the clauses that its reports quote."""

    events: tuple[RunEvent, ...]
    clauses: Mapping[str, Clause]

    @property
    def results(self) -> list[CheckResult]:
        return [event.result for event in self.events if isinstance(event, CheckFinished)]


def _results(outcomes: Mapping[str, Outcome], only: int | None = None) -> Iterator[CheckResult]:
    for slug, title, clauses, duration_s in CHECKS[:only]:
        ids = tuple(clauses.split())
        plain = CheckResult(slug, title, ids, CLAUSES[ids[0]].profile, Status.PASS, duration_s)
        yield replace(plain, **outcomes.get(slug, {}))


def _sample(
    results: Sequence[CheckResult],
    ending: Ending | None = None,
    *,
    known: Known | None = None,
    **header: Any,
) -> Sample:
    bindings: dict[str, list[str]] = {name: [] for name in CLAUSES}
    for slug, _, clauses, _ in CHECKS:
        for clause in clauses.split():
            bindings[clause].append(slug)
    ending = ending or Ending(round(sum(r.duration_s for r in results), 1))
    events: list[RunEvent] = [_header(known, **header)]
    for result in results:
        events.append(CheckStarted(result.check, result.title, result.clauses, result.profile))
        events.append(CheckFinished(result))
    events.append(judge(list(CLAUSES.values()), bindings, results, ending, known=known))
    return Sample(tuple(events), CLAUSES)


def _header(known: Known | None, **changes: Any) -> RunStarted:
    facts: dict[str, Any] = {
        "suite_version": "0.1.0",
        "spec_version": "sse_v3",
        "spec_digest": "c44d70b16380",
        "dialect": "v3-6.27",
        "target": TARGET,
        "server": "blocks 6.31.0",
        "scope": "testbed",
        "profiles": PROFILES,
        "seed": 4711,
        "started_at": "2026-07-14T09:30:00+00:00",
        "checks": len(CHECKS),
        "known_source": known.source if known else None,
        "capabilities": {
            "testbed": True,
            "second server": True,
            "generators": True,
            "batch": False,
        },
    }
    return RunStarted(**{**facts, **changes})


def _as_known(outcomes: Mapping[str, Outcome]) -> dict[str, Outcome]:
    return {slug: {**outcome, "status": Status.KNOWN} for slug, outcome in outcomes.items()}


def _covered(sample: Sample, coverage: RunCoverage) -> Sample:
    *events, finished = sample.events
    assert isinstance(finished, RunFinished)
    return replace(sample, events=(*events, replace(finished, coverage=coverage)))


NEVER = (
    Unseen("lifecycle#event/running: process_streaming → running", "transitions", ("queue",)),
    Unseen("lifecycle#event/accepted: stream_lost → lost", "transitions", ("queue",)),
    Unseen("messages#/$defs/ServerMessage/msg=process_streaming", "message kinds", ("queue",)),
    Unseen("POST /queue/join → 405", "answers", ("queue",)),
    Unseen("POST /queue/join → 503", "answers", ("queue",)),
    Unseen("messages#/$defs/ProcessCompleted/used_cache=full", "values", ("queue",)),
    Unseen("messages#/$defs/TimeLimit:number", "null or not", ("queue", "stream")),
    Unseen("http#/$defs/StartupEvents=true", "values", ("discover",)),
)
KINDS = (("transitions", 53), ("rules", 8), ("message kinds", 14), ("answers", 55),
         ("values", 72), ("null or not", 78))  # fmt: skip


def _coverage(*more: Unseen, partial: bool = False) -> RunCoverage:
    never = (*NEVER, *more)
    missing = Counter(unseen.kind for unseen in never if unseen.claimed)
    kinds = (Seen(kind, total - missing[kind], total) for kind, total in KINDS)
    return RunCoverage(tuple(kinds), never, partial=partial)


def all_pass() -> Sample:
    return _covered(_sample(list(_results({}))), _coverage())


def failures() -> Sample:
    """Everything at once: failures of each kind, known ones, an open check, one not applicable."""
    batch = "queue.batch-runs-together"
    listed = {**FAILURES, **_as_known(KNOWN), **ASIDE, batch: OPEN[batch]}
    edit = "messages#/$defs/Edit"
    more = [
        *(
            Unseen(f"{edit}/0={op}", "values", ("stream",), claimed=False)
            for op in ("add", "append")
        ),
        *(Unseen(f"http#/$defs/RunBody/m{n} absent", "values", ("call",)) for n in range(20)),
    ]
    return _covered(_sample(list(_results(listed)), known=LISTED), _coverage(*more))


def partial() -> Sample:
    return _covered(_sample(list(_results({}, only=12))), _coverage(partial=True))


NOISE = Noise(0.2, 31.4, 840.2, 6217)
LATE: Mapping[str, Outcome] = {
    "sse.heartbeats-in-time": {
        "reason": "late in 1 of 3 solo runs, after it had been late: SSE-014 heartbeat number 2",
        "noise": Noise(0.1, 0.4, 2.1, 3080),
        "solo": (SoloRun(True, 15.4, NOISE), SoloRun(False, 3.1), SoloRun(False, 3.0)),
    },
    "cancel.generator-stops": _fail(
        traces.endless_get(),
        Finding("CANCEL-003", "closed in the journal (within 10 s)", "[]"),
        reason="late in 2 of 2 solo runs",
        late=True,
        noise=NOISE,
        solo=(SoloRun(True, 10.2), SoloRun(True, 10.3, NOISE)),
    ),
}


def as_of(release: str) -> Sample:
    """A run in which all passed, judged by the version of an older release."""
    return _sample(list(_results({})), release=release)


def late() -> Sample:
    """On a machine that is late itself: one check late in company only, one also alone."""
    sample = _sample(list(_results(LATE)), cpus=2, load=7.25, shortest_wait_s=1.0)
    *events, finished = sample.events
    assert isinstance(finished, RunFinished)
    told = replace(finished, noise=NOISE, contention=0.352)
    return replace(sample, events=(*events, told))


def known_only() -> Sample:
    return _sample(list(_results(_as_known(KNOWN))), known=LISTED)


def known_and_stale() -> Sample:
    known = replace(LISTED, entries=(*LISTED.entries, GONE))
    return _sample(list(_results({**_as_known(KNOWN), **ASIDE})), known=known)


def only_may_fails() -> Sample:
    finding = Finding("CANCEL-016", "cancelled true", "no member cancelled")
    return _sample(list(_results({"cancel.marks-itself": _fail(traces.headers(), finding)})))


def inconclusive() -> Sample:
    return _sample(list(_results({**OPEN, **ASIDE})))


def interrupted() -> Sample:
    return _sample(list(_results({}, only=12)), Ending(6.3, interrupted=True))


def unreachable() -> Sample:
    ending = Ending(5.0, unreachable=f"nothing answers at {TARGET}: connection refused")
    return _sample([], ending, server="unknown", scope="any-app", capabilities={})


def zero_checks() -> Sample:
    return _sample([], Ending(0.1), checks=0)


SCENARIOS = {
    "all-pass": all_pass,
    "failures": failures,
    "late": late,
    "known-only": known_only,
    "known-and-stale": known_and_stale,
    "only-may-fails": only_may_fails,
    "inconclusive": inconclusive,
    "interrupted": interrupted,
    "unreachable": unreachable,
    "zero-checks": zero_checks,
}
