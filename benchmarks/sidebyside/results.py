"""What a run has found out, before it becomes a document, a table or a plot."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Literal

from sidebyside.declared import Case
from sidebyside.declared import Peer
from sidebyside.declared import Plan
from sidebyside.figures import Curve
from sidebyside.figures import Ratio
from sidebyside.figures import Sample
from sidebyside.figures import medians
from sidebyside.figures import ratio
from sidebyside.judging import Verdict

Tell = Callable[[str], None]  # hears of each step of a run
Outcome = Literal["measured", "not-offered", "over-deadline", "failed"]


@dataclass(slots=True)
class Result:
    """One case on one peer. `note` says why there are no samples; `usages` has one entry for each
    sample: the shares of the processors (see `Bench.watched`); `curves` likewise: the memory.
    """

    case: Case
    peer: Peer
    outcome: Outcome = "measured"
    note: str = ""
    samples: list[Sample] = field(default_factory=list)
    usages: list[Sample] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)
    verdict: Verdict | None = None

    @property
    def medians(self) -> dict[str, float]:
        return medians(self.samples)

    @property
    def sound(self) -> bool:
        """Nothing went wrong, and no message broke a clause that is not known to be broken."""
        return self.outcome != "failed" and (self.verdict is None or self.verdict.sound)

    def end(self, outcome: Outcome, note: str) -> None:
        """No sample of this counts: a peer that failed once is not to be trusted before that."""
        self.outcome = outcome
        self.note = note
        self.samples.clear()
        self.usages.clear()
        self.curves.clear()


Results = Mapping[tuple[str, str], Result]


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of one case over all peers."""

    case: Case
    metric: str
    values: Mapping[str, float]
    against_baseline: Mapping[str, Ratio]
    against_floor: Mapping[str, Ratio]


def rows(plan: Plan, results: Results) -> tuple[Row, ...]:
    """The ratio table, in the order of the declarations."""
    table = []
    for case in plan.cases:
        own = {peer.name: results[case.name, peer.name] for peer in plan.peers}
        for metric in plan.metrics:
            values = {
                name: result.medians[metric]
                for name, result in own.items()
                if metric in result.medians
            }
            if values:
                against = [
                    _against(plan, own, metric, other) for other in (plan.baseline, plan.floor)
                ]
                table.append(Row(case, metric, values, *against))
    return tuple(table)


def _against(plan: Plan, own: Mapping[str, Result], metric: str, other: str) -> Mapping[str, Ratio]:
    if other not in own or not plan.metrics[metric].ratio:
        return {}
    better = plan.metrics[metric].better
    theirs: Sequence[Sample] = own[other].samples
    found = {name: ratio(result.samples, theirs, metric, better) for name, result in own.items()}
    return {name: value for name, value in found.items() if value is not None}
