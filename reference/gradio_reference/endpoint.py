"""One API endpoint: a function, its signature, its options, and the check of what it returns."""

from __future__ import annotations

import math
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from typing import Literal
from typing import get_args

from gradio_reference.cache import Rules
from gradio_reference.cache import rules_of
from gradio_reference.encoding import plain
from gradio_reference.signature import Signature
from gradio_reference.signature import function_name
from gradio_reference.signature import inspect_function
from gradio_reference.state import State
from gradio_reference.validators import Validator
from gradio_reference.validators import make_validator

Visibility = Literal["public", "undocumented", "private"]
Connection = Literal["sse", "stream"]
Limit = int | None | Literal["default"]


class WrongOutput(ValueError):
    """The function returned fewer values, or another shape, than its annotation promises
    (EVT-032).
    """


@dataclass(frozen=True, slots=True)
class Options:
    """What ``@app.api`` was told."""

    name: str | None = None
    description: str | Literal[False] | None = None
    concurrency_limit: Limit = "default"
    concurrency_id: str | None = None
    queue: bool = True
    batch: bool = False
    max_batch_size: int = 4
    api_visibility: Visibility = "public"
    time_limit: float | None = None
    stream_every: float = 0.5
    on_change: State[Any] | None = None
    validator: Callable[..., Any] | None = None
    connection: Connection = "sse"


@dataclass(frozen=True, slots=True)
class Described:
    """How another server describes an endpoint: its ``entry`` in ``/info``, complete, which this
    one's documents repeat.
    """

    entry: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """``index`` is its fn_index, ``name`` its api_name. ``validator``: who judges its inputs,
    ``cache``: how its results are remembered; ``described``: words that are not its function's.
    """

    index: int
    name: str
    fn: Callable[..., Any]
    signature: Signature
    options: Options
    validator: Validator | None = None
    cache: Rules | None = None
    described: Described | None = None

    @property
    def private(self) -> bool:
        return self.options.api_visibility == "private"

    @property
    def streams(self) -> bool:
        """Whether its events take chunks of input while they run (STREAM-002)."""
        return self.options.connection == "stream"

    @property
    def deadline(self) -> float | None:
        """Seconds after which an event fails (QUEUE-019). The time limit of streaming input is an
        ordinary end of it.
        """
        return None if self.streams else self.options.time_limit

    def values(self, returned: Any) -> Sequence[Any]:
        """What one call returned or yielded, one value per output. Raises ``WrongOutput``."""
        count = len(self.signature.outputs)
        if count == 0:
            return ()  # EVT-009
        if count == 1:
            return (returned,)
        if not isinstance(returned, (list, tuple)):
            raise WrongOutput(f"{self.name}: expected {count} values, got {_kind(returned)}")
        if len(returned) < count:
            raise WrongOutput(f"{self.name}: expected {count} values, got {len(returned)}")
        return returned[:count]

    def outputs(self, returned: Any) -> list[Any]:
        """What one call returned or yielded, as one JSON value per output; null for a State
        (STATE-002).

        Raises ``WrongOutput`` for too few values, ``NotSerialisable`` for one that is not JSON.
        Surplus is dropped.
        """
        return self.plain(self.values(returned))

    def stored(self, returned: Any) -> dict[State[Any], Any]:
        """The new values of its State outputs in what a call returned or yielded."""
        return self._states(self.values(returned)) if self.keeps_state else {}

    def batch_outputs(self, returned: Any, size: int) -> list[list[Any]]:
        """What a batch call returned (one list per output) as one list of outputs per event
        (QUEUE-014).
        """
        return [self.plain(row) for row in self._rows(returned, size)]

    def batch_stored(self, returned: Any, size: int) -> list[dict[State[Any], Any]]:
        """The new values of its State outputs for each event of a batch call."""
        return [self._states(row) for row in self._rows(returned, size)]

    @property
    def keeps_state(self) -> bool:
        """Whether any of its outputs is a State."""
        return any(isinstance(item, State) for item in self.signature.outputs)

    def _rows(self, returned: Any, size: int) -> list[Sequence[Any]]:
        count = len(self.signature.outputs)
        if count == 0:
            return [()] * size
        if not isinstance(returned, (list, tuple)) or len(returned) < count:
            raise WrongOutput(f"{self.name}: a batch function returns one list per output")
        columns: Sequence[Any] = returned[:count]
        for column in columns:
            if not isinstance(column, (list, tuple)) or len(column) < size:
                raise WrongOutput(f"{self.name}: each output list needs {size} items")
        return [tuple(column[place] for column in columns) for place in range(size)]

    def plain(self, values: Sequence[Any]) -> list[Any]:
        """One value per output as JSON, null for a State (STATE-002)."""
        pairs = zip(self.signature.outputs, values, strict=True)
        return [None if isinstance(item, State) else plain(value) for item, value in pairs]

    def _states(self, values: Sequence[Any]) -> dict[State[Any], Any]:
        pairs = zip(self.signature.outputs, values, strict=True)
        return {item: value for item, value in pairs if isinstance(item, State)}


