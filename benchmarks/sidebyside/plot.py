"""Pictures: the ratios, a bar for each peer and case; the memory, a line for each peer."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from sidebyside.declared import Plan
from sidebyside.results import Result
from sidebyside.results import Row

ROW_INCHES = 0.22
COLOURS = ("#4269d0", "#9c9c9c", "#6cc5b0", "#c7c7c7", "#efb118", "#a463f2", "#ff725c")


def draw(plan: Plan, table: Sequence[Row], caption: str, paths: Sequence[Path]) -> None:
    """Write the plot of these rows to each path, in the format that its suffix names."""
    _prepare()
    peers = [peer for peer in plan.peers if peer.name != plan.baseline]
    height = ROW_INCHES * len(table) * (len(peers) + 1) + 1.6
    figure = Figure(figsize=(11, max(height, 3.0)), layout="constrained")
    axes = figure.subplots()
    for index, peer in enumerate(peers):
        bars = [
            (place, row.against_baseline[peer.name])
            for place, row in enumerate(table)
            if peer.name in row.against_baseline
        ]
        places = [place + (index + 0.5) / (len(peers) + 1) - 0.5 for place, _ in bars]
        values = [ratio.of_medians for _, ratio in bars]
        reach = [
            [max(0.0, ratio.of_medians - ratio.low) for _, ratio in bars],
            [max(0.0, ratio.high - ratio.of_medians) for _, ratio in bars],
        ]
        drawn = axes.barh(
            places,
            [value - 1 for value in values],
            left=1,
            height=0.9 / (len(peers) + 1),
            xerr=reach,
            error_kw={"elinewidth": 0.6, "ecolor": "#333333"},
            color=COLOURS[index % len(COLOURS)],
            label=peer.title,
        )
        axes.bar_label(drawn, [f"{value:.3g}×" for value in values], fontsize=6, padding=3)
    titles = [f"{row.case.name} · {plan.metrics[row.metric].title}" for row in table]
    axes.set_yticks(range(len(table)), titles, fontsize=8)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda value, _place: f"{value:g}×")
    axes.axvline(1, color="#333333", linewidth=0.8)
    base = next((peer.title for peer in plan.peers if peer.name == plan.baseline), plan.baseline)
    axes.set_xlabel(f"times better than {base}; thin lines: range over the repeats")
    axes.set_title(caption, fontsize=9)
    axes.legend(fontsize=8, loc="lower right")
    _save(figure, paths)


def draw_memory(results: Iterable[Result], caption: str, paths: Sequence[Path]) -> None:
    """Write the plot of all curves to each path: a colour for each peer, a line for each repeat."""
    _prepare()
    figure = Figure(figsize=(11, 5), layout="constrained")
    axes = figure.subplots()
    for index, result in enumerate(results):
        for repeat, curve in enumerate(result.curves):
            axes.plot(
                [sessions for sessions, _ in curve],
                [kib / 1024 for _, kib in curve],
                color=COLOURS[index % len(COLOURS)],
                linewidth=1,
                marker=".",
                label=None if repeat else f"{result.case.name} · {result.peer.title}",
            )
    axes.set_ylim(bottom=0)
    axes.set_xlabel(
        "sessions so far: first those who read, then those who never do, then those who leave"
    )
    axes.set_ylabel("resident memory, MiB")
    axes.set_title(caption, fontsize=9)
    figure.legend(fontsize=8, loc="outside lower center", ncols=2)
    _save(figure, paths)


def _prepare() -> None:
    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "sidebyside"  # the same figures make the same file


def _save(figure: Figure, paths: Sequence[Path]) -> None:
    for path in paths:
        figure.savefig(path, dpi=120)
