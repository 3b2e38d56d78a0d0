"""``python -m check_client.record``: judge the official clients, write clients.yaml and CLIENTS.md.

Run it from the folder that holds this one, for a new release of a client; read the difference
before it is committed.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

import gradio_conformance.adapters
from gradio_conformance.events import CheckFinished
from gradio_conformance.events import CheckResult
from gradio_conformance.events import RunEvent
from gradio_conformance.events import RunFinished
from gradio_conformance.events import Status
from gradio_conformance.scenarios.course import Patience
from gradio_conformance.scenarios.engine import ClientOptions
from gradio_conformance.scenarios.engine import run_client
from gradio_conformance.scenarios.model import load_scenarios
from gradio_conformance.verdict import covers
from gradio_spec.loader import load_known
from gradio_spec.loader import load_spec
from gradio_spec.loader import read_yaml
from gradio_spec.model import Known

CONFORMANCE = Path(__file__).parents[2]
RECORD = CONFORMANCE / "clients.yaml"
TABLE = CONFORMANCE / "CLIENTS.md"
JS = Path(__file__).parents[1] / "clients" / "js"
ADAPTERS = Path(gradio_conformance.adapters.__path__[0])
PATIENCE = Patience(60, 8)
SOMETIMES = "sometimes"

Record = Mapping[str, Mapping[str, str]]  # client → scenario → what came of it


@dataclass(frozen=True, slots=True)
class Official:
    """One official client: the name of its list of known deviations, and its adapter's command."""

    name: str
    title: str
    command: tuple[str, ...]


OFFICIAL = (
    Official(
        "gradio_client-2.7.2",
        "gradio_client 2.7.2",
        (sys.executable, "-m", "gradio_conformance.adapters.gradio_client"),
    ),
    Official(
        "gradio-client-js-2.7.0",
        "@gradio/client 2.7.0",
        (shutil.which("node") or "node", str(ADAPTERS / "gradio_client.mjs")),
    ),
)


def judge(client: Official) -> tuple[RunFinished, dict[str, str]]:
    """The verdict on a client, and a word for each scenario."""
    known = load_known(client.name)
    results: dict[str, CheckResult] = {}
    finished: list[RunFinished] = []

    def hear(event: RunEvent) -> None:
        if isinstance(event, CheckFinished):
            results[event.result.check] = event.result
        elif isinstance(event, RunFinished):
            finished.append(event)

    options = ClientOptions(
        load_spec(), client.command, tuple(load_scenarios().values()), PATIENCE, known=known
    )
    with _modules():
        run_client(options, [hear])
    return finished[0], {slug: word(results[slug], known) for slug in load_scenarios()}


def word(result: CheckResult, known: Known) -> str:
    """What came of a scenario, the same in each run: what shows only at times says so."""
    at_times = [
        e.clause for e in known.entries if e.intermittent and covers(e, result.check, e.clause)
    ]
    always = [f.clause for f in result.findings if f.clause not in at_times]
    if result.status in (Status.PASS, Status.KNOWN) and at_times and not always:
        return f"{SOMETIMES} {', '.join(at_times)}"
    broken = [f"{finding.clause}" for finding in result.findings]
    return " ".join([result.status.value, *sorted(broken)])


def render(record: Record) -> str:
    """CLIENTS.md: a row per clause, a column per client, and what each known deviation is."""
    spec, scenarios = load_spec(), load_scenarios()
    lines = [
        "# The official clients, judged",
        "",
        "What each client keeps of what a client owes, and what it does instead. Made of",
        "[clients.yaml](clients.yaml) and the lists in `spec/gradio_spec/known/clients` by",
        "`python -m check_client.record`; `tox -e clients` judges both again and compares.",
        "",
        "✓ kept · ✗ broken in so many scenarios, see below · – the client does not offer it",
        "",
        f"| clause | | {' | '.join(client.title for client in OFFICIAL)} | scenarios |",
        f"| --- | --- |{' :-: |' * len(OFFICIAL)} ---: |",
    ]
    for clause in spec.client.values():
        bound = [slug for slug, s in scenarios.items() if clause.id in s.clauses]
        marks = [_mark(clause.id, bound, record[client.name]) for client in OFFICIAL]
        lines.append(f"| {clause.id} | {clause.level} | {' | '.join(marks)} | {len(bound)} |")
    for client in OFFICIAL:
        lines += ["", f"## {client.title}", "", *_told(client, record[client.name])]
    return "\n".join(lines) + "\n"


def _mark(clause: str, bound: list[str], words: Mapping[str, str]) -> str:
    broken = [slug for slug, said in words.items() if clause in said]
    if broken:
        return f"✗ {len(broken)}"
    judged = [slug for slug in bound if not words[slug].startswith(Status.NOT_APPLICABLE)]
    return "✓" if judged else "–"


def _told(client: Official, words: Mapping[str, str]) -> Iterator[str]:
    passed = sum(said == Status.PASS for said in words.values())
    absent = sum(said == Status.NOT_APPLICABLE for said in words.values())
    yield f"It passes {passed} of the {len(words) - absent} scenarios that it takes part in. Known:"
    yield ""
    for entry in load_known(client.name).entries:
        at_times = " (at times)" if entry.intermittent else ""
        yield f"- {entry.clause}, `{entry.check}`{at_times}: {entry.summary}"


def load_record() -> Record:
    found: Record = read_yaml(RECORD)
    return found


@contextmanager
def _modules() -> Iterator[None]:
    name = "GRADIO_PROTOCOL_JS_MODULES"
    before = os.environ.get(name)
    os.environ[name] = before or str(JS)
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]


def main() -> None:
    record: dict[str, Any] = {client.name: judge(client)[1] for client in OFFICIAL}
    head = "# What came of each scenario with each official client; CLIENTS.md is made of it.\n"
    RECORD.write_text(head + yaml.safe_dump(record, sort_keys=False), "utf-8")
    TABLE.write_text(render(record), "utf-8")


if __name__ == "__main__":
    main()
