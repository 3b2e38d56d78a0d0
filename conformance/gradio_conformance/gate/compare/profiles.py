"""How the parts differ that a server can keep on their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gradio_conformance.gate.compare.at import At
from gradio_conformance.gate.model import Difference
from gradio_conformance.gate.model import Place
from gradio_conformance.gate.rules import EITHER
from gradio_conformance.gate.rules import difference

_KEYWORDS = ("status", "requires", "offered_by")


def profile_differences(old: Any, new: Any) -> Iterator[Difference]:
    """What differs in ``profiles.yaml``; its routes are told with the routes."""
    was, now = ({row["id"]: row for row in d["profiles"]} for d in (old, new))
    for name in dict.fromkeys((*was, *now)):
        at = At(Place("profiles", "").below("profiles", name), name, EITHER)
        before, after = was.get(name), now.get(name)
        if before is None or after is None:
            yield at.tell(f"profile-{'added' if before is None else 'removed'}", before, after)
            continue
        for keyword in _KEYWORDS:
            if before.get(keyword) != after.get(keyword):
                place = at.place.below(keyword)
                yield difference(
                    "profile-changed",
                    place,
                    f"{name} ({keyword})",
                    before.get(keyword),
                    after.get(keyword),
                )
