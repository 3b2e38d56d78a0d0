"""Concurrency groups, as the testbed's contract declares them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from collections.abc import Set
from dataclasses import dataclass
from typing import Any

from gradio_spec.testbed import endpoints_of


@dataclass(frozen=True, slots=True)
class Group:
    """Functions that share their slots. ``limits``: of each function, infinite if it has none;
    ``batches``: the most events of one call, for batch functions.

    ``declared`` is false for one function that declares no limit (QUEUE-001).
    """

    name: str
    limits: Mapping[str, float]
    batches: Mapping[str, int]
    declared: bool = True

    @property
    def clause(self) -> str:
        """What is broken when too many run."""
        if len(self.limits) > 1:
            return "QUEUE-005"
        return "QUEUE-003" if self.declared else "QUEUE-001"

    @property
    def is_ordered(self) -> bool:
        """Whether events leave the queue in join order: QUEUE-002 leaves it open where a batch
        function shares its group.
        """
        return not self.batches or len(self.limits) == 1

    @property
    def most_per_slot(self) -> int:
        return max(self.batches.values(), default=1)

    def limit(self, joined: Set[str]) -> float:
        """How many may run when these functions have been joined: the lowest limit counts once
        each has been (QUEUE-005); until then, the highest might.
        """
        if joined >= self.limits.keys():
            return min(self.limits.values())
        return max(self.limits.values())


def groups_of(testbed: Mapping[str, Any], server: str = "main") -> Mapping[str, Group]:
    """The group of each endpoint of one of the testbed's servers, by the endpoint's name."""
    default = testbed["servers"][server]["default_concurrency_limit"]
    members: dict[str, list[Mapping[str, Any]]] = {}
    for endpoint in endpoints_of(testbed, server):
        shared = endpoint.get("concurrency_id")
        name = f"of {endpoint['name']}" if shared is None else f"{shared!r}"
        members.setdefault(name, []).append(endpoint)
    groups = {}
    for name, endpoints in members.items():
        limits = {e["name"]: _limit(e["concurrency_limit"], default) for e in endpoints}
        batches = {e["name"]: e["max_batch_size"] for e in endpoints if "max_batch_size" in e}
        declared = any(e["concurrency_limit"] != "default" for e in endpoints)
        group = Group(name, limits, batches, declared)
        groups.update(dict.fromkeys(limits, group))
    return groups


def _limit(declared: int | str | None, default: int) -> float:
    if declared is None:
        return math.inf
    return default if isinstance(declared, str) else declared
