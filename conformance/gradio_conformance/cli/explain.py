"""``gradio-protocol explain ID``: everything the project knows about one clause or check."""

from __future__ import annotations

import difflib

import click

from gradio_conformance.binding import CheckInfo
from gradio_conformance.catalogue import all_checks
from gradio_conformance.catalogue import checks_of
from gradio_conformance.gate.rules import Rule
from gradio_conformance.gate.rules import all_rules
from gradio_conformance.scenarios.model import Scenario
from gradio_conformance.scenarios.model import load_scenarios
from gradio_spec.loader import known_lists
from gradio_spec.loader import load_known
from gradio_spec.loader import load_spec
from gradio_spec.model import Clause
from gradio_spec.model import ClientClause


@click.command()
@click.argument("name", metavar="CLAUSE|CHECK|RULE")
def explain(name: str) -> None:
    """Explain a clause (QUEUE-002, CLIENT-007), a check (queue.fifo-within-a-group), a scenario
    (queue.two-calls-interleaved) or a rule of `diff` (enum-member-added).
    """
    spec, checks, scenarios = load_spec(), all_checks(), load_scenarios()
    if name.upper() in spec.clauses:
        _clause(spec.clauses[name.upper()])
    elif name.upper() in spec.client:
        _client_clause(spec.client[name.upper()])
    elif name in checks:
        _check(checks[name])
    elif name in scenarios:
        _scenario(scenarios[name])
    elif name in all_rules():
        _rule(all_rules()[name])
    else:
        close = difflib.get_close_matches(name.upper(), [*spec.clauses, *spec.client], 3, 0.7)
        slugs = [*checks, *scenarios, *all_rules()]
        close += [slug for slug in slugs if name.lower() in slug][:3]
        close += difflib.get_close_matches(name.lower(), slugs, 3, 0.5)
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
    _known(clause.id)
    _line("again", f"gradio-protocol check URL --run {clause.id}")


def _known(clause_id: str) -> None:
    for name in sorted(known_lists()):
        for entry in load_known(name).entries:
            if entry.clause == clause_id:
                erratum = f" ({entry.erratum})" if entry.erratum else ""
                _line("known", f"{name}{erratum}: {entry.summary}")


def _client_clause(clause: ClientClause) -> None:
    click.secho(f"{clause.id}  {clause.level}  of clients", bold=True)
    click.echo(f"  {clause.text}\n")
    _line("seen", clause.observable)
    _line("in", "what it sends" if clause.seen_in == "traffic" else "what it reports")
    _line("since", clause.since + (f", until {clause.until}" if clause.until else ""))
    _line("note", clause.note)
    for bug in clause.bugs:
        _line("defect", f"{bug} — {load_spec().bugs[bug]}")
    for scenario in load_scenarios().values():
        if clause.id in scenario.clauses:
            _line("scenario", f"{scenario.slug} — {scenario.title}")
    _known(clause.id)
    _line("again", f"gradio-protocol check-client --run {clause.id} -- COMMAND")


def _scenario(scenario: Scenario) -> None:
    click.secho(scenario.slug, bold=True)
    click.echo(f"  {scenario.title}\n")
    for clause_id in scenario.clauses:
        clause = load_spec().client[clause_id]
        _line(clause_id, f"{clause.level} {clause.text}")
    _line("needs", ", ".join((scenario.surface, *scenario.needs)))
    _line("beyond", scenario.beyond)
    _line("by hand", f"gradio-protocol check-client --serve {scenario.slug}")
    _line("again", f"gradio-protocol check-client --run {scenario.slug} -- COMMAND")


def _rule(rule: Rule) -> None:
    click.secho(rule.id, bold=True)
    click.echo(f"  {rule.sentence}\n")
    _line("in", rule.matches)
    for direction, (client, server) in rule.effects.items():
        label = {"answer": "sent by servers", "request": "sent by clients"}.get(direction)
        told = f"{client} for clients, {server} for servers"
        _line("effect", f"{told} ({label})" if label else told)
    _line("mirror", rule.mirror)
    _line("no mirror", rule.unmirrored)
    _line("again", "gradio-protocol diff OLD NEW")


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
