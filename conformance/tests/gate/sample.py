"""A small outcome with one of everything, for the formats."""

from __future__ import annotations

from dataclasses import replace

from gradio_conformance.gate.model import Difference
from gradio_conformance.gate.model import Effect
from gradio_conformance.gate.model import Judgement
from gradio_conformance.gate.model import Place
from gradio_conformance.gate.model import Side
from gradio_conformance.gate.model import Witness
from gradio_conformance.gate.outcome import Finding
from gradio_conformance.gate.outcome import Named
from gradio_conformance.gate.outcome import Outcome
from gradio_conformance.gate.outcome import Pair
from gradio_conformance.gate.policy import Policy
from gradio_conformance.gate.rules import ANSWER
from gradio_conformance.gate.rules import difference
from gradio_spec.changes import Change

from .loading import side

PREFIX = difference(
    "address-changed",
    Place("openapi", "/servers/0/variables/prefix"),
    "The prefix",
    "",
    "/gradio_api",
)
LEVEL = difference(
    "open-enum-member-added",
    Place("messages", "/$defs/Log/properties/level/enum/success"),
    "Log.level",
    None,
    "success",
    clauses=("EVT-021",),
)
NULL = difference(
    "nullable-added",
    Place("messages", "/$defs/Output/properties/a|b/type"),
    "Output.<a|b>",
    ["number"],
    ["null", "number"],
    directions={ANSWER},
    clauses=("SSE-032",),
)
CLAUSE = difference(
    "clause-reworded", Place("requirements", "/EVT-021/text"), "EVT-021", "one\nline", "`two`"
)
WITNESS = Witness(
    "message",
    "messages#/$defs/Log",
    {"msg": "log", "level": "success", "text": "a|b"},
    Judgement(False, "'success' is not one of ['info', 'warning']"),
    Judgement(True),
)


def _change(release: str, text: str, outside: str | None = None) -> Change:
    places = () if outside else (str(PREFIX.place),)
    return Change(release, text, "breaking", "breaking", places, outside)


def _finding(one: Difference, witness: Witness | None = None, **more: str) -> Finding:
    over = one.client is Effect.BREAKING and "ignored" not in more
    return Finding(one, one.client, one.server, witness, over=over, **more)


def _side(name: str) -> Side:
    real = side("v3-5.5")
    return Side(name, real.release, real.documents, replace(real.spec, digest="0123456789ab"))


def releases() -> Outcome:
    """Two releases: their differences stand under the changes that brought them."""
    prefix, level = _finding(PREFIX), _finding(LEVEL, WITNESS)
    null = _finding(NULL, ignored="nobody reads it")
    clause = _finding(CLAUSE, reclassified="only *words*")
    groups = (
        Named(_change("5.0.0", "The prefix."), (prefix,), backwards=False),
        Named(_change("5.10.0", "Levels_of [logs]."), (level, clause), backwards=False),
        Named(_change("6.0.0", "Elsewhere.", "it is elsewhere"), (), backwards=False),
        Named(None, (null,), backwards=False),
    )
    found = (prefix, level, null, clause)
    pair = Pair(_side("v3-4.39"), _side("v3-5.38"), found, groups, None, None)
    return Outcome(Policy(), (pair,), ())


def revisions() -> Outcome:
    """Two versions of the data: their number has to follow."""
    prefix = _finding(PREFIX)
    groups = (Named(None, (prefix,), backwards=False),)
    bump = "a breaking change needs a major bump: 2.0.0 or higher, and the version is 1.0.1"
    pair = Pair(_side("main:spec/"), _side("spec/"), (prefix,), groups, ("1.0.0", "1.0.1"), bump)
    return Outcome(Policy(), (pair,), ("ignore.yaml: 0123456789ab: there is no such difference",))


def nothing() -> Outcome:
    """Two versions that are the same."""
    pair = Pair(_side("main:spec/"), _side("spec/"), (), (), ("1.0.0", "1.0.0"), None)
    return Outcome(Policy(), (pair,), ())
