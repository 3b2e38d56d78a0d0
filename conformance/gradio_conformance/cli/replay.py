"""``gradio-protocol replay``: run the failures of a report again, with the same inputs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from gradio_conformance.cli import scripts
from gradio_conformance.events import EXIT_CODES
from gradio_conformance.events import CheckFinished
from gradio_conformance.events import CheckResult
from gradio_conformance.events import RunEvent
from gradio_conformance.events import Status
from gradio_conformance.events import Verdict
from gradio_conformance.reporting import ReportError
from gradio_conformance.reporting import read_report
from gradio_conformance.reporting.words import counted
from gradio_conformance.reporting.words import one_line
from gradio_conformance.reporting.words import timing_of
from gradio_conformance.runner.engine import run_suite
from gradio_conformance.runner.generation import configure
from gradio_conformance.runner.options import DEFAULT_EXAMPLES
from gradio_conformance.runner.options import DEFAULT_PATIENCE_S
from gradio_conformance.runner.options import RunOptions
from gradio_conformance.urls import base_url
from gradio_spec.loader import load_spec

DEFAULT_REPORT = Path("report/report.jsonl")
WORDS = {Status.PASS: "FIXED", Status.FAIL: "FAILED"}
ENDED_EARLY = (Verdict.UNREACHABLE, Verdict.SUITE_FAULT, Verdict.INTERRUPTED)


@click.command()
@click.argument("checks", nargs=-1, metavar="[CHECK…|SCRIPT.yaml…]")
@click.option(
    "--from", "report", type=click.Path(path_type=Path), default=DEFAULT_REPORT, show_default=True
)
@click.option("--url", help="Another server than the report's.")
@click.option(
    "--curl", "curl_only", is_flag=True, help="Print each failure's last request and stop."
)
@click.option(
    "--save",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write the scripts of the failures to files and stop.",
)
def replay(
    checks: tuple[str, ...], report: Path, url: str | None, curl_only: bool, folder: Path | None
) -> None:
    """Run the failed checks of a report again: FIXED, FAILED or ERROR for each.

    A failed sequence is played from its script; a file with a script is played on --url.
    """
    url = _url(url)
    if scripts.are_files(checks):
        if url is None:
            raise click.UsageError("a script says nothing of a server: name one with --url")
        sys.exit(scripts.play_all(scripts.from_files(checks), url))
    try:
        recorded = read_report(report)
    except (OSError, ReportError) as error:
        raise click.BadParameter(f"{report}: {error}", param_hint="--from") from error
    failed = [r for r in recorded.results if r["status"] in ("fail", "known")]
    chosen = [r for r in failed if not checks or r["check"] in checks]
    missing = sorted(set(checks) - {r["check"] for r in failed})
    if missing:
        raise click.BadParameter(
            f"{', '.join(missing)} did not fail in {report}", param_hint="CHECK"
        )
    if curl_only or not chosen:
        for result in chosen:
            click.echo(f"# {result['check']}\n{result.get('curl', '# no request was sent')}")
        click.echo(f"# {counted(len(chosen), 'recorded failure')}")
        return
    sequences = scripts.of_results(chosen)
    if folder is not None:
        scripts.save(sequences, folder)
        return
    code = 0
    if sequences:
        code = scripts.play_all(sequences, url or recorded.header["target"])
    names = [r["check"] for r in chosen if not r.get("scripts")]
    if names and code in (0, EXIT_CODES[Verdict.NONCONFORMANT]):
        code = _again(recorded.header, names, url) or code
    sys.exit(code)


def _url(url: str | None) -> str | None:
    try:
        return url and base_url(url)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--url") from error


def _again(header: dict[str, Any], names: list[str], url: str | None) -> int:
    """Run the checks with what the report says they were run with; returns the exit code."""
    examples = header.get("max_examples") or DEFAULT_EXAMPLES
    configure(examples)  # before anything imports the checks
    options = RunOptions(
        spec=load_spec(header.get("release") or "sse_v3"),
        profiles=tuple(header["profiles"]),
        seed=header["seed"],
        run=tuple(names),
        patience_s=header.get("patience_s") or DEFAULT_PATIENCE_S,
        max_examples=examples,
        rerun_late=True,
    )
    seen: dict[str, Status] = {}

    def tell(event: RunEvent) -> None:
        if isinstance(event, CheckFinished):
            seen[event.result.check] = event.result.status
            _tell(event.result)

    finished = run_suite(url or header["target"], options, [tell])
    ended_early = finished.verdict in ENDED_EARLY
    for name in names:
        if name not in seen and not ended_early:
            click.echo(f"ERROR   {name}\n        this suite has no such check")
    if ended_early:
        click.echo(f"{finished.verdict.value}: {finished.reason}", err=True)
        if finished.verdict is Verdict.UNREACHABLE and url is None:
            click.echo("(the report's own server; --url names another one)", err=True)
        return finished.exit_code
    if Status.FAIL in seen.values():
        return EXIT_CODES[Verdict.NONCONFORMANT]
    fixed = all(seen.get(name) is Status.PASS for name in names)
    return EXIT_CODES[Verdict.CONFORMANT if fixed else Verdict.INCONCLUSIVE]


def _tell(result: CheckResult) -> None:
    click.echo(f"{WORDS.get(result.status, 'ERROR'):<7} {result.check}")
    for finding in result.findings:
        actual = one_line(finding.actual)
        click.echo(f"        {finding.clause}: expected {one_line(finding.expected)}; got {actual}")
    told = timing_of(result) or result.reason
    if told:
        click.echo(f"        {one_line(told)}")
