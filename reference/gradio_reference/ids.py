"""Names that nobody can guess."""

from __future__ import annotations

import secrets

_SIZE = 16  # bytes of an id
_STOCK = 256  # ids for one question to the system, which costs more than all the rest of an id
_stock = b""


def new_id() -> str:
    """128 random bits as 32 hexadecimal digits (JOIN-002). On the loop only."""
    global _stock  # noqa: PLW0603
    if not _stock:
        _stock = secrets.token_bytes(_SIZE * _STOCK)
    made, _stock = _stock[:_SIZE], _stock[_SIZE:]
    return made.hex()
