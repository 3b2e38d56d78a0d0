"""Python values → strict JSON values, by one rule for queue, call and run (NET-007).

NaN and the infinities become ``null`` (SSE-006, CALL-020). Tuples and sets become arrays, enums
their value, dataclasses and pydantic models objects, dates ISO 8601, bytes base64, numpy arrays
and scalars what ``tolist`` says, paths, decimals and UUIDs text. Everything else, an object key
that is not a string, and text that has no UTF-8 form cannot be serialised: ``NotSerialisable``
tells where, and only that event fails (SSE-025).
"""

from __future__ import annotations

import base64
import dataclasses
import datetime
import decimal
import enum
import math
import os
import uuid
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any


class NotSerialisable(TypeError):
    """A value that has no JSON form; the message says where it sits and what it is."""


def plain(value: Any) -> Any:
    """A copy of ``value`` made of JSON types only. Raises ``NotSerialisable``."""
    try:
        return _plain(value, "$")
    except RecursionError:
        raise NotSerialisable("the value contains itself or is nested too deeply") from None


def clean_text(value: object) -> str:
    """Text that has a UTF-8 form, whatever a function puts into a log or an exception."""
    try:
        text = str(value)
    except Exception:  # its own __str__ failed
        text = type(value).__name__
    return text.encode("utf-8", "replace").decode("utf-8")


def clean_number(value: float | None) -> float | None:
    """A number that JSON has, or None. Raises ``TypeError`` or ``ValueError`` for anything else."""
    if value is None or type(value) is int:
        return value
    number = float(value)
    return number if math.isfinite(number) else None


def _plain(value: Any, path: str) -> Any:
    kind = type(value)
    if value is None or kind is bool or kind is int:
        return value
    if kind is str:
        return _text(value, path)
    if kind is float:
        return value if math.isfinite(value) else None
    if kind is list or kind is tuple:
        return [_plain(item, f"{path}[{i}]") for i, item in enumerate(value)]
    if kind is dict:
        return _object(value, path)
    return _other(value, path)


def _text(value: str, path: str) -> str:
    if not value.isascii():
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise NotSerialisable(f"{path}: text with a lone surrogate has no UTF-8 form") from None
    return value


def _object(value: Mapping[Any, Any], path: str) -> dict[str, Any]:
    result = {}
    for key, item in value.items():
        if not isinstance(key, str):
            raise NotSerialisable(f"{path}: object key {key!r} is not a string")
        result[_text(str(key), path)] = _plain(item, f"{path}.{key}")
    return result


def _dataclass(value: Any) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}


# Order matters: an IntEnum is an int, a datetime is a date.
_CONVERSIONS: tuple[tuple[type | tuple[type, ...], Callable[[Any], Any]], ...] = (
    (enum.Enum, lambda value: value.value),
    (bool, bool),
    (int, int),
    (float, float),
    (str, str.__str__),
    (Mapping, dict),
    ((list, tuple, set, frozenset), list),
    ((bytes, bytearray), lambda value: base64.b64encode(value).decode()),
    ((datetime.date, datetime.time), lambda value: value.isoformat()),
    ((decimal.Decimal, uuid.UUID), str),
    (os.PathLike, os.fspath),
)


def _other(value: Any, path: str) -> Any:
    for kind, convert in _CONVERSIONS:
        if isinstance(value, kind):
            return _plain(convert(value), path)
    if not isinstance(value, type) and dataclasses.is_dataclass(value):
        return _plain(_dataclass(value), path)
    for method in ("model_dump", "tolist"):  # pydantic models; numpy arrays and scalars
        own = getattr(value, method, None)
        if callable(own) and not isinstance(value, type):
            return _plain(own(), path)
    raise NotSerialisable(f"{path}: {type(value).__name__} is not a JSON value")
