"""Edits between JSON values: the laws of encode and apply, and errors that name their cause."""

from __future__ import annotations

import copy
import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume
from hypothesis import given
from hypothesis import strategies as st

from gradio_spec import diff

NAN = float("nan")
# Few and confusable leaves, so that equal, prefixed and almost equal parts meet often.
LEAVES = st.one_of(
    st.sampled_from([None, True, False, 0, 1, 2, 0.0, 1.0, NAN, "", "a", "ab", "abc", "0"]),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
)
KEYS = st.sampled_from(["", "a", "b", "0", "é", "a/b", "__proto__"]) | st.text(max_size=3)


def nested(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
        max_leaves=12,
    )


VALUES = nested(LEAVES)
ARRAYS = st.recursive(
    st.sampled_from([0, 1, True, "x"]), lambda inner: st.lists(inner, max_size=4), max_leaves=20
)


@st.composite
def near_pairs(draw: st.DrawFn) -> tuple[Any, Any]:
    """A value and a relative of it: parts are cut, doubled, replaced or extended at any depth."""
    old = draw(VALUES)
    return old, _relative(draw, old)


def _relative(draw: st.DrawFn, value: Any) -> Any:
    kind = draw(st.sampled_from(["keep", "inside", "inside", "inside", "shorter", "longer", "new"]))
    if kind == "new":
        return draw(VALUES)
    if kind == "inside" and isinstance(value, list):
        return [_relative(draw, item) for item in value]
    if kind == "inside" and isinstance(value, dict):
        return {key: _relative(draw, item) for key, item in reversed(value.items())}
    if kind == "shorter" and isinstance(value, list | str):
        return value[: draw(st.integers(0, len(value)))]
    if kind == "shorter" and isinstance(value, dict):
        return {key: item for key, item in value.items() if draw(st.booleans())}
    if kind == "longer" and isinstance(value, list):
        return value + draw(st.lists(LEAVES, max_size=2))
    if kind == "longer" and isinstance(value, str):
        return value + draw(st.text(max_size=2))
    if kind == "longer" and isinstance(value, dict):
        return value | draw(st.dictionaries(KEYS, LEAVES, max_size=2))
    return value


PAIRS = near_pairs() | st.tuples(VALUES, VALUES) | st.tuples(ARRAYS, ARRAYS)


def canonical(value: Any) -> str:
    """An independent notion of equality: the JSON text, types kept apart by their spelling."""

    def positive(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: positive(item) for key, item in part.items()}
        if isinstance(part, list):
            return [positive(item) for item in part]
        return 0.0 if isinstance(part, float) and part == 0 else part

    return json.dumps(positive(value), sort_keys=True)


@given(PAIRS)
def test_apply_undoes_encode(pair: tuple[Any, Any]) -> None:  # DIFF-001
    old, new = pair
    before = copy.deepcopy((old, new))
    edits = diff.encode(old, new)
    edits_before = copy.deepcopy(edits)
    result = diff.apply(old, edits)
    assert diff.same(result, new)
    assert canonical(result) == canonical(new)
    assert diff.same([old, new], list(before))  # neither encode nor apply changes what they get
    assert diff.same(edits, edits_before)


@given(PAIRS)
def test_edits_survive_the_wire(pair: tuple[Any, Any]) -> None:
    old, new = pair
    edits = json.loads(json.dumps(diff.encode(old, new)))
    assert diff.same(diff.apply(old, edits), new)


@given(PAIRS)
def test_every_edit_is_clean(pair: tuple[Any, Any]) -> None:  # DIFF-002, -003, -010, -011
    edits = diff.encode(*pair)
    assert [fault for edit in edits if (fault := diff.check_edit(edit))] == []
    roots = [edit for edit in edits if edit[1] == []]
    assert len(roots) <= 1
    assert not roots or len(edits) == 1  # a change of the whole value is the only edit


@given(PAIRS)
def test_same_is_equality_of_json_text(pair: tuple[Any, Any]) -> None:
    old, new = pair
    assert diff.same(old, new) == (canonical(old) == canonical(new))
    assert diff.same(old, new) == diff.same(new, old)
    assert diff.same(old, copy.deepcopy(old))


@given(PAIRS)
def test_nothing_is_sent_twice(pair: tuple[Any, Any]) -> None:
    """After any proper prefix of the edits the value is not there yet: no edit is idle."""
    old, new = pair
    edits = diff.encode(old, new)
    for count in range(len(edits)):
        assert not diff.same(diff.apply(old, edits[:count]), new)


@given(st.lists(VALUES, min_size=2, max_size=5))
def test_a_stream_of_edits_keeps_every_snapshot(values: list[Any]) -> None:
    """Parts are shared between chunks, yet a later chunk never changes an earlier one."""
    shown = [values[0]]
    for old, new in pairwise(values):
        shown.append(diff.apply(shown[-1], diff.encode(old, new)))
    assert diff.same(shown, values)


