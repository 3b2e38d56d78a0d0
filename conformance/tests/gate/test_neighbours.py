"""Between any two neighbouring versions every difference is named by a change of the list, and
every change by a difference; the list and the rules class them alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

import pytest

from gradio_conformance.gate.model import Difference
from gradio_conformance.gate.model import strongest
from gradio_conformance.gate.naming import Group
from gradio_conformance.gate.naming import grouped
from gradio_conformance.gate.rules import all_rules
from gradio_conformance.gate.witness import find
from gradio_spec.changes import Change
from gradio_spec.changes import all_changes
from gradio_spec.releases import table

from .loading import before
from .loading import found
from .loading import side

FAMILIES = [row["id"] for row in table()["families"] if row.get("described")]
DIALECTS = [row["id"] for row in table()["dialects"]]
# Within the small families nothing has a name but the releases.
NEIGHBOURS = [
    ("gradio-3.6", "ws"),
    ("ws", "gradio-4.0.0"),
    ("gradio-4.0.0", "sse"),
    *pairwise([*FAMILIES[1:-1], *DIALECTS]),
]
NAMED = pytest.mark.parametrize(
    ("old", "new"), NEIGHBOURS, ids=lambda name: name if isinstance(name, str) else None
)
CHANGES = [change for change in all_changes() if change.at]


@cache
def groups(old: str, new: str) -> tuple[Group, ...]:
    return grouped(found(old, new), side(old), side(new))


def own(change: Change) -> Group:
    """What a change brought, between its release and the one before."""
    there = groups(before(change.release), change.release)
    return next(group for group in there if group.change == change)


def told(change: Change) -> str:
    return f"{change.release} {change.text[:40]}"


@NAMED
def test_every_difference_is_named_by_a_change(old: str, new: str) -> None:
    left = [group for group in groups(old, new) if group.change is None]
    assert [str(one.place) for group in left for one in group.differences] == []


@NAMED
def test_every_change_is_named_by_a_difference(old: str, new: str) -> None:
    """A change of the list without places says why; what a later one took back is gone."""
    silent = [
        told(group.change)
        for group in groups(old, new)
        if group.change is not None and group.change.at and not group.differences
    ]
    assert silent == []


@NAMED
def test_the_other_way_round_each_difference_is_its_mirror(old: str, new: str) -> None:
    mirrored = Counter((all_rules()[one.rule].mirror, str(one.place)) for one in found(old, new))
    assert mirrored == Counter((one.rule, str(one.place)) for one in found(new, old))


@pytest.mark.parametrize("change", CHANGES, ids=told)
def test_the_list_and_the_rules_class_a_change_alike_or_the_list_says_why(change: Change) -> None:
    group = own(change)
    assert group.differences
    alike = (group.client, group.server) == (change.client, change.server)
    assert alike == (change.because is None), (group.client, group.server, change.because)


def test_every_rule_has_its_mirror_or_says_why_it_has_none() -> None:
    for rule in all_rules().values():
        assert (rule.mirror is None) != (rule.unmirrored is None)
        if rule.mirror is not None:
            assert all_rules()[rule.mirror].mirror == rule.id


def shown(old: str, new: str) -> Iterator[tuple[Change, list[Difference]]]:
    for group in groups(old, new):
        if group.change is not None and group.differences:
            yield group.change, list(group.differences)


@NAMED
def test_every_change_has_a_witness(old: str, new: str) -> None:
    without = []
    for change, differences in shown(old, new):
        if strongest(e for d in differences for e in (d.client, d.server)).strength == 0:
            continue
        if not any(find(d, side(old), side(new)) for d in differences):
            without.append(told(change))
    assert without == []
