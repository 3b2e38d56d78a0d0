"""The rules as a table for people; ``conformance/DIFF.md`` has it."""

from __future__ import annotations

from collections.abc import Iterator

from gradio_conformance.gate.rules import Rule
from gradio_conformance.gate.rules import all_rules

_WORDS = {"answer": "sent by servers", "request": "sent by clients"}


def rules_table() -> str:
    """A row for each rule and direction: what it is, to clients, to servers, and its mirror."""
    lines = [
        "| rule | what it is | clients | servers | mirror |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [line for rule in all_rules().values() for line in _rows(rule)]
    return "\n".join(lines) + "\n"


def _rows(rule: Rule) -> Iterator[str]:
    name, sentence = f"`{rule.id}`", rule.sentence
    mirror = "itself" if rule.mirror == rule.id else f"`{rule.mirror}`"
    for direction, (client, server) in rule.effects.items():
        told = f"{sentence} _{_WORDS[direction]}_" if direction in _WORDS else sentence
        back = mirror if rule.mirror else rule.unmirrored
        yield f"| {name} | {told.strip()} | {client} | {server} | {back} |"
        name, sentence, mirror = "", "", ""
