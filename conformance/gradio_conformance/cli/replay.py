"""``gradio-protocol replay``: run the failures of a report again, with the same inputs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from gradio_conformance.events import CheckFinished
from gradio_conformance.events import RunEvent
from gradio_conformance.events import Status
from gradio_conformance.reporting import ReportError
from gradio_conformance.reporting import read_report
from gradio_conformance.runner.engine import run_suite
from gradio_conformance.runner.options import RunOptions
from gradio_spec.loader import load_spec

DEFAULT_REPORT = Path("report/report.jsonl")


@click.command()
@click.argument("checks", nargs=-1, metavar="[CHECK…]")
@click.option(
    "--from", "report", type=click.Path(path_type=Path), default=DEFAULT_REPORT, show_default=True
)
@click.option("--url", help="Another server than the report's.")
@click.option(
    "--curl", "curl_only", is_flag=True, help="Print each failure's last request and stop."
)
def replay(checks: tuple[str, ...], report: Path, url: str | None, curl_only: bool) -> None:
    """Run the failed checks of a report again: FIXED, FAILED or ERROR for each."""
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
            click.echo(f"# {result['check']}\n{result.get('curl')}")
        click.echo(f"{len(chosen)} recorded failures")
        return
    sys.exit(_again(recorded.header, [r["check"] for r in chosen], url))


def _again(header: dict[str, Any], names: list[str], url: str | None) -> int:
    options = RunOptions(
        spec=load_spec(), profiles=tuple(header["profiles"]), seed=header["seed"], run=tuple(names)
    )
    words = {Status.PASS: "FIXED", Status.FAIL: "FAILED"}

    def tell(event: RunEvent) -> None:
        if isinstance(event, CheckFinished):
            result = event.result
            click.echo(f"{words.get(result.status, 'ERROR'):<7} {result.check}")
            for finding in result.findings:
                click.echo(
                    f"        {finding.clause}: expected {finding.expected}; got {finding.actual}"
                )
            if result.reason:
                click.echo(f"        {result.reason}")

    finished = run_suite(url or header["target"], options, [tell])
    if finished.reason and finished.exit_code >= 4:
        click.echo(finished.reason, err=True)
        return finished.exit_code
    return 1 if finished.counts["fail"] else 3 if finished.counts["could-not-run"] else 0
