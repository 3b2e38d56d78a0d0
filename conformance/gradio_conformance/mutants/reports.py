"""The files of a self-test: ``selftest.json``, ``selftest.md``, ``selftest.html``."""

from __future__ import annotations

import json
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gradio_conformance.mutants.matrix import LEVELS
from gradio_conformance.reporting.base import fresh
from gradio_conformance.reporting.html import render
from gradio_conformance.reporting.words import one_line
from gradio_conformance.reporting.words import strict_json

Part = Mapping[str, Any]
BAD = ("survived", "fault")


def write_reports(formats: Sequence[str], directory: Path, document: Part) -> list[Path]:
    """The files of these formats, written; ``OSError`` names what could not be."""
    files = []
    for name in formats:
        path = fresh(directory / f"selftest.{name}")
        path.write_text(FORMATS[name](document), "utf-8", newline="\n")
        files.append(path)
    return files


def as_json(document: Part) -> str:
    return json.dumps(strict_json(document), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def as_html(document: Part) -> str:
    """One page of its own; readable without scripts."""
    rows = document["rows"]
    groups = {
        profile: [row for row in rows if row["profile"] == profile]
        for profile in dict.fromkeys(row["profile"] for row in rows)
    }
    return render(
        "selftest.html.j2",
        d=document,
        groups=groups,
        verdict="conformant" if document["footer"]["exit_code"] == 0 else "nonconformant",
        headline=headline(document),
        bad=[(row, m) for row in rows for m in row["mutants"] if m["outcome"] in BAD],
        equivalent=[
            (row, m) for row in rows for m in row["mutants"] if m["outcome"] == "equivalent"
        ],
        without=[row for row in rows if not row["mutants"]],
        levels=LEVELS,
        signs={
            "killed": ("✓", "pass"),
            "survived": ("✗", "fail"),
            "fault": ("!", "could-not-run"),
            "equivalent": ("≡", "known"),
            "not-run": ("·", "skipped"),
            "unharmed": ("✓", "pass"),
            "blamed": ("✗", "fail"),
            "exposed": ("✓", "pass"),
            "trusted": ("✗", "fail"),
        },
    )


def headline(document: Part) -> str:
    """The result in a few words."""
    killed = document["footer"]["score"]["mutants"]
    if not killed["of"]:
        return "no mutant was tried"
    return f"{killed['done']} of {killed['of']} mutants killed"


# -- Markdown --------------------------------------------------------------------------------------


def as_markdown(document: Part) -> str:
    return "\n".join(_markdown(document)) + "\n"


def _markdown(document: Part) -> Iterator[str]:
    header, footer = document["header"], document["footer"]
    yield f"# Self-test: {headline(document)}"
    yield ""
    yield (
        f"Suite {header['suite_version']}, protocol {header['spec_version']} "
        f"(digest `{header['spec_digest']}`), {header['servers']} servers in "
        f"{footer['seconds']:g} s, exit code {footer['exit_code']}."
    )
    yield from _score_table(footer)
    rows = document["rows"]
    cells = [(row, mutant) for row in rows for mutant in row["mutants"]]
    for title, outcomes in (("Survivors", BAD), ("Equivalent", ("equivalent",))):
        found = [(row, mutant) for row, mutant in cells if mutant["outcome"] in outcomes]
        yield from _list(
            title, [f"{r['clause']} `{m['id']}`: {'; '.join(m['told'])}" for r, m in found]
        )
    reasons = [(row["clause"], row["reason"]) for row in rows if not row["mutants"]]
    yield from _list(
        "Clauses without a mutant", [f"{c}: {why or 'no reason'}" for c, why in reasons]
    )
    yield from _list("Bindings that no mutant proves", footer["unproven"])
    yield from _table(
        "Vacuous servers",
        ("server", "MUST score", "kept, with reason"),
        [
            (v["id"], v["score"], ", ".join(k["clause"] for k in v["kept"]))
            for v in document["vacuous"]
        ],
    )
    yield from _table(
        "Legal variants",
        ("variant", "outcome", "what it changes"),
        [(t["id"], t["outcome"], t["changes"]) for t in document["twins"]],
    )
    yield from _table(
        "Matrix",
        ("clause", "level", "mutant", "outcome", "killed by"),
        [
            (r["clause"], r["level"], m["id"], m["outcome"], ", ".join(m["killed_by"]))
            for r, m in cells
        ],
    )


def _score_table(footer: Part) -> Iterator[str]:
    def told(scores: Part, level: str) -> str:
        share = scores[level]["mutants"]
        return f"{share['done']}/{share['of']}" if share["of"] else "–"

    rows = [
        (profile, *(told(scores, level) for level in LEVELS))
        for profile, scores in footer["profiles"].items()
    ]
    rows.append(("all", *(told(footer["levels"], level) for level in LEVELS)))
    yield from _table("Score: killed mutants", ("profile", *LEVELS), rows)


def _list(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield from ("", f"## {title}", "", *(f"- {one_line(line)}" for line in lines))


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    if not rows:
        return
    yield from ("", f"## {title}", "")
    yield f"| {' | '.join(columns)} |"
    yield f"|{' --- |' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(one_line(str(cell)).replace('|', chr(92) + '|') for cell in row)} |"


FORMATS: Mapping[str, Callable[[Part], str]] = {
    "json": as_json,
    "md": as_markdown,
    "html": as_html,
}