def _kind(value: Any) -> str:
    return f"one {type(value).__name__}"


def make_endpoint(
    fn: Callable[..., Any], options: Options, index: int, taken: set[str]
) -> Endpoint:
    """Check the options and read the signature. Raises ``ValueError`` or ``TypeError`` naming
    what is wrong.
    """
    if not callable(fn):
        raise TypeError(f"api() takes a function, got {fn!r}")
    name = options.name if options.name is not None else function_name(fn)
    if not name or "/" in name:
        raise ValueError(f"name: {name!r} cannot be part of a path; use a name without '/'")
    _check(name, options)
    signature = inspect_function(fn)
    if options.batch and signature.kind.generates:
        raise ValueError(f"{name}: batch=True does not work with a generator")
    if options.connection == "stream" and signature.kind.generates:
        raise ValueError(
            f'{name}: connection="stream" calls a function for each chunk; a generator is none'
        )
    unique, suffix = name, 1
    while unique in taken:
        unique, suffix = f"{name}_{suffix}", suffix + 1
    if signature.media and not signature.kind.generates:
        raise ValueError(f"{name}: a MediaStream needs a generator, which yields its pieces")
    validator = make_validator(options.validator, name, signature)
    cache = rules_of(fn, name, signature, options.batch)
    if signature.media and cache is not None:
        raise ValueError(f"{name}: a MediaStream does not work with @cache")
    if options.connection == "stream" and cache is not None:
        raise ValueError(f'{name}: connection="stream" does not work with @cache')
    return Endpoint(index, unique, fn, signature, options, validator, cache)


def _check(name: str, options: Options) -> None:
    limit = options.concurrency_limit
    if limit != "default" and limit is not None and not _positive(limit):
        raise ValueError(f"{name}: concurrency_limit must be a positive number, None or 'default'")
    if not _positive(options.max_batch_size):
        raise ValueError(f"{name}: max_batch_size must be a positive number")
    if options.api_visibility not in get_args(Visibility):
        raise ValueError(f"{name}: api_visibility must be one of {', '.join(get_args(Visibility))}")
    if options.connection not in get_args(Connection):
        raise ValueError(f"{name}: connection must be one of {', '.join(get_args(Connection))}")
    if options.connection == "stream" and options.batch:
        raise ValueError(f'{name}: batch=True does not work with connection="stream"')
    if not _seconds(options.stream_every):
        raise ValueError(f"{name}: stream_every must be a positive number of seconds")
    if options.on_change is not None and not isinstance(options.on_change, State):
        raise TypeError(f"{name}: on_change must be a State, not {options.on_change!r}")
    if options.time_limit is not None and not _seconds(options.time_limit):
        raise ValueError(f"{name}: time_limit must be a positive number of seconds")


def _seconds(value: Any) -> bool:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and 0 < value < math.inf


def _positive(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
