"""What a function takes and gives: its parameters, its outputs, and how to call it with request
data.
"""

from __future__ import annotations

import collections.abc
import enum
import functools
import inspect
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Annotated
from typing import Any
from typing import get_args
from typing import get_origin
from typing import get_type_hints

from gradio_reference.encoding import NotSerialisable
from gradio_reference.encoding import plain
from gradio_reference.fields import Header
from gradio_reference.fields import field_name
from gradio_reference.filedata import SCHEMA as FILE_SCHEMA
from gradio_reference.media import MediaStream
from gradio_reference.progress import Progress
from gradio_reference.request import Request
from gradio_reference.schema import Schema
from gradio_reference.schema import json_schema
from gradio_reference.state import State

_SKIPPED = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
# The official clients take these keywords of a call for themselves.
_RESERVED = frozenset({"api_name", "fn_index", "result_callbacks"})
_STREAMS = (
    collections.abc.Iterator,
    collections.abc.Iterable,
    collections.abc.Generator,
    collections.abc.AsyncIterator,
    collections.abc.AsyncIterable,
    collections.abc.AsyncGenerator,
)


class Kind(enum.Enum):
    """How a function runs."""

    FUNCTION = "function"
    ASYNC_FUNCTION = "async function"
    GENERATOR = "generator"
    ASYNC_GENERATOR = "async generator"

    @property
    def generates(self) -> bool:
        return self in (Kind.GENERATOR, Kind.ASYNC_GENERATOR)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One input. ``name`` is what clients call it, ``default`` the Python value,
    ``json_default`` the same as JSON.
    """

    name: str
    schema: Schema
    has_default: bool
    default: Any
    json_default: Any


@dataclass(frozen=True, slots=True)
class _Argument:
    """Where one argument of the call comes from: an input by position, the request, a header
    field of it, or a Progress.
    """

    name: str
    keyword: bool
    source: int | type


class MissingInput(TypeError):
    """The data stops before an input without default (JOIN-019)."""

    def __init__(self, name: str, position: int) -> None:
        super().__init__(f"missing value for parameter {name!r} (item {position} of data)")
        self.name = name
        self.position = position


@dataclass(frozen=True, slots=True)
class Signature:
    """Inputs and outputs of one function: all of them in order, and those that callers see."""

    kind: Kind
    inputs: tuple[Parameter | State[Any], ...]
    outputs: tuple[Schema | State[Any], ...]
    parameters: tuple[Parameter, ...]  # the inputs without State (STATE-011)
    returns: tuple[Schema, ...]  # the outputs without State
    arguments: tuple[_Argument, ...]
    media: Mapping[int, MediaStream] = field(default_factory=dict)  # which outputs are streams

    @property
    def states(self) -> Iterator[State[Any]]:
        """Every State that the function takes or gives."""
        return (item for item in (*self.inputs, *self.outputs) if isinstance(item, State))

    @property
    def keeps_state(self) -> bool:
        """Whether its results go into State."""
        return len(self.outputs) > len(self.returns)

    def complete(self, data: Sequence[Any]) -> list[Any]:
        """Positional data → one value per input: surplus dropped, defaults filled in. Raises
        ``MissingInput``. The places of State stay empty, whatever was sent there (STATE-001).
        """
        values: list[Any] = []
        for position, item in enumerate(self.inputs):  # JOIN-018
            if isinstance(item, State):
                values.append(None)
            elif position < len(data):
                values.append(data[position])
            elif item.has_default:
                values.append(item.default)
            else:
                raise MissingInput(item.name, position)
        return values

    def spread(self, data: list[Any]) -> list[Any]:
        """Data of a simple call, which may leave State out, as positional data (CALL-017)."""
        if len(data) != len(self.parameters) or len(data) == len(self.inputs):
            return data
        given = iter(data)
        return [None if isinstance(item, State) else next(given) for item in self.inputs]

    def from_names(self, named: Mapping[str, Any]) -> list[Any]:
        """Named data → positional data (CALL-014). Raises ``MissingInput`` or ``KeyError`` of
        an unknown name.
        """
        known = {parameter.name for parameter in self.parameters}
        for name in named:
            if name not in known:
                raise KeyError(name)
        values: list[Any] = []
        for position, parameter in enumerate(self.inputs):
            if isinstance(parameter, State):
                values.append(None)
                continue
            if parameter.name not in named and not parameter.has_default:
                raise MissingInput(parameter.name, position)
            values.append(named.get(parameter.name, parameter.default))
        return values

    def bind(
        self, values: Sequence[Any], request: Any, progress: Any
    ) -> tuple[list[Any], dict[str, Any]]:
        """Arguments for the function: one value per input, plus what it asked to be given."""
        args: list[Any] = []
        kwargs: dict[str, Any] = {}
        for argument in self.arguments:
            if isinstance(argument.source, int):
                value = values[argument.source]
            elif argument.source is Header:
                value = request.headers.get(field_name(argument.name))
            else:
                value = request if argument.source is Request else progress
            if argument.keyword:
                kwargs[argument.name] = value
            else:
                args.append(value)
        return args, kwargs


def inspect_function(fn: Callable[..., Any], *, hinted: bool = True) -> Signature:
    """Read a function's signature. Raises ``ValueError`` that names the parameter and what is
    wrong with it; a missing type hint is wrong only if ``hinted``.
    """
    hints, annotations = _hints(fn), _hints(fn, include_extras=True)
    if not hinted:
        hints = dict.fromkeys(inspect.signature(fn).parameters, Any) | hints
    inputs: list[Parameter | State[Any]] = []
    arguments: list[_Argument] = []
    any_number = False  # behind *args
    for item in inspect.signature(fn).parameters.values():
        any_number = any_number or item.kind is inspect.Parameter.VAR_POSITIONAL
        if item.kind in _SKIPPED:
            continue
        keyword = item.kind is inspect.Parameter.KEYWORD_ONLY
        injected = _injected(hints.get(item.name), item.default)
        if injected is not None:
            arguments.append(_Argument(item.name, keyword, injected))
        elif not any_number:
            arguments.append(_Argument(item.name, keyword, len(inputs)))
            state = _state(annotations.get(item.name))
            inputs.append(state or _parameter(fn, item, hints, len(inputs)))
        elif item.default is inspect.Parameter.empty:
            raise ValueError(f"{_where(fn, item)} is no input behind *args, so it needs a default")
    outputs, media = _outputs(hints, annotations)
    return Signature(
        _kind(fn),
        tuple(inputs),
        outputs,
        tuple(item for item in inputs if isinstance(item, Parameter)),
        tuple(item for item in outputs if not isinstance(item, State)),
        tuple(arguments),
        media,
    )


def described_signature(
    kind: Kind,
    inputs: Sequence[Parameter | State[Any]],
    outputs: Sequence[Schema | State[Any]],
) -> Signature:
    """That of a function without hints, which takes the request and then one value per input."""
    values = (_Argument(f"input_{place}", False, place) for place in range(len(inputs)))
    return Signature(
        kind,
        tuple(inputs),
        tuple(outputs),
        tuple(item for item in inputs if isinstance(item, Parameter)),
        tuple(item for item in outputs if not isinstance(item, State)),
        (_Argument("request", False, Request), *values),
    )


def function_name(fn: Callable[..., Any]) -> str:
    while isinstance(fn, functools.partial):
        fn = fn.func
    return str(getattr(fn, "__name__", type(fn).__name__)).strip("<>")


def _target(fn: Callable[..., Any]) -> Callable[..., Any]:
    """What carries annotations and code: the function under partials, or the ``__call__`` of an
    object.
    """
    while isinstance(fn, functools.partial):
        fn = fn.func
    if inspect.isroutine(fn) or inspect.isclass(fn):
        return fn
    call: Callable[..., Any] = type(fn).__call__
    return call


def _hints(fn: Callable[..., Any], *, include_extras: bool = False) -> dict[str, Any]:
    try:
        return get_type_hints(_target(fn), include_extras=include_extras)
    except NameError as error:
        raise ValueError(
            f"{function_name(fn)}: the type hint {error.name!r} is not known "
            "where the function is defined"
        ) from error


def _kind(fn: Callable[..., Any]) -> Kind:
    target = _target(fn)
    if inspect.isasyncgenfunction(target):
        return Kind.ASYNC_GENERATOR
    if inspect.iscoroutinefunction(target):
        return Kind.ASYNC_FUNCTION
    if inspect.isgeneratorfunction(target):
        return Kind.GENERATOR
    return Kind.FUNCTION


def _injected(hint: Any, default: Any) -> type | None:
    """The class of the thing that the server provides for this parameter, or None for an input."""
    if isinstance(default, Progress):
        return Progress
    candidates = get_args(hint) if get_origin(hint) is not None else (hint,)
    for candidate in candidates:
        for kind in (Request, Progress, Header):
            if isinstance(candidate, type) and issubclass(candidate, kind):
                return kind
    return None


def _where(fn: Callable[..., Any], item: inspect.Parameter) -> str:
    return f"{function_name(fn)}: parameter {item.name!r}"


def _parameter(
    fn: Callable[..., Any], item: inspect.Parameter, hints: Mapping[str, Any], place: int
) -> Parameter:
    where = _where(fn, item)
    if isinstance(item.default, State) or hints.get(item.name) is State:
        raise ValueError(f"{where}: write Annotated[type of the value, the State] for a State")
    if item.name not in hints:
        raise ValueError(f"{where} has no type hint; every input of an API function needs one")
    name = f"param_{place}" if item.name in _RESERVED else item.name
    schema = json_schema(hints[item.name])
    if item.default is inspect.Parameter.empty:
        return Parameter(name, schema, False, None, None)
    try:
        default = plain(item.default)
    except NotSerialisable as error:
        raise ValueError(f"{where} has a default that is not JSON: {error}") from error
    return Parameter(name, schema, True, item.default, default)


def _state(hint: Any) -> State[Any] | None:
    """The State that a hint names, as ``Annotated[type, state]``."""
    return next((item for item in _extras(hint) if isinstance(item, State)), None)


def _media(hint: Any) -> MediaStream | None:
    """The MediaStream that a hint names, as ``Annotated[type, MediaStream(…)]``."""
    return next((item for item in _extras(hint) if isinstance(item, MediaStream)), None)


def _extras(hint: Any) -> tuple[Any, ...]:
    return get_args(hint)[1:] if get_origin(hint) is Annotated else ()


def _outputs(
    hints: Mapping[str, Any], annotations: Mapping[str, Any]
) -> tuple[tuple[Schema | State[Any], ...], dict[int, MediaStream]]:
    """The outputs, and which of them are media streams, whose values are files (STREAM-010).

    No annotation or ``None``: no output. ``tuple[A, B]``: one per item. Anything else: one.
    """
    hint, annotation = hints.get("return", type(None)), annotations.get("return", type(None))
    if hint is type(None):
        return (), {}
    if get_origin(annotation) in _STREAMS and any(map(_named, _items(get_args(annotation)[0]))):
        # A generator is annotated with what it yields, as in Gradio; but a type checker wants
        # Iterator, and a State or MediaStream would be lost in it.
        hint, annotation = get_args(hint)[0], get_args(annotation)[0]
    pairs = list(zip(_items(hint), _items(annotation), strict=True))
    found = enumerate(_media(annotated) for _, annotated in pairs)
    media = {place: item for place, item in found if item is not None}
    outputs = [_state(annotated) or json_schema(item) for item, annotated in pairs]
    return tuple(FILE_SCHEMA if n in media else item for n, item in enumerate(outputs)), media


def _named(hint: Any) -> bool:
    return _state(hint) is not None or _media(hint) is not None


def _items(hint: Any) -> tuple[Any, ...]:
    args = get_args(hint)
    return args if get_origin(hint) is tuple and Ellipsis not in args else (hint,)
