"""What a recording says of a server and of its clients, clause by clause, and in one word. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gradio_conformance import __version__
from gradio_conformance.events import EXIT_CODES
from gradio_conformance.events import Status
from gradio_conformance.events import Verdict
from gradio_conformance.traffic.judge import BOTH
from gradio_conformance.traffic.judge import Judge
from gradio_conformance.traffic.judge import Side
from gradio_conformance.traffic.model import Offence
from gradio_conformance.traffic.model import RequestSeen
from gradio_conformance.traffic.recording import Recording
from gradio_conformance.verdict import RED_LEVELS
from gradio_spec.model import Level
from gradio_spec.model import Spec


@dataclass(frozen=True, slots=True)
class ClauseVerdict:
    """One clause that was looked at, ``asked`` times; ``status`` is pass, fail or known."""

    side: Side
    id: str
    level: Level
    text: str
    status: Status
    asked: int
    offences: tuple[Offence, ...]
    bugs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """All of it. ``unseen``: clauses about clients that the recording had no occasion for."""

    verdict: Verdict
    reason: str
    clauses: tuple[ClauseVerdict, ...]
    unseen: tuple[str, ...]
    exchanges: int
    recording: Recording
    spec_digest: str

    @property
    def exit_code(self) -> int:
        return EXIT_CODES[self.verdict]

    @property
    def broken(self) -> list[ClauseVerdict]:
        return [clause for clause in self.clauses if clause.status is Status.FAIL]


def judge_recording(
    spec: Spec,
    recording: Recording,
    *,
    sides: Sequence[Side] = BOTH,
    whole: bool = False,
    fail_on: str = "should",
    known: Collection[str] = (),
) -> Judgement:
    """Judge a recording; ``known`` are the clauses that the server is known to break."""
    judge = Judge(spec, sides=sides, whole=whole or recording.whole)
    for observation in recording.observations:
        judge.feed(observation)
    judge.finish()
    clauses = tuple(_clauses(spec, judge, known))
    red = [c for c in clauses if c.status is Status.FAIL and c.level in RED_LEVELS[fail_on]]
    asked = sum(isinstance(o, RequestSeen) for o in recording.observations)
    verdict, reason = _word(red if fail_on != "never" else [], clauses, recording)
    shown = (
        [c.id for c in spec.client.values() if c.seen_in == "traffic"] if "client" in sides else []
    )
    seen = {c.id for c in clauses}
    unseen = tuple(clause for clause in shown if clause not in seen)
    return Judgement(verdict, reason, clauses, unseen, asked, recording, spec.digest)


def _clauses(spec: Spec, judge: Judge, known: Collection[str]) -> Iterator[ClauseVerdict]:
    found: dict[str, list[Offence]] = {}
    for offence in judge.offences:
        found.setdefault(offence.clause, []).append(offence)
    asked = Counter(judge.asked)
    for clause in spec.clauses.values():
        if asked[clause.id] or clause.id in found:
            offences = tuple(found.get(clause.id, ()))
            broken = Status.KNOWN if clause.id in known else Status.FAIL
            status = broken if offences else Status.PASS
            times = max(asked[clause.id], len(offences))
            yield ClauseVerdict(
                "server", clause.id, clause.level, clause.text, status, times, offences
            )
    for owed in spec.client.values():
        if asked[owed.id] or owed.id in found:
            offences = tuple(found.get(owed.id, ()))
            status = Status.FAIL if offences else Status.PASS
            times = max(asked[owed.id], len(offences))
            yield ClauseVerdict(
                "client", owed.id, owed.level, owed.text, status, times, offences, owed.bugs
            )


def _word(
    red: Sequence[ClauseVerdict], clauses: Sequence[ClauseVerdict], recording: Recording
) -> tuple[Verdict, str]:
    if red:
        sides = Counter(clause.side for clause in red)
        told = " and ".join(f"{number} of the {side}" for side, number in sides.items())
        return Verdict.NONCONFORMANT, f"broken clauses: {told}"
    if not clauses:
        return Verdict.INCONCLUSIVE, "nothing in it that a clause is about"
    if not recording.is_complete:
        return Verdict.INCONCLUSIVE, "the recording was broken off"
    return Verdict.CONFORMANT, f"nothing breaks any of the {len(clauses)} clauses that were seen"


def lines_of(judgement: Judgement) -> Iterator[Mapping[str, Any]]:
    """The judgement as the lines of a file; ``judgement.schema.json`` describes them."""
    yield {
        "kind": "header",
        "format": "gradio-protocol-judgement",
        "version": 1,
        "made_by": f"gradio-protocol {__version__}",
        "spec_digest": judgement.spec_digest,
        "server": judgement.recording.server,
        "remarks": list(judgement.recording.remarks),
    }
    for clause in judgement.clauses:
        yield {
            "kind": "clause",
            "side": clause.side,
            "clause": clause.id,
            "level": clause.level.value,
            "status": clause.status.value,
            "asked": clause.asked,
        }
    for clause in judgement.clauses:
        for offence in clause.offences:
            yield offence_line(offence)
    yield {
        "kind": "footer",
        "verdict": judgement.verdict.value,
        "reason": judgement.reason,
        "exchanges": judgement.exchanges,
        "unseen": list(judgement.unseen),
    }


def offence_line(offence: Offence) -> dict[str, Any]:
    """One offence as a JSON value."""
    return {
        "kind": "offence",
        "side": offence.side,
        "clause": offence.clause,
        "exchange": offence.exchange,
        "at": round(offence.at, 6),
        "expected": offence.expected,
        "actual": offence.actual,
        "event_id": offence.event_id,
        "session_hash": offence.session_hash,
        "bugs": list(offence.bugs),
    }
