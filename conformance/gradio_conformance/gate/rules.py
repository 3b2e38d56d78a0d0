"""The rules of the gate, ``rules.yaml``, and how a difference is made by one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from gradio_conformance.gate.model import Difference
from gradio_conformance.gate.model import Effect
from gradio_conformance.gate.model import Place
from gradio_conformance.gate.model import strongest
from gradio_spec.data import SpecError
from gradio_spec.data import read_yaml

HERE = Path(__file__).parent
ANSWER, REQUEST = "answer", "request"
EITHER = frozenset({ANSWER, REQUEST})
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of difference.

    ``effects``: direction (``answer``, ``request`` or ``any``) → effect for clients, for servers.
    ``mirror`` is the rule that the same edit is backwards, or ``unmirrored`` says why there is
    none.
    """

    id: str
    title: str
    sentence: str
    matches: str
    effects: Mapping[str, tuple[Effect, Effect]]
    mirror: str | None
    unmirrored: str | None

    def effect(self, directions: Iterable[str]) -> tuple[Effect, Effect]:
        """What it is to clients and to servers; the strongest, where a shape goes both ways."""
        if "any" in self.effects:
            return self.effects["any"]
        both = [self.effects[direction] for direction in sorted(directions)]
        return strongest(pair[0] for pair in both), strongest(pair[1] for pair in both)


@cache
def all_rules() -> dict[str, Rule]:
    """Every rule by its id, as ``rules.schema.json`` says; ``SpecError`` for a wrong file."""
    data = checked(HERE / "rules.yaml", HERE / "rules.schema.json")
    rules = [_rule(row) for row in data["rules"]]
    found = {rule.id: rule for rule in rules}
    if len(found) < len(rules):
        raise SpecError("rules.yaml: an id is used twice")
    for rule in rules:
        if rule.mirror is not None and found.get(rule.mirror) is None:
            raise SpecError(f"rules.yaml: {rule.id}: mirror: there is no {rule.mirror}")
    return found


def checked(path: Path, schema: Path) -> Any:
    """A YAML file that keeps a JSON Schema; ``SpecError`` names the file, the field and why."""
    data = read_yaml(path)
    for error in Draft202012Validator(read_yaml(schema)).iter_errors(data):
        where = "/".join(str(part) for part in error.absolute_path) or "(top)"
        raise SpecError(f"{path.name}: {where}: {error.message[:300]}")
    return data


def difference(
    rule: str,
    place: Place,
    what: str,
    old: Any = None,
    new: Any = None,
    *,
    directions: Iterable[str] = EITHER,
    clauses: Iterable[str] = (),
) -> Difference:
    """A difference of this rule: its title is about ``what``, its effects follow from the
    directions in which such a shape is sent.
    """
    made = all_rules()[rule]
    client, server = made.effect(directions)
    title = made.title.format(what=what, old=_short(old), new=_short(new))
    return Difference(rule, place, title, old, new, client, server, tuple(dict.fromkeys(clauses)))


def _rule(row: Mapping[str, Any]) -> Rule:
    effects = {
        direction: (Effect(pair["client"]), Effect(pair["server"]))
        for direction, pair in row["effect"].items()
    }
    return Rule(
        id=row["id"],
        title=row["title"],
        sentence=row["sentence"],
        matches=row["matches"],
        effects=effects,
        mirror=row.get("mirror"),
        unmirrored=row.get("unmirrored"),
    )


def _short(value: Any) -> str:
    if isinstance(value, str):
        text = value or '""'
    elif isinstance(value, list) and all(isinstance(item, str) for item in value):
        text = " or ".join(value)
    else:
        text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
