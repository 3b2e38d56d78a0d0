# Hints are put together at run time here.
# mypy: disable-error-code="misc, unused-ignore"
"""Generated functions: /info describes them the same on both libraries, asked in process."""

from __future__ import annotations

import datetime
import enum
import importlib
import inspect
import json
import math
import typing
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from typing import Literal

import pytest
from hypothesis import example
from hypothesis import given
from hypothesis import note
from hypothesis import settings
from hypothesis import strategies as st

import gradio_reference
from gradio_reference.documents.info import info

# Gradio leaves event loops to the garbage collector, and sets off warnings when it is imported.
pytestmark = [pytest.mark.gradio, pytest.mark.filterwarnings("ignore")]

EXAMPLES = 500
Hint = Callable[[Any], Any]  # of a library: what `Request` and `FileData` are differs


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Total(typing.TypedDict):
    a: int
    b: list[str]


class Partial(typing.TypedDict, total=False):
    a: int


class Plain:
    a: int
    b: dict[str, Colour]


class Tree:
    children: list[Tree]


# Not here, for they differ and differences.yaml says why: Enum and Literal with anything but words,
# dataclasses, NotRequired, classes without annotations, arrays of tuples or of None, bare tuple
# and set.
SIMPLE: list[Any] = [
    str,
    int,
    float,
    bool,
    type(None),
    Any,
    object,
    complex,
    bytes,
    bytearray,
    list,
    typing.List,
    dict,
    typing.Dict,
    datetime.datetime,
    Literal["a"],
    Literal["a", "b c"],
    Colour,
    Total,
    Partial,
    Plain,
    Tree,
    typing.Mapping[str, int],
    typing.Callable[[int], int],
    typing.TypeVar("T"),
    dict[int, str],
]


def constant(hint: Any) -> Hint:
    return lambda _: hint


def is_row(hint: Any) -> bool:
    return typing.get_origin(hint) is tuple and ... not in typing.get_args(hint)


def larger(inner: st.SearchStrategy[Hint]) -> st.SearchStrategy[Hint]:
    no_row = inner.filter(lambda hint: not is_row(hint(gradio_reference)))
    several = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        no_row.map(lambda hint: lambda library: list[hint(library)]),
        no_row.map(lambda hint: lambda library: typing.List[hint(library)]),
        no_row.map(lambda hint: lambda library: set[hint(library)]),
        no_row.map(lambda hint: lambda library: frozenset[hint(library)]),
        no_row.map(lambda hint: lambda library: tuple[hint(library), ...]),
        inner.map(lambda hint: lambda library: dict[str, hint(library)]),
        inner.map(lambda hint: lambda library: typing.Optional[hint(library)]),
        several.map(lambda hints: lambda library: tuple[*(hint(library) for hint in hints)]),
        several.map(lambda hints: lambda library: typing.Union[*(h(library) for h in hints)]),
    )


LEAVES: st.SearchStrategy[Hint] = st.one_of(
    st.sampled_from(SIMPLE).map(constant), st.just(lambda library: library.FileData)
)
HINTS: st.SearchStrategy[Hint] = st.recursive(LEAVES, larger, max_leaves=5)
INJECTED: st.SearchStrategy[Hint] = st.sampled_from(
    [
        lambda library: library.Request,
        lambda library: library.Request | None,
        lambda library: library.Header,
        lambda library: typing.Optional[library.Header],
    ]
)
ANNOTATED: st.SearchStrategy[Hint] = HINTS.map(
    lambda hint: lambda library: typing.Annotated[hint(library), "a remark"]
)


def is_one_result(hint: Hint) -> bool:
    """Not tuple[T, ...], of which Gradio makes two outputs."""
    plain = hint(gradio_reference)
    origin: Any = typing.get_origin(plain)
    return is_row(plain) or origin is not tuple


RESULTS: st.SearchStrategy[Hint] = HINTS.filter(is_one_result)
NAMES = st.sampled_from(
    ["a", "b_c", "Größe", "data", "fn", "event_data", "self", "request", "value"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 2**40) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
).filter(lambda value: value not in (float("inf"), float("-inf")))
LINES = st.sampled_from(
    [
        "Says.",
        "",
        "    More of it.",
        "Args:",
        "  a: the first",
        "Returns: it",
        "Returns:",
        ":x",
        "é",
    ]
)
EMPTY = inspect.Parameter.empty


