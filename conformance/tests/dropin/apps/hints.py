"""Every kind of type hint, as a parameter and as a return value."""

import dataclasses
import datetime
import decimal
import enum
import pathlib
import typing
import uuid
from typing import Annotated
from typing import Any
from typing import Literal
from typing import Optional
from typing import Union

import pydantic
from server_library import Server


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Word(enum.StrEnum):
    YES = "yes"


class Total(typing.TypedDict):
    a: int
    b: list[str]


class Partial(typing.TypedDict, total=False):
    a: int


class Mixed(typing.TypedDict):
    a: int
    b: typing.NotRequired[str]


@dataclasses.dataclass
class Point:
    x: int
    y: int


@dataclasses.dataclass
class Record:
    name: str
    size: int = 3
    empty: str = ""
    tags: list[str] = dataclasses.field(default_factory=list)


class Model(pydantic.BaseModel):
    name: str
    size: int = 3
    tags: list[str] = []


class Plain:
    a: int
    b: str = "x"


class Bare:
    def __init__(self, a: int) -> None:
        self.a = a


Vector = list[float]
Pair = typing.NamedTuple("Pair", [("left", int), ("right", str)])
UserId = typing.NewType("UserId", int)
T = typing.TypeVar("T")

HINTS: dict[str, Any] = {
    "text": str,
    "whole": int,
    "number": float,
    "flag": bool,
    "nothing": type(None),
    "anything": Any,
    "object": object,
    "items": list,
    "items_old": typing.List,
    "items_int": list[int],
    "items_old_int": typing.List[int],
    "items_none": list[None],
    "items_nested": list[list[str]],
    "items_optional": list[int | None],
    "alias": Vector,
    "pair": tuple[int, str],
    "row": tuple[int, ...],
    "several": set[int],
    "frozen": frozenset[str],
    "raw": bytes,
    "raw_array": bytearray,
    "table": dict,
    "table_old": typing.Dict,
    "table_int": dict[str, int],
    "table_nested": dict[str, list[dict[str, float]]],
    "table_by_int": dict[int, str],
    "mapping": typing.Mapping[str, int],
    "sequence": typing.Sequence[int],
    "one_of": Literal["a", "b"],
    "only": Literal["a"],
    "one_of_int": Literal[1, 2],
    "one_of_mixed": Literal["it's", 2, True, None],
    "colour": Colour,
    "level": Level,
    "word": Word,
    "maybe": Optional[int],
    "maybe_new": str | None,
    "maybe_turned": None | str,
    "maybe_items": Optional[list[str]],
    "either": Union[int, str],
    "either_new": int | list[str],
    "either_or_none": int | str | None,
    "annotated": Annotated[int, "metres"],
    "moment": datetime.datetime,
    "day": datetime.date,
    "money": decimal.Decimal,
    "unique": uuid.UUID,
    "where": pathlib.Path,
    "complex": complex,
    "total": Total,
    "partial": Partial,
    "mixed": Mixed,
    "point": Point,
    "record": Record,
    "points": list[Point],
    "model": Model,
    "plain": Plain,
    "bare": Bare,
    "named_pair": Pair,
    "user_id": UserId,
    "type_variable": T,
    "function": typing.Callable[[int], int],
    "a_type": type[int],
    "final": typing.Final[int],
}

app = Server()


def register(name: str, hint: Any) -> None:
    def echo(value):
        return [value, type(value).__name__]

    echo.__annotations__ = {"value": hint, "return": list}
    app.api(echo, name=name)

    def give():
        return None

    give.__annotations__ = {"return": list[hint]}
    app.api(give, name=f"give_{name}")


for name, hint in HINTS.items():
    register(name, hint)
