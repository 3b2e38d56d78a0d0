"""Which generation of the encoder of edits a server has, told by what it sends for values on which
the generations differ. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradio_spec import diff
from gradio_spec import encoders
from gradio_spec.releases import table

Probe = tuple[str, Any, Any, Any]  # name, value before, value after, edits (None: none came)


def generations(probes: Sequence[Probe]) -> dict[str, Any]:
    """``like``: the generations that would have sent the same; ``wrong``: the probes whose edits
    do not lead to the value after; ``sent``: the edits of each probe.
    """
    return {
        "like": list(_like(probes)),
        "wrong": [p[0] for p in probes if not _applies(*p[1:])],
        "sent": {name: edits for name, _, _, edits in probes},
    }


def _like(probes: Sequence[Probe]) -> list[str]:
    names = [row["id"] for row in table()["diff_encoders"]]
    return [n for n in names if all(_sends(n, *p[1:]) for p in probes)]


def _sends(generation: str, old: Any, new: Any, edits: Any) -> bool:
    try:
        return bool(encoders.encode(generation, old, new) == edits)
    except TypeError:  # where that encoder fails, no edits come
        return edits is None


def _applies(old: Any, new: Any, edits: Any) -> bool:
    if edits is None:
        return False
    try:
        return diff.same(diff.apply(old, edits), new)
    except (diff.DiffError, TypeError, ValueError):
        return False