@given(st.text(max_size=20), st.text(min_size=1, max_size=20))
def test_text_growth_is_one_append(old: str, suffix: str) -> None:  # DIFF-004
    assert diff.encode({"a": [old]}, {"a": [old + suffix]}) == [["append", ["a", 0], suffix]]


@given(st.lists(LEAVES, max_size=6), st.lists(LEAVES, max_size=4))
def test_array_growth_and_shrink(base: list[Any], tail: list[Any]) -> None:  # DIFF-007, DIFF-008
    grown = diff.encode([base], [base + tail])
    assert [edit[:2] for edit in grown] == [["add", [0, len(base) + i]] for i in range(len(tail))]
    assert diff.encode([base + tail], [base]) == [["delete", [0, len(base)], None]] * len(tail)


@given(VALUES, VALUES)
def test_another_type_is_one_replace(old: Any, new: Any) -> None:  # DIFF-006
    assume(type(old) is not type(new))
    edits = diff.encode(old, new)
    assert [edit[:2] for edit in edits] == [["replace", []]]


def test_nan_equals_itself_and_nothing_else() -> None:
    other = float("nan")
    assert diff.encode([NAN], [other]) == []
    assert diff.encode([NAN], [0.0]) == [["replace", [0], 0.0]]
    assert diff.encode(0.0, NAN)[0][0] == "replace"
    assert diff.same(0.0, -0.0)


def test_nesting_may_exceed_the_stack_of_python() -> None:
    old: Any = "a"
    new: Any = "ab"
    for depth in range(3_000):
        old, new = ([old], [new]) if depth % 2 else ({"k": old}, {"k": new})
    edits = diff.encode(old, new)
    assert [edit[0] for edit in edits] == ["append"]
    assert diff.same(diff.apply(old, edits), new)


def test_a_key_that_is_no_text_is_refused() -> None:
    with pytest.raises(TypeError, match=r"object key 1 at \['a'\] is not a string"):
        diff.encode({"a": {}}, {"a": {1: 2}})


def test_values_of_edits_are_not_changed_by_later_edits() -> None:
    part: list[Any] = [1]
    edits: list[diff.Edit] = [
        ["replace", [], {"a": part}],
        ["add", ["a", 1], 2],
        ["add", ["b"], part],
        ["append", ["b"], [3]],
        ["append", ["b"], [4]],
    ]
    assert diff.apply(None, edits) == {"a": [1, 2], "b": [1, 3, 4]}
    assert part == [1]


def test_one_array_in_two_places_is_two_values() -> None:
    part = [1]
    assert diff.apply([part, part], [["add", [1, 1], 2]]) == [[1], [1, 2]]


PATHS = st.lists(KEYS | st.integers(-1, 3) | st.sampled_from([True, None, 0.0]), max_size=3)
EDITS = st.tuples(st.sampled_from([*diff.OPS, "move"]), PATHS | VALUES, VALUES).map(list)


@given(VALUES, st.lists(EDITS | VALUES, max_size=4))
def test_any_edit_list_is_applied_or_refused(value: Any, edits: list[Any]) -> None:
    """Edits come from the network: nothing but DiffError may come out, and nothing changes."""
    before = copy.deepcopy([value, edits])
    refused: diff.DiffError | None = None
    try:
        diff.apply(value, edits)
    except diff.DiffError as error:
        refused = error
    assert diff.same([value, edits], before)
    if refused is not None:
        assert f"edit {refused.index} ({refused.op}): {refused.reason}" in str(refused)
        diff.apply(value, edits[: refused.index])  # what came before it was fine


@given(VALUES)
def test_check_edit_takes_anything(value: Any) -> None:
    fault = diff.check_edit(value)
    assert fault is None or fault.clause.startswith("DIFF-")


@pytest.mark.parametrize(
    ("value", "edits", "message"),
    [
        ([1, 2], [["move", [], 1]], "edit 0 (move): expected one of the ops replace, append, add,"),
        ([1], [["replace", [0], 2], ["delete", [1], None]], "edit 1 (delete): expected an index"),
        ([1], [["delete", [True], None]], "expected a string or a non-negative integer as path"),
        ({"a": 1}, [["delete", ["b"], None]], "a key of an object with keys ['a'], got \"b\""),
        ({}, [["delete", ["b"], None]], 'a key of an empty object, got "b"'),
        ("a", [["append", [], None]], 'a value that can be appended to "a", got null'),
        ("x" * 99, [["append", [], []]], f'appended to "{"x" * 58}…, got an array of 0'),
        (1, {"op": "replace"}, "edit 0 (None): expected an array of edits, got an object"),
        (1, [[]], "edit 0 (None): expected an edit [op, path, value], got an array of 0"),
    ],
)
def test_errors_say_where_and_why(value: Any, edits: Any, message: str) -> None:
    with pytest.raises(diff.DiffError) as caught:
        diff.apply(value, edits)
    assert message in str(caught.value)
