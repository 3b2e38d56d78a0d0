"""JSON pointers (RFC 6901) into documents of plain values. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any


def escaped(name: str) -> str:
    """A name as a step of a pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def unescaped(step: str) -> str:
    """The name that a step of a pointer stands for."""
    return step.replace("~1", "/").replace("~0", "~")


def steps(pointer: str) -> list[str]:
    """The names that a pointer leads along."""
    return [unescaped(step) for step in pointer.split("/")[1:]]


def along(part: Any, pointer: str) -> Iterator[Any]:
    """The parts that a pointer leads through, the whole first; ``None`` where it leads nowhere."""
    yield part
    for name in steps(pointer):
        if isinstance(part, list):
            part = part[int(name)] if name.isdigit() and int(name) < len(part) else None
        else:
            part = part.get(name) if isinstance(part, Mapping) else None
        yield part


def part_at(part: Any, pointer: str) -> Any:
    """The part that a pointer leads to; ``None`` if it leads nowhere."""
    *_, last = along(part, pointer)
    return last
