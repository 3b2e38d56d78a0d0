# The endpoints are wrong on purpose.
# mypy: disable-error-code="no-untyped-def, empty-body, name-defined, call-overload, unused-ignore"
"""Functions as endpoints: parameters, outputs, and the mistakes that registration refuses."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from collections.abc import Iterator
from typing import Any

import pytest

from gradio_reference import Header
from gradio_reference import Progress
from gradio_reference import Request
from gradio_reference import Server
from gradio_reference.request import Headers
from gradio_reference.signature import Kind
from gradio_reference.signature import MissingInput
from gradio_reference.signature import inspect_function


def plain(a: int, b: str = "x") -> str:
    return b * a


async def async_plain(a: int) -> str:
    return str(a)


def generator(a: int) -> Iterator[int]:
    yield a


async def async_generator(a: int) -> AsyncIterator[int]:
    yield a


class Callable:
    async def __call__(self, a: int) -> int:
        return a


@pytest.mark.parametrize(
    ("fn", "kind"),
    [
        (plain, Kind.FUNCTION),
        (async_plain, Kind.ASYNC_FUNCTION),
        (generator, Kind.GENERATOR),
        (async_generator, Kind.ASYNC_GENERATOR),
        (functools.partial(async_plain, 1), Kind.ASYNC_FUNCTION),
        (Callable(), Kind.ASYNC_FUNCTION),
    ],
)
def test_kind(fn: Any, kind: Kind) -> None:
    assert inspect_function(fn).kind is kind


def test_inputs_and_defaults() -> None:
    signature = inspect_function(plain)
    shown = [(p.name, p.schema, p.has_default, p.json_default) for p in signature.parameters]
    assert shown == [
        ("a", {"type": "integer"}, False, None),
        ("b", {"type": "string"}, True, "x"),
    ]
    assert signature.complete([1]) == [1, "x"]
    assert signature.complete([1, "y", "surplus"]) == [1, "y"]
    assert signature.from_names({"a": 2}) == [2, "x"]
    with pytest.raises(MissingInput, match="'a'"):
        signature.complete([])
    with pytest.raises(MissingInput, match="'a'"):
        signature.from_names({"b": "y"})
    with pytest.raises(KeyError, match="c"):
        signature.from_names({"a": 1, "c": 1})


def test_injected_parameters_are_no_inputs_wherever_they_stand() -> None:
    def fn(
        request: Request,
        a: int,
        maybe: Request | None,
        x_colour: Header,
        progress=Progress(),  # noqa: B008 - as Gradio apps write it
        *,
        key: int = 3,
        **more: int,
    ) -> None: ...

    signature = inspect_function(fn)
    assert [parameter.name for parameter in signature.parameters] == ["a", "key"]
    request = Request(headers=Headers([("X-Colour", "blue")]))
    bound = signature.bind([1, 2], request, "the progress")
    assert bound == ([request, 1, request, "blue", "the progress"], {"key": 2})


def test_behind_any_number_of_values_nothing_is_an_input() -> None:
    def fn(a: int, *rest: int, key: int = 3, request: Request) -> None: ...

    signature = inspect_function(fn)
    assert [parameter.name for parameter in signature.parameters] == ["a"]
    assert signature.bind([1], "the request", None) == ([1], {"request": "the request"})


def test_keywords_of_the_clients_are_no_names() -> None:
    def fn(a: int, api_name: str, fn_index: int = 1) -> None: ...

    signature = inspect_function(fn)
    assert [parameter.name for parameter in signature.parameters] == ["a", "param_1", "param_2"]
    assert signature.from_names({"a": 1, "param_1": "x"}) == [1, "x", 1]


def no_annotation(a: int):
    return a


def none(a: int) -> None: ...


def pair(a: int) -> tuple[int, str]: ...


def any_tuple(a: int) -> tuple[int, ...]: ...


@pytest.mark.parametrize(
    ("fn", "count"), [(no_annotation, 0), (none, 0), (plain, 1), (pair, 2), (any_tuple, 1)]
)
def test_outputs(fn: Any, count: int) -> None:
    assert len(inspect_function(fn).returns) == count


def unhinted(a) -> None: ...


def bad_default(a: object = object()) -> None: ...


def behind_rest(a: int, *rest: int, b: int) -> None: ...


def unknown_hint(a: Nowhere) -> None: ...  # noqa: F821 - the point


@pytest.mark.parametrize(
    ("fn", "options", "message"),
    [
        (unhinted, {}, "'a' has no type hint"),
        (bad_default, {}, "'a' has a default that is not JSON"),
        (unknown_hint, {}, "'Nowhere'"),
        (behind_rest, {}, "'b' is no input"),
        (plain, {"name": "a/b"}, "name: 'a/b'"),
        (plain, {"name": ""}, "name"),
        (plain, {"concurrency_limit": 0}, "concurrency_limit"),
        (plain, {"max_batch_size": 0}, "max_batch_size"),
        (plain, {"api_visibility": "hidden"}, "api_visibility"),
        (plain, {"time_limit": 0}, "time_limit"),
        (plain, {"time_limit": float("inf")}, "time_limit"),
        (plain, {"time_limit": float("nan")}, "time_limit"),
        (plain, {"time_limit": "5"}, "time_limit"),
        (plain, {"time_limit": True}, "time_limit"),
        (generator, {"batch": True}, "batch"),
    ],
)
def test_registration_refuses(fn: Any, options: dict[str, Any], message: str) -> None:
    app = Server(__name__)
    with pytest.raises(ValueError, match=message):
        app.api(**options)(fn)
    assert app.endpoints == ()


def test_unknown_options_are_refused() -> None:
    app = Server(__name__)
    with pytest.raises(TypeError, match="wrong"):
        app.api(wrong=1)  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="sharing"):
        app.launch(sharing=True)
    with pytest.raises(TypeError, match="function"):
        app.api(3)  # type: ignore[type-var]


def test_decorating_leaves_the_function_and_names_are_made_unique() -> None:
    app = Server(__name__)
    assert app.api(plain) is plain
    assert app.api(plain) is plain
    app.api(name="other")(plain)
    app.api(functools.partial(plain, 1))
    names = [endpoint.name for endpoint in app.endpoints]
    assert names == ["plain", "plain_1", "other", "plain_2"]


def test_registering_after_the_start_is_refused() -> None:
    app = Server(__name__)
    app._provide()
    with pytest.raises(RuntimeError, match="already runs"):
        app.api(plain)
