"""Events as the JSON objects of ``report.jsonl`` (report.schema.json), and back."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from gradio_conformance.events import CheckFinished
from gradio_conformance.events import CheckResult
from gradio_conformance.events import ClauseResult
from gradio_conformance.events import Finding
from gradio_conformance.events import Newer
from gradio_conformance.events import Noise
from gradio_conformance.events import RunCoverage
from gradio_conformance.events import RunEvent
from gradio_conformance.events import RunFinished
from gradio_conformance.events import RunStarted
from gradio_conformance.events import Seen
from gradio_conformance.events import SoloRun
from gradio_conformance.events import StaleKnown
from gradio_conformance.events import Status
from gradio_conformance.events import TraceEntry
from gradio_conformance.events import Unseen
from gradio_conformance.events import Verdict
from gradio_conformance.reporting.words import strict_json

FORMAT = "1"
# A passing check's trace is long and tells nobody anything.
TRACED = frozenset({Status.FAIL, Status.KNOWN, Status.COULD_NOT_RUN})

Record = dict[str, Any]


def header(event: RunStarted) -> Record:
    return {
        "kind": "header",
        "format": FORMAT,
        "suite_version": event.suite_version,
        "spec_version": event.spec_version,
        "spec_digest": event.spec_digest,
        "dialect": event.dialect,
        "target": event.target,
        "server": event.server,
        "scope": event.scope,
        "profiles": list(event.profiles),
        "seed": event.seed,
        "started_at": event.started_at,
        "checks": event.checks,
        "max_examples": event.max_examples,
        "patience_s": event.patience_s,
        "known_source": event.known_source,
        "capabilities": dict(event.capabilities),
        "cpus": event.cpus,
        "load": event.load,
        "shortest_wait_s": event.shortest_wait_s,
        **_present({"release": event.release}),
    }


def result(outcome: CheckResult) -> Record:
    """Members that have nothing to say (no findings, no reason, …) are left out."""
    optional = {
        "findings": [_present(_finding(f)) for f in outcome.findings],
        "reason": outcome.reason,
        "curl": outcome.curl,
        "falsified": outcome.falsified,
        "scripts": [dict(script) for script in outcome.scripts],
        "completed": None if outcome.completed else False,
        "late": outcome.late or None,
        "noise": _noise(outcome.noise),
        "solo_runs": [_present(_solo(run)) for run in outcome.solo],
        "trace": [_entry(e) for e in outcome.trace] if outcome.status in TRACED else [],
    }
    return {
        "kind": "result",
        "check": outcome.check,
        "title": outcome.title,
        "clauses": list(outcome.clauses),
        "profile": outcome.profile,
        "status": outcome.status.value,
        "duration_s": outcome.duration_s,
        **{name: value for name, value in optional.items() if value not in (None, [])},
    }


def footer(event: RunFinished) -> Record:
    told = {
        "coverage": None if event.coverage is None else _coverage(event.coverage),
        "noise": _noise(event.noise),
        "contention": event.contention,
        "newer": [asdict(newer) for newer in event.newer] or None,
    }
    return {
        "kind": "footer",
        "verdict": event.verdict.value,
        "exit_code": event.exit_code,
        "reason": event.reason,
        "duration_s": event.duration_s,
        "counts": {status.value: event.counts.get(status.value, 0) for status in Status},
        "must": {"kept": event.must[0], "applicable": event.must[1]},
        "should": {"kept": event.should[0], "applicable": event.should[1]},
        "clauses": [
            {
                "clause": c.clause,
                "level": str(c.level),
                "profile": c.profile,
                "status": c.status.value,
                "checks": list(c.checks),
            }
            for c in event.clauses
        ],
        "stale": [{"check": s.check, "clause": s.clause, "source": s.source} for s in event.stale],
        **_present(told),
    }


def _noise(noise: Noise | None) -> Record | None:
    return None if noise is None else asdict(noise)


def _solo(run: SoloRun) -> Record:
    return {"late": run.late, "duration_s": run.duration_s, "noise": _noise(run.noise)}


def _coverage(coverage: RunCoverage) -> Record:
    return {
        "partial": coverage.partial,
        "kinds": [{"kind": k.kind, "seen": k.seen, "total": k.total} for k in coverage.kinds],
        "never_seen": [
            {
                "branch": n.branch,
                "kind": n.kind,
                "profiles": list(n.profiles),
                "claimed": n.claimed,
            }
            for n in coverage.never
        ],
    }


def _finding(finding: Finding) -> Record:
    return {
        "clause": finding.clause,
        "expected": finding.expected,
        "actual": finding.actual,
        "at_ms": finding.at_ms,
        "bugs": list(finding.bugs) or None,
    }


def _entry(entry: TraceEntry) -> Record:
    record = {
        "at_ms": entry.at_ms,
        "direction": entry.direction,
        "lane": entry.lane,
        "summary": entry.summary,
        "event_id": entry.event_id,
        "state": entry.state,
        "payload": strict_json(entry.payload),
        "curl": entry.curl,
        "violation": entry.violation,
    }
    return _present(record)


def _present(record: Record) -> Record:
    return {name: value for name, value in record.items() if value is not None}


def events(
    head: Mapping[str, Any], results: list[dict[str, Any]], foot: Mapping[str, Any]
) -> Iterator[RunEvent]:
    """A recorded run again, so that any format can be written from ``report.jsonl``."""
    facts = {k: v for k, v in head.items() if k in RunStarted.__dataclass_fields__}
    yield RunStarted(**{**facts, "profiles": tuple(head["profiles"])})
    for record in results:
        yield CheckFinished(_result_of(record))
    yield RunFinished(
        verdict=Verdict(foot["verdict"]),
        exit_code=foot["exit_code"],
        duration_s=foot["duration_s"],
        counts=foot["counts"],
        must=(foot["must"]["kept"], foot["must"]["applicable"]),
        should=(foot["should"]["kept"], foot["should"]["applicable"]),
        clauses=tuple(_clause_of(c) for c in foot["clauses"]),
        stale=tuple(StaleKnown(s["check"], s["clause"], s["source"]) for s in foot["stale"]),
        reason=foot["reason"],
        coverage=_coverage_of(foot["coverage"]) if "coverage" in foot else None,
        noise=_noise_of(foot),
        contention=foot.get("contention"),
        newer=tuple(Newer(row["place"], row["since"]) for row in foot.get("newer", ())),
    )


def _noise_of(owner: Mapping[str, Any]) -> Noise | None:
    return Noise(**owner["noise"]) if "noise" in owner else None


def _coverage_of(record: Mapping[str, Any]) -> RunCoverage:
    never = (
        Unseen(n["branch"], n["kind"], tuple(n["profiles"]), n["claimed"])
        for n in record["never_seen"]
    )
    kinds = (Seen(k["kind"], k["seen"], k["total"]) for k in record["kinds"])
    return RunCoverage(tuple(kinds), tuple(never), record["partial"])


def _result_of(record: Mapping[str, Any]) -> CheckResult:
    return CheckResult(
        check=record["check"],
        title=record["title"],
        clauses=tuple(record["clauses"]),
        profile=record["profile"],
        status=Status(record["status"]),
        duration_s=record["duration_s"],
        findings=tuple(
            Finding(**{**finding, "bugs": tuple(finding.get("bugs", ()))})
            for finding in record.get("findings", ())
        ),
        reason=record.get("reason"),
        trace=tuple(TraceEntry(**entry) for entry in record.get("trace", ())),
        curl=record.get("curl"),
        falsified=record.get("falsified"),
        completed=record.get("completed", True),
        late=record.get("late", False),
        noise=_noise_of(record),
        solo=tuple(
            SoloRun(run["late"], run["duration_s"], _noise_of(run))
            for run in record.get("solo_runs", ())
        ),
        scripts=tuple(record.get("scripts", ())),
    )


def _clause_of(record: Mapping[str, Any]) -> ClauseResult:
    return ClauseResult(
        record["clause"],
        record["level"],
        record["profile"],
        Status(record["status"]),
        tuple(record["checks"]),
    )
