"""The outcome as JSON, which ``diff.schema.json`` describes."""

from __future__ import annotations

import json
from typing import Any

from gradio_conformance import __version__
from gradio_conformance.gate.model import Judgement
from gradio_conformance.gate.model import Side
from gradio_conformance.gate.model import Witness
from gradio_conformance.gate.outcome import Finding
from gradio_conformance.gate.outcome import Named
from gradio_conformance.gate.outcome import Outcome
from gradio_conformance.gate.outcome import Pair
from gradio_conformance.gate.reporting.words import unseen
from gradio_conformance.gate.reporting.words import verdict


def as_json(outcome: Outcome) -> str:
    """One object, indented."""
    return json.dumps(outcome_data(outcome), ensure_ascii=False, indent=2) + "\n"


def outcome_data(outcome: Outcome) -> dict[str, Any]:
    """The outcome as plain values."""
    return {
        "kind": "diff",
        "version": 1,
        "suite": __version__,
        "failed": outcome.failed,
        "verdict": verdict(outcome),
        "fail_on": outcome.policy.fail_on,
        "for": outcome.policy.party,
        "pairs": [_pair(pair) for pair in outcome.pairs],
        "stale": list(outcome.stale),
    }


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "old": _side(pair.old, pair.versions and pair.versions[0]),
        "new": _side(pair.new, pair.versions and pair.versions[1]),
        "bump": pair.bump,
        "differences": [_finding(finding) for finding in pair.findings],
        "changes": [_change(group) for group in pair.groups if group.change is not None],
        "unnamed": [
            finding.difference.fingerprint
            for group in pair.groups
            if group.change is None
            for finding in group.findings
        ],
    }


def _side(side: Side, version: str | None) -> dict[str, Any]:
    return {
        "name": side.name,
        "family": side.spec.version,
        "release": side.release.id if side.release else None,
        "version": version,
        "digest": side.spec.digest,
    }


def _change(group: Named) -> dict[str, Any]:
    assert group.change is not None
    return {
        "release": group.change.release,
        "text": group.change.text,
        "client": group.change.client,
        "server": group.change.server,
        "backwards": group.backwards,
        "differences": [finding.difference.fingerprint for finding in group.findings],
        "unseen": unseen(group),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    difference = finding.difference
    return {
        "rule": difference.rule,
        "place": str(difference.place),
        "title": difference.title,
        "old": difference.old,
        "new": difference.new,
        "client": finding.client,
        "server": finding.server,
        "clauses": list(difference.clauses),
        "fingerprint": difference.fingerprint,
        "over": finding.over,
        "ignored": finding.ignored,
        "reclassified": finding.reclassified,
        "witness": finding.witness and _witness(finding.witness),
    }


def _witness(witness: Witness) -> dict[str, Any]:
    return {
        "kind": witness.kind,
        "subject": witness.subject,
        "value": witness.value,
        "old": _judgement(witness.old),
        "new": _judgement(witness.new),
    }


def _judgement(judgement: Judgement) -> dict[str, Any]:
    return {"accepted": judgement.accepted, "reason": judgement.reason}
