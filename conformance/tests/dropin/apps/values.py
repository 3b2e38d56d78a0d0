"""Python values on their way to JSON."""

import dataclasses
import datetime
import decimal
import enum
import math
import pathlib
import uuid
from typing import Any

import pydantic
from server_library import Server


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 2


@dataclasses.dataclass
class Point:
    x: int
    y: int = 2


class Model(pydantic.BaseModel):
    name: str
    size: int = 3


class Text(str):
    """Text of a class of its own."""


class Table(dict):
    """A dict of a class of its own."""


class Opaque:
    """No JSON value."""


VALUES: dict[str, Any] = {
    "text": 'a ü ☃ \U0001f600 \u2028 \x00 "quoted" <b>',
    "whole": 2**53 + 1,
    "negative": -3,
    "fraction": 0.1,
    "whole_fraction": 2.0,
    "tiny": 1e-300,
    "yes": True,
    "nothing": None,
    "no_number": math.nan,
    "no_number_infinite": -math.inf,
    "no_number_nested": {"a": [math.nan, 1.0]},
    "items": [1, "a", None, [True]],
    "tuple": (1, (2, 3)),
    "table": {"b": 1, "a": {"c": []}},
    "empty": [{}, [], ""],
    "py_set": {3},
    "py_frozenset": frozenset({"x"}),
    "py_bytes": b"bytes",
    "py_datetime": datetime.datetime(2026, 1, 2, 3, 4, 5),
    "py_datetime_in_zone": datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc),
    "py_date": datetime.date(2026, 1, 2),
    "py_time": datetime.time(3, 4, 5),
    "py_decimal": decimal.Decimal("1.20"),
    "py_uuid": uuid.UUID(int=7),
    "py_path": pathlib.PurePosixPath("a/b"),
    "py_enum": Colour.RED,
    "level": Level.HIGH,
    "point": Point(1),
    "points": [Point(1), {"p": Point(2)}],
    "py_model": Model(name="m"),
    "own_text": Text("own"),
    "own_table": Table(a=1),
    "no_json_whole_keys": {1: "one"},
    "no_json_object": Opaque(),
    "no_json_large": 2**64,
    "no_json_surrogate": "\ud800",
}

app = Server()


def register(name: str, value: Any) -> None:
    def give() -> Any:
        return value

    app.api(give, name=name)


for name, value in VALUES.items():
    register(name, value)
