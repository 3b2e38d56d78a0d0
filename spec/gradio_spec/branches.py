"""What an instance of a schema can exercise, read off the JSON Schemas: the branches of a shape.

A branch is one side of a choice that a schema leaves open: an optional member there or not, null or
a value, one member of an enum, one variant of a union, an empty array or a filled one. A branch is
named by the place of the choice, which is its JSON Pointer without the keywords
(``messages#/$defs/ProcessCompleted/used_cache``), and by the side (``=null``, ``=full``,
``:number``, `` absent``). Several sub-schemas of one place (``allOf``, ``then``) speak of the same
choices. Parts that carry ``x-audience: ui`` are no part of the protocol that a client relies on,
and have no branches.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from enum import StrEnum
from typing import Any

from gradio_spec.monitor import NotStrictJSON
from gradio_spec.monitor import strict_json

See = Callable[[str], Any]


class Kind(StrEnum):
    """What kind of choice a branch is one side of; in the order of the reports."""

    TRANSITION = "transitions"
    RULE = "rules"
    MESSAGE = "message kinds"
    ANSWER = "answers"
    VALUE = "values"
    NULL = "null or not"
    MEMBER = "optional members"
    VARIANT = "variants"
    ARRAY = "empty or not"


@dataclass(slots=True)
class Branch:
    """One thing that a run may see; ``profiles`` are those through which it can be reached."""

    id: str
    kind: Kind
    profiles: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Member:
    """One member of an object; the ids are ``None`` where the schema leaves no choice."""

    name: str
    present: str | None
    absent: str | None
    node: Node


@dataclass(slots=True)
class Side:
    """What applies on one side of a choice: its branch, if it has one, and its schema."""

    id: str | None
    node: Node


@dataclass(slots=True)
class Choice:
    """Sub-schemas that may apply: ``test`` tells which side does."""

    test: Callable[[Any], bool]
    met: Side | None
    unmet: Side | None = None


@dataclass(slots=True)
class Node:
    """A compiled schema: what to look at in an instance."""

    values: dict[str, str] = field(default_factory=dict)  # JSON text → branch
    types: dict[str, str] = field(default_factory=dict)  # name of a JSON type → branch
    empty: str | None = None
    filled: str | None = None
    members: list[Member] = field(default_factory=list)
    prefix: list[Node] = field(default_factory=list)
    items: Node | None = None
    others: Node | None = None
    named: tuple[str, dict[str, tuple[str, Node]]] | None = None  # told apart by a member's value
    choices: list[Choice] = field(default_factory=list)
    content: Node | None = None
    also: list[Node] = field(default_factory=list)

    def see(self, instance: Any, see: See) -> None:
        """Call ``see`` with the id of every branch that ``instance`` exercises; what is not as the
        schema says exercises nothing.
        """
        self._see_scalar(instance, see)
        for part in self.also:
            part.see(instance, see)
        for choice in self.choices:
            side = choice.met if choice.test(instance) else choice.unmet
            if side is not None:
                if side.id is not None:
                    see(side.id)
                side.node.see(instance, see)
        if isinstance(instance, Mapping):
            self._see_object(instance, see)
        elif isinstance(instance, list):
            self._see_array(instance, see)
        elif self.content is not None and isinstance(instance, str):
            try:
                self.content.see(strict_json(instance), see)
            except NotStrictJSON:
                pass

    def _see_scalar(self, instance: Any, see: See) -> None:
        if self.values and not isinstance(instance, list | Mapping):
            branch = self.values.get(json_text(instance))
            if branch is not None:
                see(branch)
        if self.types:
            for name in _types_of(instance):
                if name in self.types:
                    see(self.types[name])

    def _see_object(self, instance: Mapping[str, Any], see: See) -> None:
        if self.named is not None:
            name, variants = self.named
            value = instance.get(name)
            if isinstance(value, str) and value in variants:
                branch, node = variants[value]
                see(branch)
                node.see(instance, see)
        for member in self.members:
            if member.name in instance:
                if member.present is not None:
                    see(member.present)
                member.node.see(instance[member.name], see)
            elif member.absent is not None:
                see(member.absent)
        if self.others is not None:
            self._see_size(instance, see)
            known = {member.name for member in self.members}
            for key, value in instance.items():
                if key not in known:
                    self.others.see(value, see)

    def _see_array(self, instance: list[Any], see: See) -> None:
        self._see_size(instance, see)
        for node, item in zip(self.prefix, instance, strict=False):
            node.see(item, see)
        if self.items is not None:
            for item in instance[len(self.prefix) :]:
                self.items.see(item, see)

    def _see_size(self, instance: Any, see: See) -> None:
        branch = self.filled if instance else self.empty
        if branch is not None:
            see(branch)


def json_text(value: Any) -> str:
    return json.dumps(value)


def _types_of(value: Any) -> tuple[str, ...]:
    if value is None:
        return ("null",)
    if isinstance(value, bool):
        return ("boolean",)
    if isinstance(value, str):
        return ("string",)
    if isinstance(value, int):
        return ("integer", "number")
    if isinstance(value, float):
        return ("number",)
    return ("array",) if isinstance(value, list) else ("object",)
