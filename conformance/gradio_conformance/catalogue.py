"""Every check there is, found by importing the modules of ``gradio_conformance.checks``."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import gradio_conformance.checks
from gradio_conformance.binding import CheckInfo
from gradio_conformance.binding import info_of


@cache
def all_checks() -> Mapping[str, CheckInfo]:
    """Slug → binding, sorted; ``ValueError`` if two checks share a slug."""
    found: dict[str, CheckInfo] = {}
    package = gradio_conformance.checks
    for module in pkgutil.iter_modules(package.__path__):
        if not module.name.startswith("check_"):
            continue
        namespace = vars(importlib.import_module(f"{package.__name__}.{module.name}"))
        for info in filter(None, map(info_of, namespace.values())):
            if found.setdefault(info.slug, info) != info:
                raise ValueError(f"two checks are called {info.slug}")
    return MappingProxyType(dict(sorted(found.items())))


def checks_of(clause_id: str) -> tuple[CheckInfo, ...]:
    """The checks bound to a clause."""
    return tuple(info for info in all_checks().values() if clause_id in info.clauses)
