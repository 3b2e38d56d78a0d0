"""What a wire rule of the catalogue says: where it applies, and how a JSON value is bent there.
Pure.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from jsonschema import Draft202012Validator

from gradio_spec.pointers import steps


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``at`` is ``[METHOD] route-glob``, the route below the API prefix without a
    leading slash.

    ``when``, ``body`` and ``where`` are JSON Schemas of the request, of the body of a plain reply
    and of a message; ``kinds`` the messages meant (``msg``, or the event name of a call stream;
    ``*`` for all); ``nth`` which of those that match in one response.
    """

    at: str
    do: Mapping[str, Any]
    when: Draft202012Validator | None = None
    status: int | None = None
    body: Draft202012Validator | None = None
    kinds: tuple[str, ...] = ()
    where: Draft202012Validator | None = None
    nth: int | None = None

    def is_at(self, method: str, route: str) -> bool:
        wanted, _, pattern = self.at.rpartition(" ")
        return wanted in ("", method) and fnmatchcase(route, pattern)

    def wants(self, request: Mapping[str, Any]) -> bool:
        return self.when is None or bool(self.when.is_valid(request))

    def means(self, kind: str, message: Any) -> bool:
        """Is a message of this kind meant (but for ``nth``)?"""
        if not any(fnmatchcase(kind, wanted) for wanted in self.kinds):
            return False
        return self.where is None or bool(self.where.is_valid(message))


def parse_rule(row: Mapping[str, Any]) -> Rule:
    """A rule of the catalogue, whose schema has been checked."""
    schemas = {
        name: Draft202012Validator(row[name]) for name in ("when", "body", "where") if name in row
    }
    kinds = row.get("msg", ())
    return Rule(
        row["at"],
        row["do"],
        status=row.get("status"),
        kinds=(kinds,) if isinstance(kinds, str) else tuple(kinds),
        nth=row.get("nth"),
        **schemas,
    )


# -- edits of a JSON value ----------------------------------------------------------------------


def bend(value: Any, actions: Mapping[str, Any]) -> Any:
    """A copy of ``value`` after all edits among ``actions``, in their order."""
    result = copy.deepcopy(value)
    for name, argument in actions.items():
        if name in EDITS:
            EDITS[name](result, argument)
    return result


def filled(template: Any, message: Any) -> Any:
    """A copy of a template in which every text ``$member`` is that member of the message."""
    if isinstance(template, str) and template.startswith("$"):
        return copy.deepcopy(message.get(template[1:])) if isinstance(message, dict) else None
    if isinstance(template, dict):
        return {key: filled(item, message) for key, item in template.items()}
    if isinstance(template, list):
        return [filled(item, message) for item in template]
    return template


def _target(value: Any, pointer: str) -> tuple[Any, Any] | None:
    """The container and the key that a JSON pointer names; ``None`` if the way there does not
    exist.
    """
    *path, last = steps(pointer)
    for step in path:
        key = _key(value, step)
        if not _holds(value, key):
            return None
        value = value[key]
    return (value, _key(value, last)) if isinstance(value, dict | list) else None


def _key(container: Any, step: str) -> Any:
    return int(step) if isinstance(container, list) and step.isdecimal() else step


def _holds(container: Any, key: Any) -> bool:
    if isinstance(container, list):
        return isinstance(key, int) and -len(container) <= key < len(container)
    return isinstance(container, dict) and key in container


def get(value: Any, pointer: str) -> Any:
    """What a JSON pointer names, or ``None``."""
    found = _target(value, pointer)
    return found[0][found[1]] if found is not None and _holds(*found) else None


def _set(value: Any, values: Mapping[str, Any]) -> None:
    for pointer, new in values.items():
        found = _target(value, pointer)
        if found is not None and (isinstance(found[0], dict) or _holds(*found)):
            found[0][found[1]] = filled(new, value)


def _delete(value: Any, pointers: list[str]) -> None:
    for pointer in pointers:
        found = _target(value, pointer)
        if found is not None and _holds(*found):
            del found[0][found[1]]


def _rename(value: Any, names: Mapping[str, str]) -> None:
    for pointer, name in names.items():
        found = _target(value, pointer)
        if found is not None and _holds(*found):
            found[0][name] = found[0].pop(found[1])


def _copy(value: Any, sources: Mapping[str, str]) -> None:
    for pointer, source in sources.items():
        _set(value, {pointer: get(value, source)})


def _changed(change: Callable[[Any], Any]) -> Callable[[Any, list[str]], None]:
    def apply(value: Any, pointers: list[str]) -> None:
        for pointer in pointers:
            found = _target(value, pointer)
            if found is not None and _holds(*found):
                found[0][found[1]] = change(found[0][found[1]])

    return apply


def _add(value: Any, amounts: Mapping[str, float]) -> None:
    for pointer, amount in amounts.items():
        old = get(value, pointer)
        if isinstance(old, int | float):
            _set(value, {pointer: old + amount})


EDITS: Mapping[str, Callable[[Any, Any], None]] = {
    "set": _set,
    "delete": _delete,
    "rename": _rename,
    "copy": _copy,
    "add": _add,
    "wrap": _changed(lambda item: [item]),
    "reverse": _changed(lambda item: item[::-1]),
    "as_text": _changed(str),
}
