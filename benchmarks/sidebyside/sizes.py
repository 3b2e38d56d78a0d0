"""What an installation takes: the files of a distribution and of all that it requires."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from importlib.metadata import Distribution
from importlib.metadata import PackageNotFoundError
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

MIB = 1024 * 1024


def installed(requirements: Sequence[str]) -> dict[str, float]:
    """`installed_mib` and the number of `distributions` for requirements such as ``a[extra]``.

    Raises ``PackageNotFoundError`` if one, or something that it requires, is not installed.
    """
    found = closure(requirements)
    total = sum(size(item) for item in found.values())
    return {"installed_mib": total / MIB, "distributions": float(len(found))}


def closure(requirements: Sequence[str]) -> dict[str, Distribution]:
    """By name: the distributions, and all that they require on this machine."""
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = [Requirement(text) for text in requirements]
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        asked = (name, frozenset(wanted.extras))
        if asked in seen:
            continue
        seen.add(asked)
        found[name] = distribution(wanted.name)
        waiting += _requires(found[name], wanted.extras)
    return found


def size(item: Distribution) -> int:
    """Bytes of the files that the distribution's record names and that are there.

    Raises ``PackageNotFoundError`` for an installation without a record.
    """
    if not item.files:
        raise PackageNotFoundError(f"{item.name}: no record of its files")
    paths = (Path(str(item.locate_file(file))) for file in item.files)
    return sum(path.stat().st_size for path in paths if path.is_file())


def _requires(item: Distribution, extras: set[str]) -> Iterator[Requirement]:
    for text in item.requires or ():
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in {"", *extras}):
            yield requirement
