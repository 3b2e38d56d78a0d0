"""Sequences of what several clients do at once, drawn by Hypothesis and shrunk to a script."""

from __future__ import annotations

from dataclasses import replace

from gradio_conformance.binding import check
from gradio_conformance.exploration import Exploration
from gradio_conformance.probe import Probe
from gradio_conformance.stateful.search import explore

CONTROLS = ("release", "journal", "settings")


@check(
    *("EVT-003", "SSE-011", "SSE-022", "SSE-029", "CANCEL-007", "CALL-010"),
    needs=("echo", "hold", "hold_async", "hold_generator", *CONTROLS),
    searches=True,
)
def check_any_sequence_keeps_the_protocol(probe: Probe, exploration: Exploration) -> None:
    """Whatever clients join, open, drop, pause, cancel, call and fetch, in any order: each gets
    what it is owed.
    """
    explore(probe, exploration)


@check("QUEUE-012", needs=("hold", "settings"), server="second", searches=True)
def check_a_bounded_queue_counts_who_waits(probe: Probe, exploration: Exploration) -> None:
    """Whatever clients do, a join is refused exactly while the queue is full."""
    explore(probe, replace(exploration, budget_s=exploration.budget_s / 3), "second")
