"""Faults inside the reference server: named functions that replace some of its methods."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

_MISSING = object()


class Patches:
    """Replaces attributes of classes and modules, and can put them back."""

    def __init__(self) -> None:
        self._undo: list[tuple[Any, str, Any]] = []

    def __call__(self, owner: Any, name: str, new: Any) -> None:
        """Replace ``owner.name``. ``AttributeError`` if there is none: the fault has gone stale."""
        if not hasattr(owner, name):
            raise AttributeError(
                f"{owner!r} has no {name}: the fault that replaces it is out of date"
            )
        self._undo.append((owner, name, vars(owner).get(name, _MISSING)))
        setattr(owner, name, new)

    def undo(self) -> None:
        while self._undo:
            owner, name, old = self._undo.pop()
            if old is _MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, old)


Fault = Callable[[Patches], None]
_FAULTS: dict[str, Fault] = {}


def fault(function: Fault) -> Fault:
    """Register a fault under its function's name, with dashes."""
    name = function.__name__.replace("_", "-")
    if _FAULTS.setdefault(name, function) is not function:
        raise ValueError(f"two faults are called {name}")
    return function


@cache
def all_faults() -> Mapping[str, Fault]:
    """Every fault of ``mutants/faults``, by name."""
    from gradio_conformance.mutants import faults

    for module in pkgutil.iter_modules(faults.__path__):
        importlib.import_module(f"{faults.__name__}.{module.name}")
    return MappingProxyType(dict(sorted(_FAULTS.items())))
