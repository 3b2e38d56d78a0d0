"""What a run has seen, as its last event tells it."""

from __future__ import annotations

from collections import Counter

from gradio_conformance.events import RunCoverage
from gradio_conformance.events import Seen
from gradio_conformance.events import Unseen
from gradio_conformance.runner.options import RunOptions
from gradio_spec.branches import Kind
from gradio_spec.coverage import Coverage


def run_coverage(coverage: Coverage, options: RunOptions) -> RunCoverage:
    """Seen and total by kind, and what was never seen, in the order of the kinds and of the data.

    A branch that no profile of the run leads to is expected of nobody.
    """
    judged = set(options.profiles)
    total: Counter[Kind] = Counter()
    seen: Counter[Kind] = Counter()
    never = []
    for branch in coverage.universe.branches.values():
        claimed = not branch.profiles or bool(branch.profiles & judged)
        if branch.id in coverage.seen:
            seen[branch.kind] += 1
        else:
            profiles = tuple(sorted(branch.profiles))
            never.append(Unseen(branch.id, branch.kind.value, profiles, claimed))
        total[branch.kind] += claimed or branch.id in coverage.seen
    never.sort(key=lambda unseen: list(Kind).index(Kind(unseen.kind)))
    kinds = tuple(Seen(kind.value, seen[kind], total[kind]) for kind in Kind if total[kind])
    return RunCoverage(kinds, tuple(never), partial=bool(options.run or options.skip))
