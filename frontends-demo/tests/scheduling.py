"""Which worker runs what: one worker has all tests of a front end on a library, and starts it."""

from __future__ import annotations

import re

from xdist.scheduler import LoadScopeScheduling

from .servers import LIBRARIES

PAIR = re.compile(rf"\[(\w+-(?:{'|'.join(LIBRARIES)}))\b")


class ByPair(LoadScopeScheduling):  # type: ignore[misc,unused-ignore]
    """For `--dist loadgroup`: its own groups need node ids that pytest 9.2 lets nobody change."""

    def _split_scope(self, nodeid: str) -> str:
        found = PAIR.search(nodeid)
        return found[1] if found is not None else str(super()._split_scope(nodeid))
