"""How what servers and clients owe differs, clause by clause."""

from __future__ import annotations

import re
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from gradio_conformance.gate.compare.at import At
from gradio_conformance.gate.model import Difference
from gradio_conformance.gate.model import Place
from gradio_conformance.gate.rules import EITHER
from gradio_spec.model import Level
from gradio_spec.views import Documents

Clauses = Mapping[str, Mapping[str, Any]]
_SEEN = ("observable", "scope", "testbed", "server", "timed", "seen_in")
_LEVELS = tuple(Level)
_WITH_NAMES = frozenset(
    {"property", "required-property", "message-kind", "open-enum-member", "enum-member"}
)
_SHORTEST = 4
_LEVEL_WORD = re.compile(rf"\b(?:{'|'.join(_LEVELS)})\b")


def clause_differences(
    old: Documents, new: Documents, told: Iterable[Difference]
) -> Iterator[Difference]:
    """What differs in the clauses of servers, then in those of clients. What goes along with a
    difference that was ``told``: a clause that it names, one that names what is new or gone, and
    all of an area or profile that is new or gone.
    """
    named = {clause for difference in told for clause in difference.clauses}
    about = _about(told)
    was, now = old["requirements"], new["requirements"]
    areas = {_area(key) for key in was} ^ {_area(key) for key in now}
    parts = _profiles(old) ^ _profiles(new)
    along = {
        key
        for key, row in {**was, **now}.items()
        if key in named
        or _area(key) in areas
        or row["profile"] in parts
        or any(about.search(d[key]["text"]) for d in (was, now) if key in d)
    }
    yield from _clauses(was, now, "requirements", along)
    before, after = ({row["id"]: row for row in d["client"]["clauses"]} for d in (old, new))
    yield from _clauses(before, after, "client", named)


def _clauses(
    old: Clauses, new: Clauses, document: str, along: Collection[str]
) -> Iterator[Difference]:
    prefix = "client-" if document == "client" else ""
    for name in dict.fromkeys((*old, *new)):
        at = At(Place(document, "").below(name), name, EITHER, (name,))
        was, now = old.get(name), new.get(name)
        if was is None or now is None:
            there = was or now or {}
            kind = "clause" if there["level"] == Level.MUST else "advice"
            kind = f"attached-{kind}" if name in along and not prefix else f"{prefix}{kind}"
            pair = (row and f"{row['level']}: {row['text']}" for row in (was, now))
            yield at.tell(f"{kind}-{'added' if was is None else 'removed'}", *pair)
        else:
            yield from _clause(was, now, at, prefix, name in along)


def _clause(old: Any, new: Any, at: At, prefix: str, follows: bool) -> Iterator[Difference]:
    if old["level"] != new["level"]:
        up = _LEVELS.index(new["level"]) < _LEVELS.index(old["level"])
        rule = f"{prefix}level-{'raised' if up else 'lowered'}"
        yield at.below("level").tell(rule, old["level"], new["level"])
    # The level is written into the sentence, too: that is one edit with the level.
    moved = old["level"] != new["level"]
    if _sentence(old, moved) != _sentence(new, moved):
        rule = "clause-follows" if follows else f"{prefix}clause-reworded"
        yield at.below("text").tell(rule, old["text"], new["text"])
    if old.get("profile") != new.get("profile"):
        yield at.below("profile").tell("clause-moved", old["profile"], new["profile"])
    was, now = old.get("excluded"), new.get("excluded")
    if bool(was) != bool(now):
        rule = "clause-excluded" if now else "clause-included"
        yield at.below("excluded").tell(rule, was, now)
    for keyword in _SEEN:
        if old.get(keyword) != new.get(keyword):
            yield at.below(keyword).tell("observation-changed", old.get(keyword), new.get(keyword))


def _sentence(row: Mapping[str, Any], moved: bool) -> str:
    text = " ".join(str(row["text"]).split())
    return _LEVEL_WORD.sub("LEVEL", text) if moved else text


def _about(told: Iterable[Difference]) -> re.Pattern[str]:
    """Finds in a sentence what is new or gone: members, messages, values, routes."""
    words = {
        difference.place.pointer.rpartition("/")[2]
        for difference in told
        if difference.rule.endswith(("-added", "-removed"))
        and difference.rule.rpartition("-")[0] in _WITH_NAMES
    }
    exact = "|".join(re.escape(word) for word in sorted(words) if len(word) >= _SHORTEST)
    return re.compile(rf"\b(?:{exact})\b" if exact else r"(?!)")


def _area(clause: str) -> str:
    return clause.partition("-")[0]


def _profiles(documents: Documents) -> frozenset[str]:
    return frozenset(row["id"] for row in documents["profiles"]["profiles"])
