"""Which change of the list each difference belongs to: ``changes.yaml``, between two releases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gradio_conformance.gate.model import Difference
from gradio_conformance.gate.model import Effect
from gradio_conformance.gate.model import Side
from gradio_conformance.gate.model import strongest
from gradio_spec.changes import Change
from gradio_spec.changes import changes_between
from gradio_spec.changes import covers
from gradio_spec.releases import number


@dataclass(frozen=True, slots=True)
class Group:
    """The differences that one change names; ``change`` is ``None`` for those that none does.
    ``backwards``: the newer version is the old side.
    """

    change: Change | None
    differences: tuple[Difference, ...]
    backwards: bool = False

    @property
    def client(self) -> Effect:
        return strongest(difference.client for difference in self.differences)

    @property
    def server(self) -> Effect:
        return strongest(difference.server for difference in self.differences)


def grouped(differences: Sequence[Difference], old: Side, new: Side) -> tuple[Group, ...]:
    """The differences by the change that names them, in the order of the releases; one that
    several name is in each. Those without a change come last. Without two releases, or within one,
    there are no changes to name them.
    """
    was, now = old.release, new.release
    if was is None or now is None or was == now:
        return (Group(None, tuple(differences)),) if differences else ()
    backwards = number(now.number) < number(was.number)
    first, last = (now, was) if backwards else (was, now)
    changes = changes_between(first, last)
    named = {id(d): _named_by(d, changes) for d in differences}
    groups = [
        Group(change, tuple(d for d in differences if change in named[id(d)]), backwards)
        for change in changes
    ]
    left = tuple(d for d in differences if not named[id(d)])
    return (*groups, *([Group(None, left, backwards)] if left else []))


def is_named(change: Change, difference: Difference) -> bool:
    """Whether a place of the change is that of the difference, above it, or its area."""
    name = difference.place.name
    return any(covers(place, name) or name.startswith(f"{place}/") for place in change.at)


def _named_by(difference: Difference, changes: Sequence[Change]) -> tuple[Change, ...]:
    """A new family names whatever no other change does."""
    own = tuple(change for change in changes if is_named(change, difference))
    if own:
        return own
    return tuple(c for c in changes if any(place.startswith("family:") for place in c.at))[-1:]
