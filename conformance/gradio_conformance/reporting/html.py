"""``report.html``: one self-contained page; no network, readable without scripts."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment
from jinja2 import PackageLoader
from jinja2 import StrictUndefined
from markupsafe import Markup

from gradio_conformance.events import Status
from gradio_conformance.reporting.base import AtTheEnd
from gradio_conformance.reporting.base import Clauses
from gradio_conformance.reporting.base import Run
from gradio_conformance.reporting.base import fresh
from gradio_conformance.reporting.html_view import badge
from gradio_conformance.reporting.html_view import cards
from gradio_conformance.reporting.html_view import clause_groups
from gradio_conformance.reporting.html_view import failures
from gradio_conformance.reporting.seen import by_kind
from gradio_conformance.reporting.seen import by_owner
from gradio_conformance.reporting.seen import profiles_of
from gradio_conformance.reporting.seen import unclaimed
from gradio_conformance.reporting.tally import LEVELS
from gradio_conformance.reporting.tally import never_exercised
from gradio_conformance.reporting.timing import late_at_first
from gradio_conformance.reporting.timing import noise_text
from gradio_conformance.reporting.words import headline
from gradio_conformance.reporting.words import meaning
from gradio_conformance.reporting.words import milliseconds
from gradio_conformance.reporting.words import one_line
from gradio_conformance.reporting.words import seconds
from gradio_conformance.reporting.words import text_of
from gradio_conformance.reporting.words import visible

# With more failures than this, the rest is folded: a list to choose from.
FEW = 4


class HtmlReport(AtTheEnd):
    """Writes ``report.html``; ``files`` are the reports of this run, by format."""

    def __init__(
        self, path: Path, clauses: Clauses, files: Mapping[str, Path] | None = None
    ) -> None:
        super().__init__()
        self._path = fresh(path)
        self._clauses = clauses
        self._files = files or {}

    def write(self, run: Run) -> None:
        self._path.write_text(page(run, self._clauses, self._files), "utf-8", newline="\n")


def page(run: Run, clauses: Clauses, files: Mapping[str, Path] | None = None) -> str:
    """The whole page as text."""
    return render("report.html.j2", **_content(run, clauses, files or {}))


def templates_of(package: str) -> Environment:
    """The page templates of a package, strict about what they name."""
    return Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(template: str, **content: Any) -> str:
    """A page of this package's look; it may run and load nothing but what is in it."""
    environment = templates_of("gradio_conformance.reporting")
    environment.filters |= {
        "ms": milliseconds,
        "seconds": seconds,
        "plain": visible,
        "line": one_line,
    }
    style, script = asset("report.css"), asset("report.js")
    return environment.get_template(template).render(
        **content,
        # Trusted: files of this package. The policy lets nothing else run, whatever the wire said.
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        policy=(
            f"default-src 'none'; style-src {csp_hash(style)}; script-src {csp_hash(script)}; "
            "base-uri 'none'; form-action 'none'"
        ),
    )


def _content(run: Run, clauses: Clauses, files: Mapping[str, Path]) -> dict[str, Any]:
    report = files.get("jsonl")
    coverage = run.finished.coverage
    return {
        "run": run.started,
        "end": run.finished,
        "results": run.results,
        "headline": headline(run),
        "meaning": meaning(run),
        "cards": cards(run),
        "failed": failures(run, clauses, Status.FAIL, report),
        "known": failures(run, clauses, Status.KNOWN, report),
        "stopped": failures(run, clauses, Status.COULD_NOT_RUN, report),
        "never": never_exercised(run.finished.clauses),
        "covered": by_kind(coverage) if coverage else [],
        "partial": coverage.partial if coverage else False,
        "unclaimed": unclaimed(coverage) if coverage else [],
        "profiles_of": profiles_of,
        "by_owner": by_owner,
        "late": late_at_first(run),
        "noise": noise_text(run),
        "clauses": clause_groups(run, clauses),
        "text_of": lambda clause: text_of(clause, clauses),
        "clause_count": len(run.finished.clauses),
        "badges": {status.value: badge(status) for status in Status},
        "levels": LEVELS,
        "unfolded": FEW,
        "jsonl": report.name if report else None,
    }


def asset(name: str) -> str:
    """The text of a file beside the templates."""
    return resources.files(__package__).joinpath("templates", name).read_text("utf-8")


def csp_hash(text: str) -> str:
    """How a content security policy names an inline style or script."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'"