@dataclass(frozen=True, slots=True)
class Written:
    """A function as a user may write it."""

    parameters: list[tuple[str, Any, Hint, Any]]  # name, kind, hint, default
    result: Hint | None
    lines: list[str]
    options: dict[str, Any]

    def function(self, library: Any) -> Any:
        """It, with the names of a library."""

        def fn(*args: Any, **kwargs: Any) -> None: ...

        hints = {name: hint(library) for name, _, hint, _ in self.parameters}
        result = {} if self.result is None else {"return": self.result(library)}
        fn.__annotations__ = hints | result
        signature = inspect.Signature(
            [
                inspect.Parameter(name, kind, default=default, annotation=hints[name])
                for name, kind, _, default in self.parameters
            ],
            return_annotation=result.get("return", inspect.Signature.empty),
        )
        fn.__signature__ = signature  # type: ignore[attr-defined]
        fn.__doc__ = "\n".join(self.lines)
        return fn


@st.composite
def functions(draw: st.DrawFn) -> Written:
    """Parameters in an order that Python allows, a result, a docstring and options."""
    names = draw(st.lists(NAMES, unique=True, max_size=5))
    first = draw(st.integers(0, len(names)))  # with a default from here on
    rest = draw(st.integers(first, len(names) + 2))  # behind *args from here on
    alone = draw(st.integers(0, min(first, rest)))  # by position only before
    parameters: list[tuple[str, Any, Hint, Any]] = []
    for place, name in enumerate(names):
        kind: Any = inspect.Parameter.POSITIONAL_OR_KEYWORD
        if place < alone:
            kind = inspect.Parameter.POSITIONAL_ONLY
        if place == rest:
            parameters.append(("rest", inspect.Parameter.VAR_POSITIONAL, constant(int), EMPTY))
        if place >= rest:
            kind = inspect.Parameter.KEYWORD_ONLY
        default = draw(VALUES) if place >= first else EMPTY
        hint = draw(st.one_of(HINTS, HINTS, HINTS, ANNOTATED, INJECTED))
        parameters.append((name, kind, hint, default))
    options = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "description": st.sampled_from(["Told.", "", False, None]),
                "api_visibility": st.sampled_from(["public", "undocumented", "private"]),
                "batch": st.booleans(),
                "queue": st.booleans(),
            },
        )
    )
    lines = draw(st.lists(LINES, max_size=6))
    return Written(parameters, draw(st.none() | RESULTS), lines, options)


@pytest.fixture(scope="module")
def gradio(gradio_is_used: None) -> Iterator[Any]:
    """The library; a server of it that does not serve builds no web application, which would take
    a tenth of a second for each example.
    """
    library = importlib.import_module("gradio")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gradio.routes.App.create_app", lambda *_, **__: None)
        yield library


def on_gradio(gradio: Any, written: Written) -> Any:
    """What /info?all_endpoints=true says of it on Gradio."""
    server = gradio.Server()
    server.api(written.function(gradio), name="fn", **written.options)
    events = importlib.import_module("gradio.events")
    with gradio.Blocks(mode="server") as blocks:  # as launch() makes it
        for fn, options in server._deferred_apis:
            events.api(fn=fn, **options)
    # /info is sent through orjson, to which what is not finite is null.
    told = json.dumps(blocks.get_api_info(all_endpoints=True))
    return json.loads(told, parse_constant=lambda _: None)


def on_reference(written: Written) -> Any:
    """The same on the reference server."""
    server = gradio_reference.Server(__name__)
    server.api(written.function(gradio_reference), name="fn", **written.options)
    return json.loads(json.dumps(info(server.endpoints, "http://server", everything=True)))


@settings(max_examples=EXAMPLES)
@given(written=functions())
@example(Written([], None, [], {}))
@example(
    Written(
        [("a", inspect.Parameter.POSITIONAL_OR_KEYWORD, constant(str), [math.inf])], None, [], {}
    )
)
def test_info_is_the_same(gradio: Any, written: Written) -> None:
    note(str(inspect.signature(written.function(gradio))))
    assert on_reference(written) == on_gradio(gradio, written)


def test_a_difference_would_be_seen(gradio: Any) -> None:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    whole, text = (
        Written([("a", kind, constant(hint), EMPTY)], None, [], {}) for hint in (int, str)
    )
    assert on_reference(whole) == on_gradio(gradio, whole)
    assert on_reference(whole) != on_gradio(gradio, text)
