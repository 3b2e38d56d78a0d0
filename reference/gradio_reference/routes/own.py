"""Paths of an app's own routes, written as FastAPI's or as Quart's."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from typing import get_type_hints

_FIELD = re.compile(r"\{(\w+)(:path)?\}")
_CONVERTERS: dict[Any, str] = {int: "int(signed=True)", float: "float(signed=True)"}


def rule_of(path: str, fn: Callable[..., Any] | None) -> str:
    """``/items/{item}`` → ``/items/<item>``; ``{rest:path}`` may hold slashes, and a field that the
    function hints as ``int`` or ``float`` is one. Other paths stay as they are.
    """
    if "{" not in path:
        return path
    hints = {} if fn is None else get_type_hints(fn)

    def converted(field: re.Match[str]) -> str:
        name = field[1]
        kind = "path" if field[2] else _CONVERTERS.get(hints.get(name), "default")
        return f"<{kind}:{name}>"

    return _FIELD.sub(converted, path)
