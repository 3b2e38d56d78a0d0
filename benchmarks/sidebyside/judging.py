"""The separate pass: every message of every stream goes to the monitor, so that speed never buys
wrongness. It is not measured.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gradio_spec import sse
from gradio_spec.loader import load_known
from gradio_spec.loader import load_spec
from gradio_spec.monitor import Monitor
from gradio_spec.records import Violation
from sidebyside.faults import Broken
from sidebyside.sinks import Heard


@dataclass(frozen=True, slots=True)
class Finding:
    """A clause that was broken; `erratum` names the known deviation, None of one that is new."""

    clause: str
    times: int
    example: str
    erratum: str | None

    def as_json(self) -> dict[str, Any]:
        return {
            "clause": self.clause,
            "times": self.times,
            "example": self.example,
            "erratum": self.erratum,
        }


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the pass has heard. `by` says who judged: the monitor, or the result alone."""

    by: str
    messages: int
    findings: tuple[Finding, ...] = ()

    @property
    def sound(self) -> bool:
        return all(finding.erratum is not None for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        findings = [finding.as_json() for finding in self.findings]
        return {"by": self.by, "messages": self.messages, "findings": findings}


class Witness:
    """Of a server that does not speak the protocol: each event must be strict JSON."""

    def __init__(self) -> None:
        self.messages = 0

    def sink(self, gap: bytes) -> Heard:
        return Heard(gap, self._hear, lambda how: None)

    def _hear(self, event: sse.Event) -> None:
        self.messages += 1
        try:
            json.loads(event.data)
        except ValueError as error:
            raise Broken(f"an event is not JSON: {error}: {event.data[:80]!r}") from error

    def verdict(self) -> Verdict:
        return Verdict("results", self.messages)


class MonitorWitness:
    """Of a server that speaks the protocol. `known` names a bundled list of deviations."""

    def __init__(self, known: str | None = None) -> None:
        self._monitor = Monitor(load_spec())
        self._errata = _errata(known)
        self._times: Counter[str] = Counter()
        self._examples: dict[str, str] = {}
        self.messages = 0

    def joining(self, session: str) -> None:
        self._monitor.joining(session, simple_format=False)

    def joined(self, session: str, event_id: str) -> None:
        self._note(self._monitor.joined(session, event_id).violations)

    def sink(self, session: str) -> Heard:
        stream = self._monitor.opened(session)

        def hear(event: sse.Event) -> None:
            self.messages += 1
            self._note(self._monitor.message(stream, event.data).violations)

        def ended(how: str) -> None:
            self._note(self._monitor.ended(stream, how).violations)

        return Heard(b"\n\n", hear, ended)

    def verdict(self) -> Verdict:
        self._note(self._monitor.finish())
        findings = (
            Finding(clause, times, self._examples[clause], self._errata.get(clause))
            for clause, times in sorted(self._times.items())
        )
        return Verdict("monitor", self.messages, tuple(findings))

    def _note(self, violations: Iterable[Violation]) -> None:
        for violation in violations:
            self._times[violation.clause] += 1
            example = f"expected {violation.expected}; {violation.actual}"
            self._examples.setdefault(violation.clause, example)


def _errata(known: str | None) -> dict[str, str]:
    if known is None:
        return {}
    return {entry.clause: entry.erratum or known for entry in load_known(known).entries}
