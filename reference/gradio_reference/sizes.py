"""Sizes in bytes, as options give them."""

from __future__ import annotations

import re

_UNITS = {"b": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30, "tb": 1 << 40}


def bytes_of(size: int | str | None, name: str = "max_file_size") -> int | None:
    """A number of bytes, given as such or as text like ``"5mb"``. Raises ``ValueError``."""
    if size is None or (isinstance(size, int) and not isinstance(size, bool)):
        return size
    found = re.fullmatch(r"\s*(\d+)\s*([a-z]*)\s*", str(size).lower())
    if found is None or (found[2] or "b") not in _UNITS:
        raise ValueError(f'{name}: {size!r} is no size; write 5000, "100kb" or "5mb"')
    return int(found[1]) * _UNITS[found[2] or "b"]
