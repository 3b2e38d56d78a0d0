"""The report that people read in a terminal or a CI log: the result on stdout, progress on
stderr.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.text import Text

from gradio_conformance.events import CheckFinished
from gradio_conformance.events import CheckStarted
from gradio_conformance.events import RunEvent
from gradio_conformance.events import RunFinished
from gradio_conformance.events import RunStarted
from gradio_conformance.events import Status
from gradio_conformance.events import Verdict
from gradio_conformance.reporting.base import AtTheEnd
from gradio_conformance.reporting.base import Clauses
from gradio_conformance.reporting.base import Run
from gradio_conformance.reporting.console_blocks import Block
from gradio_conformance.reporting.console_blocks import failure
from gradio_conformance.reporting.console_blocks import not_run
from gradio_conformance.reporting.console_summary import clause_totals
from gradio_conformance.reporting.console_summary import never
from gradio_conformance.reporting.console_summary import newer
from gradio_conformance.reporting.console_summary import stale
from gradio_conformance.reporting.console_summary import table
from gradio_conformance.reporting.progress import LiveLine
from gradio_conformance.reporting.seen import coverage_block
from gradio_conformance.reporting.tally import by_status
from gradio_conformance.reporting.timing import late_block
from gradio_conformance.reporting.timing import noise_text
from gradio_conformance.reporting.words import counted
from gradio_conformance.reporting.words import headline
from gradio_conformance.reporting.words import is_of_client
from gradio_conformance.reporting.words import one_line
from gradio_conformance.reporting.words import profiles_of
from gradio_conformance.reporting.words import seconds
from gradio_conformance.reporting.words import totals
from gradio_conformance.reporting.words import visible

# Where the output is no terminal, there is nobody whose window would be too narrow.
WIDTH_OF_FILES = 100
COLOURS: Mapping[Verdict, str] = {
    Verdict.CONFORMANT: "bold green",
    Verdict.NONCONFORMANT: "bold red",
    Verdict.SUITE_FAULT: "bold red",
    Verdict.UNREACHABLE: "bold red",
}


def stream(file: TextIO) -> Console:
    """A console that writes only what it is told: no mark-up, no emoji, no guessed colours."""
    if hasattr(file, "reconfigure"):
        # A terminal that cannot show an arrow must not end the run.
        file.reconfigure(errors="replace")
    console = Console(file=file, markup=False, emoji=False, highlight=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = WIDTH_OF_FILES
    return console


class ConsoleReport(AtTheEnd):
    """Header at once, a live line while checks run, everything else once there is a verdict.

    ``files`` are the other reports of this run, by format; with ``coverage`` everything that the
    run has never seen is listed, however long the list.
    """

    def __init__(
        self,
        clauses: Clauses,
        files: Mapping[str, Path] | None = None,
        *,
        coverage: bool = False,
        out: Console | None = None,
        err: Console | None = None,
    ) -> None:
        super().__init__()
        self._clauses = clauses
        self._files = files or {}
        self._coverage = coverage
        self._out = out or stream(sys.stdout)
        self._err = err or stream(sys.stderr)
        self._live = LiveLine(self._err)
        self._finished = False

    def __call__(self, event: RunEvent) -> None:
        if isinstance(event, RunStarted):
            self._header(event)
            self._live.start(event.checks)
        elif isinstance(event, CheckStarted):
            self._live.check(event.check)
        elif isinstance(event, CheckFinished):
            self._live.done(event.result.status)
        elif isinstance(event, RunFinished):
            self._live.stop()
            self._finished = True
        super().__call__(event)

    def close(self) -> None:
        self._live.stop()
        if self.started is not None and not self._finished:
            self._err.print("No verdict: the run ended before its last check.")

    # -- parts, in the order of the page ------------------------------------------------------

    def _say(self, *parts: str | tuple[str, str]) -> None:
        self._out.print(Text.assemble(*parts))

    def _header(self, run: RunStarted) -> None:
        self._say(
            (f"gradio-protocol {run.suite_version}", "bold"),
            f" · protocol {run.spec_version} (digest {run.spec_digest}) · dialect {run.dialect}",
            f" · as {run.release}" if run.release else "",
        )
        self._say(
            ("Target   ", "dim"),
            (one_line(run.target), "bold"),
            f" · {one_line(run.server)}",
            "" if is_of_client(run) else f" · scope {run.scope} · seed {run.seed}",
        )
        self._say(("Profiles ", "dim"), ", ".join(run.profiles) or "none")
        if run.capabilities:
            shown = [f"{name} {'✓' if there else '–'}" for name, there in run.capabilities.items()]
            self._say(("Probe    ", "dim"), "  ".join(shown))
        if run.known_source:
            self._say(("Known    ", "dim"), one_line(run.known_source))

    def write(self, run: Run) -> None:
        if run.results:
            self._say("")
            self._sections(run)
            covered = coverage_block(run, wanted=self._coverage)
            blocks = (table(run), never(run), covered, late_block(run), newer(run), stale(run))
            for block in blocks:
                if block:
                    self._say("")
                    self._block(block)
        self._ending(run)

    def _sections(self, run: Run) -> None:
        apart = False
        for profile in profiles_of(run):
            if apart:
                self._say("")
            apart = self._profile(profile, run)

    def _profile(self, profile: str, run: Run) -> bool:
        """One section; returns whether it has more than its heading."""
        results = [result for result in run.results if result.profile == profile]
        if not results and is_of_client(run.started):
            return False  # clauses of clients have no section: scenarios stand in their areas
        counts = {s.value: len(by_status(results, s)) for s in Status}
        failed = by_status(results, Status.FAIL)
        rest = [r for s in (Status.COULD_NOT_RUN, Status.KNOWN) for r in by_status(results, s)]
        number = counted(len(results), "scenario" if is_of_client(run.started) else "check")
        right = f"{number} · {totals(counts)}" if results else "no check ran"
        gap = max(2, self._out.width - len(profile) - len(right))
        self._say((profile, "bold"), " " * gap, right)
        report = self._files.get("jsonl")
        for result in failed:
            self._say("")
            self._block(failure(result, run, self._clauses, self._out.width, report))
        if failed and rest:
            self._say("")
        for result in rest:
            self._block(not_run(result, self._clauses, self._out.width))
        return bool(failed or rest)

    def _block(self, block: Block) -> None:
        for line in block:
            self._say(*line)

    def _ending(self, run: Run) -> None:
        finished = run.finished
        self._say("")
        if finished.reason:
            head, *more = visible(finished.reason).splitlines() or [""]
            self._say(("Reason   ", "dim"), head)
            for line in more:
                self._say(f"         {line}")
        noise = noise_text(run)
        if noise:
            self._say(("Noise    ", "dim"), noise)
        if self._files:
            self._say(("Reports  ", "dim"), "  ".join(str(path) for path in self._files.values()))
        self._say(
            ("Verdict  ", "dim"),
            (headline(run).upper(), COLOURS.get(finished.verdict, "bold yellow")),
            f" · {clause_totals(run)} · {seconds(finished.duration_s)} · exit {finished.exit_code}",
        )
