"""Binds a check to the clauses it proves. The binding is data: lists, reports and selftest read
it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from typing import TypeVar

F = TypeVar("F", bound=Callable[..., Any])
ATTRIBUTE = "__gradio_check__"


@dataclass(frozen=True, slots=True)
class CheckInfo:
    """One check: its slug (``area.what-it-expects``), the clauses it proves, and what it needs.

    ``needs`` are testbed endpoints; none means that it runs against any app. ``server`` is
    ``main``, or by its name in ``testbed.yaml`` another server of the testbed.
    """

    slug: str
    title: str
    clauses: tuple[str, ...]
    needs: tuple[str, ...] = ()
    server: str = "main"
    searches: bool = False  # what it finds depends on how far its budget of seconds takes it
    strain: int = 0  # on some servers it lasts: it comes after all with less


def check(
    *clauses: str,
    needs: tuple[str, ...] | str = (),
    server: str = "main",
    searches: bool = False,
    strain: int = 0,
) -> Callable[[F], F]:
    """Mark a function ``check_<what_it_expects>(probe, …)`` of a module ``check_<area>`` as a
    check.

    The first clause decides the profile; the first paragraph of the docstring is the title.
    """
    if not clauses:
        raise TypeError("a check proves at least one clause")

    def bind(function: F) -> F:
        area = function.__module__.rpartition(".")[2].removeprefix("check_").replace("_", "-")
        name = function.__name__.removeprefix("check_").replace("_", "-")
        text = (inspect.getdoc(function) or name).split("\n\n")[0]
        title = " ".join(text.split()).rstrip(".")
        endpoints = (needs,) if isinstance(needs, str) else tuple(needs)
        slug = f"{area}.{name}"
        info = CheckInfo(slug, title, clauses, endpoints, server, searches, strain)
        setattr(function, ATTRIBUTE, info)
        return function

    return bind


def info_of(function: Any) -> CheckInfo | None:
    """The binding of a function, also through Hypothesis' wrapper; ``None`` for anything else."""
    inner = getattr(getattr(function, "hypothesis", None), "inner_test", None)
    found = getattr(function, ATTRIBUTE, getattr(inner, ATTRIBUTE, None))
    return found if isinstance(found, CheckInfo) else None
