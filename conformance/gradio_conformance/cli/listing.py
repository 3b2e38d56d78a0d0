"""``gradio-protocol list``: clauses, checks, profiles, known deviations; those of clients."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from gradio_conformance.catalogue import all_checks
from gradio_conformance.catalogue import checks_of
from gradio_conformance.scenarios.model import load_scenarios
from gradio_spec.loader import known_lists
from gradio_spec.loader import load_known
from gradio_spec.loader import load_spec

Row = dict[str, Any]


def clauses() -> Iterator[Row]:
    for clause in load_spec().clauses.values():
        state = "excluded" if clause.excluded else f"{len(checks_of(clause.id))} checks"
        yield {
            "id": clause.id,
            "level": str(clause.level),
            "profile": clause.profile,
            "since": clause.since,
            "checks": state,
            "text": clause.text,
        }


def checks() -> Iterator[Row]:
    for info in all_checks().values():
        yield {
            "check": info.slug,
            "clauses": ", ".join(info.clauses),
            "needs": ", ".join(info.needs) or "any app",
            "title": info.title,
        }


def profiles() -> Iterator[Row]:
    spec = load_spec()
    for profile in spec.profiles.values():
        count = sum(1 for _ in spec.testable((profile.id,)))
        yield {
            "profile": profile.id,
            "status": profile.status,
            "judged": "where offered" if profile.offered_by else "always",
            "clauses": count,
            "text": profile.text,
        }


def known() -> Iterator[Row]:
    for name in sorted(known_lists()):
        for entry in load_known(name).entries:
            yield {
                "list": name,
                "clause": entry.clause,
                "check": entry.check,
                "erratum": entry.erratum,
                "summary": entry.summary,
            }


def client_clauses() -> Iterator[Row]:
    scenarios = load_scenarios().values()
    for clause in load_spec().client.values():
        yield {
            "id": clause.id,
            "level": str(clause.level),
            "seen in": clause.seen_in,
            "scenarios": sum(clause.id in scenario.clauses for scenario in scenarios),
            "bugs": ", ".join(clause.bugs),
            "text": clause.text,
        }


def scenarios() -> Iterator[Row]:
    for scenario in load_scenarios().values():
        yield {
            "scenario": scenario.slug,
            "clauses": ", ".join(scenario.clauses),
            "needs": ", ".join((scenario.surface, *scenario.needs)),
            "title": scenario.title,
        }


LISTS = {
    "clauses": clauses,
    "checks": checks,
    "profiles": profiles,
    "known": known,
    "client-clauses": client_clauses,
    "scenarios": scenarios,
}


@click.command("list")
@click.argument("what", type=click.Choice(sorted(LISTS)), default="clauses")
@click.option("--json", "as_json", is_flag=True, help="One JSON array on stdout.")
def listing(what: str, as_json: bool) -> None:
    """List the protocol's clauses, the suite's checks, the profiles or the known deviations; what
    a client owes, and the scenarios that judge it.
    """
    rows = list(LISTS[what]())
    if as_json:
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    table = Table(title=f"{len(rows)} {what}", title_justify="left", row_styles=("", "dim"))
    for column in rows[0] if rows else ():
        table.add_column(column, overflow="fold", no_wrap=column in ("id", "level", "clause"))
    for row in rows:
        table.add_row(*(str(value or "") for value in row.values()))
    Console().print(table)
