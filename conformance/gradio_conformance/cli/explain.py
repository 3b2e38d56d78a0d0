"""``gradio-protocol explain ID``: everything the project knows about one clause or check."""

from __future__ import annotations

import difflib

import click

from gradio_conformance.binding import CheckInfo
from gradio_conformance.catalogue import all_checks
from gradio_conformance.catalogue import checks_of
from gradio_spec.loader import PACKAGE
from gradio_spec.loader import load_known
from gradio_spec.loader import load_spec
from gradio_spec.model import Clause


@click.command()
@click.argument("name", metavar="CLAUSE|CHECK")
def explain(name: str) -> None:
    """Explain a clause (QUEUE-002) or a check (queue.fifo-within-a-group)."""
    spec, checks = load_spec(), all_checks()
    if name.upper() in spec.clauses:
        _clause(spec.clauses[name.upper()])
    elif name in checks:
        _check(checks[name])
    else:
        close = difflib.get_close_matches(name.upper(), spec.clauses, 3, 0.7)
        close += [slug for slug in checks if name.lower() in slug][:3]
        close += difflib.get_close_matches(name.lower(), checks, 3, 0.5)
        hint = f"; do you mean {', '.join(dict.fromkeys(close))}?" if close else ""
        raise click.BadParameter(
            f"no clause and no check is called {name!r}{hint}", param_hint="NAME"
        )


def _clause(clause: Clause) -> None:
    spec = load_spec()
    click.secho(f"{clause.id}  {clause.level}  profile {clause.profile}", bold=True)
    click.echo(f"  {clause.text}\n")
    _line("seen", clause.observable)
    _line("since", clause.since + (f", until {clause.until}" if clause.until else ""))
    _line(
        "scope",
        " ".join([clause.scope, *([f"({', '.join(clause.testbed)})"] if clause.testbed else [])]),
    )
    _line("note", clause.note)
    _line("excluded", clause.excluded)
    for info in checks_of(clause.id):
        _line("check", f"{info.slug} — {info.title}")
    rules = [f"rule {r.id}" for r in spec.lifecycle.rules if r.clause == clause.id]
    for machine in spec.lifecycle.machines.values():
        rules += [
            f"machine {machine.name}: {r.expected}"
            for r in machine.refusals
            if r.clause == clause.id
        ]
    for rule in dict.fromkeys(rules):
        _line("lifecycle", rule)
    for place in spec.schemas.places_of(clause.id):
        _line("schema", place)
    for path in sorted((PACKAGE / "known").glob("*.yaml")):
        for entry in load_known(path.stem).entries:
            if entry.clause == clause.id:
                _line("known", f"{path.stem} ({entry.erratum}): {entry.summary}")
    _line("again", f"gradio-protocol check URL --run {clause.id}")


def _check(info: CheckInfo) -> None:
    spec = load_spec()
    click.secho(info.slug, bold=True)
    click.echo(f"  {info.title}\n")
    for clause_id in info.clauses:
        clause = spec.clause(clause_id)
        _line(clause_id, f"{clause.level} {clause.text}")
    _line("needs", f"testbed endpoints {', '.join(info.needs)}" if info.needs else "any app")
    _line("server", info.server)
    _line("again", f"gradio-protocol check URL --run {info.slug}")


def _line(label: str, text: str | None) -> None:
    if text:
        click.echo(f"  {label:<10} {text}")
