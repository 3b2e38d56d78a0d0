"""How a function becomes a check: its slug, its title, its clauses, what it needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from gradio_conformance.binding import CheckInfo
from gradio_conformance.binding import check
from gradio_conformance.binding import info_of

Function = Callable[..., Any]


def bound(function: Function, **options: Any) -> CheckInfo:
    info = info_of(check("SSE-001", "EVT-003", **options)(function))
    assert info is not None
    return info


def check_order_is_kept(probe: Any) -> None:
    """The order of the messages
    is kept.

    More about it, which is no title.
    """


def check_without_words(probe: Any) -> None:
    pass


def test_slug_and_title_come_from_the_function(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_order_is_kept, "__module__", "somewhere.checks.check_any_app")
    info = bound(check_order_is_kept)
    assert info.slug == "any-app.order-is-kept"
    assert info.title == "The order of the messages is kept"
    assert info.clauses == ("SSE-001", "EVT-003")
    assert (info.needs, info.server) == ((), "main")


def test_without_a_docstring_the_name_is_the_title() -> None:
    assert bound(check_without_words).title == "without-words"


@pytest.mark.parametrize(
    ("needs", "expected"),
    [("echo", ("echo",)), (("echo", "hold"), ("echo", "hold")), ((), ())],
)
def test_needs_are_one_endpoint_or_several(needs: Any, expected: tuple[str, ...]) -> None:
    assert bound(check_without_words, needs=needs, server="second").needs == expected


def test_the_function_stays_what_it_was() -> None:
    assert check("SSE-001")(check_without_words) is check_without_words


def test_a_binding_is_seen_through_hypothesis() -> None:
    @check("SSE-001")
    @given(text=st.text())
    def check_outside(probe: Any, text: str) -> None:
        """Bound last."""

    @given(text=st.text())
    @check("SSE-001")
    def check_inside(probe: Any, text: str) -> None:
        """Bound first."""

    @settings(max_examples=1)
    @check("SSE-001")
    @given(text=st.text())
    def check_between(probe: Any, text: str) -> None:
        """Bound between."""

    found = [info_of(function) for function in (check_outside, check_inside, check_between)]
    assert [info.title for info in found if info] == ["Bound last", "Bound first", "Bound between"]


def test_a_check_proves_something() -> None:
    with pytest.raises(TypeError, match="at least one clause"):
        check()


@pytest.mark.parametrize("thing", [None, 3, check_order_is_kept.__doc__, lambda: None, CheckInfo])
def test_nothing_else_is_a_check(thing: Any) -> None:
    assert info_of(thing) is None


def test_an_attribute_of_that_name_is_not_enough() -> None:
    def function() -> None: ...

    function.__gradio_check__ = "x"  # type: ignore[attr-defined]
    assert info_of(function) is None
