"""Generated JSON values for the checks whose law holds for every value."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

# Numbers that survive a double; surrogates are no text in JSON.
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(
    allow_nan=False, allow_infinity=False, width=32
)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXT


def json_values(max_leaves: int = 8) -> st.SearchStrategy[Any]:
    """Any JSON value of moderate size."""
    return st.recursive(
        SCALARS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
        max_leaves=max_leaves,
    )


@st.composite
def related_values(draw: st.DrawFn) -> list[Any]:
    """A few values of which each may be a changed version of the one before: what a stream
    looks like.
    """
    values = [draw(json_values())]
    for _ in range(draw(st.integers(1, 4))):
        values.append(
            draw(st.one_of(st.just(values[-1]), json_values(), st.just(_changed(draw, values[-1]))))
        )
    return values


def _changed(draw: st.DrawFn, value: Any) -> Any:
    """One small change somewhere inside a value."""
    if isinstance(value, str):
        return value + draw(TEXT)
    if isinstance(value, list) and value:
        position = draw(st.integers(0, len(value) - 1))
        kept = (
            value[:position] if draw(st.booleans()) else [*value[:position], *value[position + 1 :]]
        )
        return draw(st.sampled_from([kept, [*value, draw(SCALARS)]]))
    if isinstance(value, dict) and value:
        key = draw(st.sampled_from(sorted(value)))
        without = {k: v for k, v in value.items() if k != key}
        return draw(st.sampled_from([without, {**value, key: _changed(draw, value[key])}]))
    return draw(SCALARS)
