"""What the gate speaks of: sides, places, differences and their witnesses. Frozen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gradio_spec.changes import bare
from gradio_spec.model import Spec
from gradio_spec.pointers import escaped
from gradio_spec.releases import Release
from gradio_spec.views import Documents


class Effect(StrEnum):
    """What a difference is to one party, strongest first.

    breaking     what it does or relies on, as the old version says, is wrong or missing
    behavioural  the same shapes at other times or with another meaning
    additive     there is more, and it does not need it
    none         it cannot tell
    """

    BREAKING = "breaking"
    BEHAVIOURAL = "behavioural"
    ADDITIVE = "additive"
    NONE = "none"

    @property
    def strength(self) -> int:
        """``breaking`` is 3, ``none`` is 0."""
        return _STRENGTH[self]


_STRENGTH = {effect: 3 - index for index, effect in enumerate(Effect)}


def strongest(effects: Iterable[Effect]) -> Effect:
    """The strongest of these; ``none`` if there are none."""
    return max(effects, key=lambda effect: effect.strength, default=Effect.NONE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the documents of a version: a document and a JSON pointer into it.

    The documents are those of :func:`gradio_spec.documents.documents_of`; a clause stands in
    ``requirements`` or ``client`` under its id, an encoder or a family in a document of that name.
    """

    document: str
    pointer: str

    def __str__(self) -> str:
        return f"{self.document}#{self.pointer}"

    def below(self, *steps: str) -> Place:
        """The place that these steps lead to from here."""
        told = "".join(f"/{escaped(step)}" for step in steps)
        return Place(self.document, self.pointer + told)

    @property
    def name(self) -> str:
        """The same as ``changes.yaml`` writes it: ``EVT-021``, ``encoder:cut-paths``,
        ``messages#/$defs/Log``.
        """
        first = self.pointer.removeprefix("/")
        if self.document in ("requirements", "client"):
            return first.partition("/")[0]
        if self.document in ("encoder", "family"):
            return f"{self.document}:{first}"
        return str(self)


@dataclass(frozen=True, slots=True)
class Difference:
    """One edit between two versions; ``old`` or ``new`` is ``None`` where there is nothing.

    ``rule`` is an id of ``rules.yaml``; ``clauses`` are those that say so, nearest first.
    """

    rule: str
    place: Place
    title: str
    old: Any
    new: Any
    client: Effect
    server: Effect
    clauses: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """A stable name of this difference: 12 hex digits over rule, place and both values,
        annotations aside.
        """
        content = [self.rule, str(self.place), bare(self.old), bare(self.new)]
        text = json.dumps(content, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Side:
    """One version, loaded: ``name`` as it was asked for, its documents, and the same as a
    :class:`Spec`.
    """

    name: str
    release: Release | None
    documents: Documents
    spec: Spec


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether one side accepts a witness; ``reason`` says why it does not."""

    accepted: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Witness:
    """A message, exchange, trace or pair of edits that one side accepts and the other refuses.

    ``kind``: ``message``, ``exchange``, ``trace`` or ``edits``; ``subject``: by what it is judged,
    such as ``messages#/$defs/Log``. ``ValueError`` unless exactly one side accepts it.
    """

    kind: str
    subject: str
    value: Any
    old: Judgement
    new: Judgement

    def __post_init__(self) -> None:
        if self.old.accepted == self.new.accepted:
            raise ValueError(f"{self.subject}: no witness: both sides judge it alike")
