"""Which Gradio release speaks what: ``dialects.yaml`` by release, by dialect and by family.

One namespace names every version of the protocol: a family (``sse_v3``), a dialect (``v3-4.39``)
or a release (``gradio-4.44.1``, ``4.44.1``). Each leads to one release. A dialect is the wire as it
was at its first release, a family the wire of its last one; the newest of both is the document.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from gradio_spec.data import PACKAGE
from gradio_spec.data import SpecError
from gradio_spec.data import validated

Number = tuple[int, ...]
PREFIX = "gradio-"
# A pre-release counts as the release that it leads to.
_RELEASE = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?(?:\.?(?:a|b|rc|post|dev)\d+)*", re.ASCII)
_FOREVER: Number = (10**9,)


@dataclass(frozen=True, slots=True)
class Release:
    """What one Gradio release speaks.

    ``announced`` is its ``config.protocol`` (``None``: the member is absent), ``dialect`` is
    ``None`` outside of ``sse_v3``, ``encoder`` the generation of its edit encoder (``None``: it
    sends no edits), ``published`` whether it can be installed.
    """

    number: str
    family: str
    announced: str | None
    dialect: str | None
    encoder: str | None
    published: bool

    @property
    def id(self) -> str:
        return f"{PREFIX}{self.number}"


def number(release: str) -> Number:
    """A release as three numbers that compare; ``SpecError`` for anything else."""
    found = _RELEASE.fullmatch(release)
    if found is None:
        raise SpecError(f"{release!r} is no release such as 4.44.1")
    return tuple(int(part or 0) for part in found.groups())


def is_bound(name: str) -> bool:
    """Whether something can begin or end with it: a dialect, or the number of a release."""
    return name in _dialects() or _RELEASE.fullmatch(name) is not None


def release(name: str) -> Release:
    """What a release (``"4.44.1"``, ``"gradio-4.44.1"``) speaks, also one that was never published
    but lies between two that were; ``SpecError`` for what is no release or lies outside of what
    is known.
    """
    asked = number(name.removeprefix(PREFIX))
    oldest, newest = published()[0], published()[-1]
    if not number(oldest) <= asked <= number(newest):
        raise SpecError(f"unknown release {name!r}; known are those from {oldest} to {newest}")
    family = _span("families", asked)
    if family is None:
        raise SpecError(f"unknown release {name!r}: no family has it")
    spelling = _spellings().get(asked)
    dialect, encoder = (_span(kind, asked) for kind in ("dialects", "diff_encoders"))
    return Release(
        number=spelling or ".".join(map(str, asked)),
        family=family["id"],
        announced=family["announced"],
        dialect=dialect["id"] if dialect else None,
        encoder=encoder["id"] if encoder else None,
        published=spelling is not None,
    )


def resolve(name: str) -> Release:
    """The release that a family, a dialect or a release stands for; ``SpecError`` with what there
    is for any other name.
    """
    for row in table()["families"]:
        if row["id"] == name:
            return release(row["last"] or published()[-1])
    for row in table()["dialects"]:
        if row["id"] == name:
            return release(row["first"] if row["last"] else published()[-1])
    if _RELEASE.fullmatch(name.removeprefix(PREFIX)):
        return release(name)
    raise SpecError(f"unknown protocol version {name!r}; {known()}")


def announced(protocol: str | None, version: str | None) -> Release:
    """The release that a server says it behaves like, in ``protocol`` and ``version`` of its
    ``/config``. A version outside of the family that it announces, or none, counts as the family's
    last release. ``SpecError`` for a protocol that no release announces.
    """
    families = [row for row in table()["families"] if row["announced"] == protocol]
    if not families:
        raise SpecError(f"no release announces the protocol {protocol!r}; {known()}")
    try:
        found = release(version or "")
    except SpecError:
        found = None
    if found is not None and found.announced == protocol:
        return found
    return resolve(families[-1]["id"])


def known() -> str:
    """The names that :func:`resolve` takes, in one line for people."""
    families, dialects = ([row["id"] for row in table()[k]] for k in ("families", "dialects"))
    first, last = published()[0], published()[-1]
    return (
        f"there are the families {', '.join(families)}, the dialects {', '.join(dialects)}, and "
        f"the releases from {PREFIX}{first} to {PREFIX}{last}"
    )


def begin(since: str) -> Number:
    """When something that has ``since`` began: a dialect begins with its first release."""
    dialect = _dialects().get(since)
    return number(dialect["first"] if dialect else since)


def end(until: str) -> Number:
    """The last release of something that has ``until``."""
    dialect = _dialects().get(until)
    if dialect is None:
        return number(until)
    return number(dialect["last"]) if dialect["last"] else _FOREVER


def published() -> tuple[str, ...]:
    """Every release that can be installed, oldest first."""
    return tuple(table()["releases"])


@cache
def table() -> Any:
    """``dialects.yaml``, as its schema says."""
    return validated(PACKAGE / "dialects.yaml", "dialects")


@cache
def _spellings() -> dict[Number, str]:
    return {number(name): name for name in published()}


@cache
def _dialects() -> dict[str, Any]:
    return {row["id"]: row for row in table()["dialects"]}


def _span(kind: str, asked: Number) -> Any:
    for row in table()[kind]:
        last = number(row["last"]) if row["last"] else _FOREVER
        if number(row["first"]) <= asked <= last:
            return row
    return None
