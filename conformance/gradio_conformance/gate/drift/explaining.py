"""What explains a difference between two releases. Pure.

A row of ``changes.yaml`` explains a finding at one of its places. Where the row names a part that
is larger than the place, such as a whole definition, it counts only if the specification has the
place otherwise in the two releases: not everything that happens to Dependency is api_visibility.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from typing import Any

from gradio_conformance.gate.drift.findings import Finding
from gradio_conformance.gate.drift.findings import Row
from gradio_conformance.gate.drift.findings import Status
from gradio_conformance.gate.drift.notes import notes
from gradio_conformance.gate.drift.places import part_at
from gradio_conformance.gate.drift.plan import plan
from gradio_spec.changes import Change
from gradio_spec.changes import bare
from gradio_spec.changes import covers
from gradio_spec.model import Spec

FAMILY = "family:"
FOR_UI = "the specification leaves it to Gradio's own UI (x-audience)"


@dataclass(frozen=True, slots=True)
class Explaining:
    """``rows`` lie between the releases of ``older`` and ``newer``; ``known``: clauses that one of
    them is listed to break, and what is said of that.
    """

    rows: tuple[Change, ...]
    older: Spec
    newer: Spec
    known: Mapping[str, str]

    def of(self, finding: Finding) -> Finding:
        """The finding with what explains it, if anything does."""
        found = tuple(row for row in self.rows if self._explains(row, finding))
        if found:
            return replace(finding, status=Status.EXPLAINED, rows=found)
        reason = self._reason(finding)
        if reason is not None:
            return replace(finding, status=Status.EXPLAINED, reason=reason)
        if finding.clauses and set(finding.clauses) <= self.known.keys():
            told = "; ".join(dict.fromkeys(self.known[clause] for clause in finding.clauses))
            return replace(finding, status=Status.KNOWN, reason=told)
        return finding

    def row(self, change: Change, findings: Sequence[Finding], *absent: Mapping[str, str]) -> Row:
        """Which findings show a change, or why none can; ``absent``: the steps of either side that
        tell nothing.
        """
        shown = tuple(finding.key for finding in findings if change in finding.rows)
        if shown:
            return Row(change, shown)
        reason = notes().unshown(change) or change.outside or self._other_encoder(change)
        return Row(change, (), reason or _unplayed(change, *absent))

    def _other_encoder(self, change: Change) -> str | None:
        """A change to an encoder that was changed again before the newer release."""
        now = f"encoder:{self.newer.release.encoder}"
        if change.at and all(at.startswith("encoder:") and at != now for at in change.at):
            return "neither of the two has this encoder"
        return None

    def _explains(self, row: Change, finding: Finding) -> bool:
        return any(self._is_about(at, place) for at in row.at for place in finding.places)

    def _is_about(self, at: str, place: str) -> bool:
        if covers(at, place):  # the same part, one inside of it, or the area of the clause
            return True
        if at.startswith(FAMILY):  # whatever the families have otherwise
            return self._differs(place)
        return covers(place, at) and self._differs(place)

    def _differs(self, place: str) -> bool:
        if "#" not in place:
            texts = (spec.clauses.get(place) for spec in (self.older, self.newer))
            old, new = (clause and clause.text for clause in texts)
            return old != new
        old, new = (part_at(_documents(spec), place) for spec in (self.older, self.newer))
        return bool(bare(old) != bare(new))

    def _reason(self, finding: Finding) -> str | None:
        key = finding.key
        reason = notes().outside(key, self.newer.release) or notes().undescribed(key)
        if reason is None and any(map(self._is_for_ui, finding.places)):
            return FOR_UI
        in_force = {*self.older.clauses, *self.newer.clauses}
        if reason is None and finding.clauses and in_force.isdisjoint(finding.clauses):
            return f"{', '.join(finding.clauses)} is in force in neither of the two"
        return reason

    def _is_for_ui(self, place: str) -> bool:
        parts = (part_at(_documents(spec), place) for spec in (self.older, self.newer))
        return any(isinstance(p, Mapping) and p.get("x-audience") == "ui" for p in parts)


def _unplayed(change: Change, *absent: Mapping[str, str]) -> str | None:
    """What a step would have shown that one side could not play."""
    for step in plan():
        why = next((steps[step.id] for steps in absent if step.id in steps), None)
        places = [place for fact in step.facts for place in (*fact.places, *fact.clauses)]
        if why and any(covers(at, place) for at in change.at for place in places):
            return f"the step {step.id} could not be compared: {why}"
    return None


def _documents(spec: Spec) -> Mapping[str, Any]:
    return {**spec.schemas.documents, "openapi": spec.routes.document}
