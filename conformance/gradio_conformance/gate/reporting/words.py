"""The words that all formats of the gate share."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable

from gradio_conformance.gate.model import Effect
from gradio_conformance.gate.model import Witness
from gradio_conformance.gate.outcome import Finding
from gradio_conformance.gate.outcome import Named
from gradio_conformance.gate.outcome import Outcome

_LONGEST = 160


def verdict(outcome: Outcome) -> str:
    """What came out, in one line."""
    found = list(outcome.findings)
    if not found and not outcome.faults:
        return "no differences"
    over = sum(finding.over for finding in found)
    told = f"{_counted(len(found), 'difference')}, {_tally(found)}"
    if not outcome.failed:
        return f"passed: {told}"
    threshold = f"{over} over the threshold ({outcome.policy.fail_on})" if over else ""
    faults = _counted(len(outcome.faults), "fault") if outcome.faults else ""
    return f"failed: {told}; {', '.join(part for part in (threshold, faults) if part)}"


def effects(finding: Finding) -> str:
    """To whom it is what: ``breaking for clients, additive for servers``."""
    if finding.client == finding.server:
        return f"{finding.client} for both" if finding.client != Effect.NONE else "none"
    parts = (("clients", finding.client), ("servers", finding.server))
    return ", ".join(f"{effect} for {who}" for who, effect in parts if effect != Effect.NONE)


def heading(named: Named) -> str:
    """The change that a group is about."""
    if named.change is None:
        return "No change of the list names these"
    back = "taken back: " if named.backwards else ""
    return f"{named.change.release}  {back}{named.change.text}"


def unseen(named: Named) -> str | None:
    """Why a group without findings has none."""
    if named.findings or named.change is None:
        return None
    if named.change.outside:
        return f"the document does not say so: {named.change.outside}"
    return "a later change has taken its place"


def one_line(witness: Witness) -> str:
    """A witness as one short line of JSON."""
    text = json.dumps(witness.value, ensure_ascii=False, separators=(",", ":"))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def judged(witness: Witness, names: tuple[str, str]) -> str:
    """Who accepts it and who refuses it, and why."""
    accepts, refuses = names if witness.old.accepted else names[::-1]
    reason = (witness.new if witness.old.accepted else witness.old).reason
    return f"{accepts} accepts, {refuses} refuses" + (f": {reason}" if reason else "")


def _tally(found: Iterable[Finding]) -> str:
    worst = Counter(max(f.client, f.server, key=lambda e: e.strength) for f in found)
    return ", ".join(f"{worst[effect]} {effect}" for effect in Effect if worst[effect])


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
