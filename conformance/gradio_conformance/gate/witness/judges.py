"""The judges of witnesses: what a version says of a value, by the subject that it is about.

========================  ======================================================================
``messages#/$defs/Log``   a value, by the schema; a definition that is not there accepts nothing
``sent:messages#/…``      the same, and every member must be described: what a server sends
``openapi``               an exchange; whatever it has must be described
``trace``                 steps of one client, by the monitor of the version's family
``action:cancel``         what a client does, and what comes of it
``encoder:a to b``        two values, by whether the edits that the encoder a sends for the old
                          side, and b for the new one, give the second when they are decoded
``family``                what /config says of the protocol
========================  ======================================================================
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

from gradio_conformance.gate.model import Judgement
from gradio_conformance.gate.model import Side
from gradio_conformance.gate.model import Witness
from gradio_conformance.gate.witness.described import members
from gradio_conformance.gate.witness.playing import played
from gradio_conformance.gate.witness.wire import answered
from gradio_spec import diff
from gradio_spec import encoders

SENT = "sent:"
FINE = Judgement(True)


def judged(subject: str, value: Any, side: Side, is_old: bool) -> Judgement:
    """What one of the two sides says of a value."""
    kind, _, rest = subject.partition(":")
    if kind == "encoder":
        return _encoder(rest.split(" ")[0 if is_old else -1], value)
    return _JUDGES[kind](rest, value, side) if kind in _JUDGES else _schema(subject, value, side)


def tried(kind: str, subject: str, value: Any, old: Side, new: Side) -> Witness | None:
    """The witness that a value is; ``None`` if both sides judge it alike."""
    was, now = judged(subject, value, old, True), judged(subject, value, new, False)
    return None if was.accepted == now.accepted else Witness(kind, subject, value, was, now)


def _schema(subject: str, value: Any, side: Side) -> Judgement:
    try:
        wrong = side.spec.schemas.check(subject, value)
    except KeyError:
        return Judgement(False, f"{subject} is not described")
    if not wrong:
        return FINE
    first = wrong[0]
    where = f"{first.path}: " if first.path else ""
    told = f" ({first.clause})" if first.clause else ""
    return Judgement(False, f"{where}{first.message}{told}")


def _sent(subject: str, value: Any, side: Side) -> Judgement:
    found = _schema(subject, value, side)
    if not found.accepted or not isinstance(value, Mapping):
        return found
    document, _, pointer = subject.partition("#")
    known = members(side.documents, document, pointer.removeprefix("/$defs/"))
    strange = sorted(value.keys() - known)
    return Judgement(False, f"{strange[0]} is not described") if strange else FINE


def _exchange(_: str, value: Any, side: Side) -> Judgement:
    wrong = answered(value, side)
    return Judgement(False, wrong) if wrong else FINE


def _trace(_: str, value: Any, side: Side) -> Judgement:
    wrong = played(value, side)
    return Judgement(False, wrong) if wrong else FINE


def _action(name: str, value: Any, side: Side) -> Judgement:
    action = side.spec.lifecycle.actions.get(name)
    if action is None:
        return Judgement(False, f"there is no {name}")
    try:
        owed = action.effects_on({value["state"]}, value["by"])[0]
    except LookupError as error:
        return Judgement(False, str(error))
    if owed.then in (value["then"], "unspecified"):
        return FINE
    return Judgement(False, f"{owed.then}, not {value['then']} ({owed.clause})")


def _encoder(generation: str, value: Any) -> Judgement:
    if generation == "none":
        return Judgement(False, "values are sent in full, not as edits")
    try:
        edits = encoders.encode(generation, value["before"], value["after"])
        told = diff.apply(value["before"], edits)
    except TypeError:
        return Judgement(False, f"{generation} fails at these values")
    except diff.DiffError as error:
        return Judgement(False, f"{generation} sends {edits}: {error}")
    if told == value["after"]:
        return FINE
    return Judgement(False, f"{generation} sends {edits}, which give {told}")


def _family(_: str, value: Any, side: Side) -> Judgement:
    assert side.release is not None
    told = value.get("protocol")
    if told == side.release.announced:
        return FINE
    return Judgement(False, f"protocol is {side.release.announced or 'absent'}")


_JUDGES: Mapping[str, Callable[[str, Any, Side], Judgement]] = {
    "sent": _sent,
    "openapi": _exchange,
    "trace": _trace,
    "action": _action,
    "family": _family,
}
