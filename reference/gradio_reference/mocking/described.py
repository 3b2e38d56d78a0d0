"""Endpoints as another server's ``/info`` describes them, and as its ``/config`` adds to it."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gradio_reference.endpoint import Described
from gradio_reference.endpoint import Visibility
from gradio_reference.schema import Schema
from gradio_reference.signature import Parameter
from gradio_reference.state import State

MOST = 5000  # dependencies
_VISIBILITIES: dict[str, Visibility] = {"undocumented": "undocumented", "private": "private"}


class DescriptionError(ValueError):
    """The description is none that a Gradio server gives; the message names the field."""


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What is known of one endpoint. ``described`` None: it is in ``/config`` alone, and nobody
    may see it; ``generates`` and ``queue``: as ``/config`` says, if it was given.
    """

    name: str
    inputs: tuple[Parameter | State[Any], ...]
    outputs: tuple[Schema | State[Any], ...]
    described: Described | None
    visibility: Visibility
    generates: bool = False
    queue: bool = True

    @property
    def returns(self) -> Sequence[Mapping[str, Any]]:
        return [] if self.described is None else self.described.entry["returns"]


def blueprints(info: Any, config: Any = None) -> list[Blueprint]:
    """All endpoints; each at the place of its ``fn_index``, where a ``/config`` tells it. Raises
    ``DescriptionError``.
    """
    named = _object(info, "the description").get("named_endpoints")
    if not isinstance(named, Mapping):
        raise DescriptionError("named_endpoints: an object is expected (DISC-012)")
    found = dict(_entry(key, item) for key, item in named.items())
    if config is None:
        return [_alone(name, entry) for name, entry in found.items()]
    return list(_placed(found, _Configuration(_object(config, "the configuration"))))


def _entry(key: Any, found: Any) -> tuple[str, dict[str, Any]]:
    """An entry of ``/info`` with all members that today's dialect has."""
    where = f"named_endpoints.{key}"
    name = str(key).removeprefix("/")
    if not name or "/" in name:
        raise DescriptionError(f"{where}: a name without slash is expected behind the first one")
    entry = dict(_object(found, where))
    entry["parameters"] = [
        _parameter(f"{where}.parameters.{place}", place, item)
        for place, item in enumerate(_list(entry, "parameters", where))
    ]
    entry["returns"] = [
        _complete(f"{where}.returns.{place}", item)
        for place, item in enumerate(_list(entry, "returns", where))
    ]
    # Before v3-6.0 there is no visibility; whatever was listed there is public.
    entry.setdefault("api_visibility", "public")
    entry.setdefault("description", "")
    return name, entry


def _parameter(where: str, place: int, found: Any) -> dict[str, Any]:
    item = _complete(where, found)
    item.setdefault("parameter_name", f"param_{place}")  # before v3-4.39
    item.setdefault("parameter_has_default", False)
    item.setdefault("parameter_default", None)
    item.setdefault("example_input", None)
    if not isinstance(item["parameter_name"], str):
        raise DescriptionError(f"{where}.parameter_name: a string is expected")
    return item


def _complete(where: str, found: Any) -> dict[str, Any]:
    item = dict(_object(found, where))
    item.setdefault("label", "")
    item.setdefault("type", {})
    item.setdefault("python_type", {"type": "Any", "description": ""})
    item.setdefault("component", "Api")
    return item


def _alone(name: str, entry: Mapping[str, Any]) -> Blueprint:
    return _blueprint(name, entry, _inputs(entry), tuple(r["type"] for r in entry["returns"]))


def _blueprint(
    name: str, entry: Mapping[str, Any], inputs: Any, outputs: Any, **told: bool
) -> Blueprint:
    shown = entry["api_visibility"]
    visibility = _VISIBILITIES.get(shown if isinstance(shown, str) else "", "public")
    return Blueprint(name, inputs, outputs, Described(entry), visibility, **told)


def _inputs(entry: Mapping[str, Any]) -> tuple[Parameter, ...]:
    return tuple(
        Parameter(
            item["parameter_name"],
            item["type"],
            item["parameter_has_default"] is True,
            item["parameter_default"],
            item["parameter_default"],
        )
        for item in entry["parameters"]
    )


# --- with a configuration ------------------------------------------------------------------------


class _Configuration:
    """What ``/config`` tells of dependencies, and which components travel as null."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        components = _list(config, "components", "config")
        self._hidden = {
            item["id"]: State[Any]()
            for item in components
            if isinstance(item, Mapping)
            and isinstance(item.get("id"), int)
            and (item.get("type") == "state" or item.get("skip_api") is True)
        }
        rows = _list(config, "dependencies", "config")
        self.rows: dict[int, Mapping[str, Any]] = {}
        for place, row in enumerate(rows):
            item = _object(row, f"config.dependencies.{place}")
            number = item.get("id", place)  # none before v3-4.22
            if not isinstance(number, int) or not 0 <= number < MOST:
                raise DescriptionError(f"config.dependencies.{place}.id: {number!r} is no index")
            self.rows[number] = item

    def spread(self, ids: Any, visible: Sequence[Any]) -> tuple[Any, ...] | None:
        """The visible values with the hidden ones between them; None if they do not fit."""
        found = ids if isinstance(ids, list) else []
        given = iter(visible)
        if len(visible) != sum(one not in self._hidden for one in found):
            return None
        return tuple(self._hidden[o] if o in self._hidden else next(given) for o in found)


def _placed(entries: dict[str, dict[str, Any]], config: _Configuration) -> Iterator[Blueprint]:
    left = dict(entries)
    for number in range(max(config.rows, default=-1) + 1):
        row = config.rows.get(number, {})
        name = row.get("api_name")
        entry = left.pop(name, None) if isinstance(name, str) else None
        if entry is None:
            # A function that /info does not list keeps its index, so that others have theirs.
            yield Blueprint(f"dependency_{number}", (), (), None, "private")
            continue
        outputs = tuple(item["type"] for item in entry["returns"])
        inputs = config.spread(row.get("inputs"), _inputs(entry)) or _inputs(entry)
        types = row.get("types")
        yield _blueprint(
            str(name),
            entry,
            inputs,
            config.spread(row.get("outputs"), outputs) or outputs,
            generates=isinstance(types, Mapping) and types.get("generator") is True,
            queue=row.get("queue") is not False,
        )
    yield from (_alone(name, entry) for name, entry in left.items())


def _object(found: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(found, Mapping):
        raise DescriptionError(f"{where}: an object is expected")
    return found


def _list(found: Mapping[str, Any], member: str, where: str) -> list[Any]:
    value = found.get(member)
    if not isinstance(value, list):
        raise DescriptionError(f"{where}.{member}: an array is expected")
    return value
