"""What a run says of time: who was late, in company and alone, and how late the machine was."""

from __future__ import annotations

from gradio_conformance.events import CheckResult
from gradio_conformance.events import Status
from gradio_conformance.reporting.base import Run
from gradio_conformance.reporting.console_blocks import Block
from gradio_conformance.reporting.words import milliseconds
from gradio_conformance.reporting.words import one_line
from gradio_conformance.verdict import is_noisy


def late_at_first(run: Run) -> list[CheckResult]:
    """The checks that came too late in company, and not when they ran alone."""
    return [r for r in run.results if r.solo and r.status is Status.PASS]


def noise_text(run: Run) -> str | None:
    """How late the machine was, if that was enough to make a wait run out by itself."""
    noise = run.finished.noise
    if noise is None or not is_noisy(noise, run.started.shortest_wait_s):
        return None
    text = f"this machine woke threads up to {milliseconds(noise.max_ms)} late"
    text += f" (99 % within {milliseconds(noise.p99_ms)})"
    if run.finished.contention is not None:
        share = f"{run.finished.contention * 100:.0f} %"
        text += f"; programs waited for a processor {share} of the time"
    return text


def late_block(run: Run) -> Block:
    """The console's list of checks that only company made late."""
    block: Block = [
        (f"  ○ {result.check}  {one_line(result.reason or '')}",) for result in late_at_first(run)
    ]
    return [(("LATE AT FIRST", "bold"),), *block] if block else []
