"""Edits between chunks: whatever a generator yields, a client must be able to rebuild."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gradio_conformance.binding import check
from gradio_conformance.exploration import Exploration
from gradio_conformance.faults import NonConformance
from gradio_conformance.faults import require
from gradio_conformance.faults import require_equal
from gradio_conformance.probe import Probe
from gradio_conformance.session import Event
from gradio_conformance.values import json_values
from gradio_conformance.values import related_values
from gradio_spec import diff


def stream_of(probe: Probe, values: Sequence[Any], endpoint: str = "yields") -> Event:
    """Yield these values from the testbed; the event has ended successfully."""
    event = probe.session().run(endpoint, [list(values)])
    event.result()
    return event


def first_chunk(event: Event) -> list[Any]:
    """The data of the first chunk, which holds full values."""
    chunks = event.of_kind("process_generating")
    require(chunks != [], "EVT-010", "a chunk for each yield", event.kinds)
    data = chunks[0]["output"].get("data")
    if not isinstance(data, list) or not data:
        raise NonConformance("EVT-012", "a value for each output", str(data))
    return data


def edit_lists(event: Event, slot: int = 0) -> list[list[Any]]:
    """The edits of one output, one list per chunk after the first."""
    lists = []
    for chunk in event.of_kind("process_generating")[1:]:
        data = chunk["output"]["data"]
        good = len(data) > slot and isinstance(data[slot], list)
        require(good, "EVT-013", "a list of edits per output", data)
        lists.append(data[slot])
    return lists


def first_edits(event: Event, slot: int = 0) -> list[Any]:
    """The edits of one output in the second chunk."""
    lists = edit_lists(event, slot)
    require(lists != [], "EVT-010", "a second chunk", event.kinds)
    return lists[0]


def rebuilt(event: Event, slot: int = 0) -> list[Any]:
    """What a client shows after each chunk, by its own rules; a client that fails breaks
    DIFF-001 or DIFF-008.
    """
    values = [first_chunk(event)[slot]]
    for edits in edit_lists(event, slot):
        try:
            values.append(diff.apply(values[-1], edits))
        except diff.DiffError as error:
            raise NonConformance(
                error.clause, "edits that apply", f"{error}; edits {edits}"
            ) from None
    return values


def require_rebuilt(event: Event, values: Sequence[Any], slot: int = 0) -> None:
    """Demand that the chunks add up to exactly these values, types included."""
    shown = rebuilt(event, slot)
    require_equal(len(shown), len(values), "EVT-010", "number of chunks")
    for number, (actual, wanted) in enumerate(zip(shown, values, strict=True)):
        require_equal(actual, wanted, "DIFF-001", f"value after chunk {number}")


def every_edit(event: Event) -> Iterator[list[Any]]:
    for edits in edit_lists(event):
        yield from edits


TEXTS = ["", "a", "ab", "abc", "b", "b\u2028c", "🙂", "🙂🙂"]
GROWING = [[], [1], [1, 2], [1, 2, 3], [1, 2, 3, {"k": []}]]
SHRINKING = [[1, 2, 3, 4], [1, 2], [2], []]
OBJECTS = [{"a": 1, "b": 2}, {"a": 1}, {"a": 1, "": 0}, {"": 0}, {}]


def _require_sound(edits: Iterable[Any]) -> None:
    """Demand that each of them is an edit by itself."""
    for edit in edits:
        fault = diff.check_edit(edit)
        if fault is not None:
            raise NonConformance(fault.clause, fault.expected, str(edit))


@check("DIFF-001", "DIFF-002", "DIFF-003", needs=("yields",))
def check_flat_values_can_be_rebuilt(probe: Probe, exploration: Exploration) -> None:
    """Texts, growing and shrinking arrays and objects arrive as they were yielded."""
    for values in (TEXTS, GROWING, SHRINKING, OBJECTS):
        event = stream_of(probe, values)
        with exploration.sparing(probe):
            require_rebuilt(event, values)
        _require_sound(every_edit(event))


@check("DIFF-001", "DIFF-003", "DIFF-008", needs=("yields",))
def check_nested_shrink_can_be_rebuilt(probe: Probe) -> None:
    """Arrays that lose items inside other arrays and objects arrive as they were yielded."""
    for values in (
        [[[1, 2, 3]], [[1]]],
        [[[1, 2, 3], [4, 5, 6]], [[1], [4]]],
        [{"rows": [[1, 2], [3, 4]]}, {"rows": [[1], [3]]}],
        [[{"content": [1, 2, 3]}], [{"content": [3]}]],
    ):
        require_rebuilt(stream_of(probe, values), values)


@check("DIFF-001", needs=("yields",))
def check_json_types_are_kept_apart(probe: Probe) -> None:
    """true, 1, 1.5, 0, false and null are told apart, also where only the type changes."""
    for values in ([1, True, 1.5], [0, False, None, "0"], [[True], [1]], [{"k": False}, {"k": 0}]):
        require_rebuilt(stream_of(probe, values), values)


@check("DIFF-006", needs=("yields",))
def check_changed_type_is_a_replace(probe: Probe) -> None:
    """A value whose JSON type changed is replaced at its path."""
    for old, new, path in (([1], {"a": 1}, []), ("1", 1, []), ({"k": [1]}, {"k": "x"}, ["k"])):
        edits = first_edits(stream_of(probe, [old, new]))
        require_equal(edits, [["replace", path, _at(new, path)]], "DIFF-006", "the edits")


@check("DIFF-006", needs=("yields",))
def check_truth_and_number_are_different_types(probe: Probe) -> None:
    """The change from false to 0 is a replace, too."""
    edits = first_edits(stream_of(probe, [False, 0]))
    require_equal(edits, [["replace", [], 0]], "DIFF-006", "the edits")


def _at(value: Any, path: Sequence[Any]) -> Any:
    for step in path:
        value = value[step]
    return value


@check("DIFF-004", needs=("tokens", "yields"))
def check_growing_text_is_appended(probe: Probe) -> None:
    """A text that grows at its end is sent as an append of the new part."""
    event = probe.session().run("tokens", ["one two three"])
    wanted = [[["append", [], " two"]], [["append", [], " three"]]]
    require_equal(edit_lists(event), wanted, "DIFF-004", "edits of tokens")
    nested = edit_lists(stream_of(probe, [{"text": "a"}, {"text": "ab"}]))
    require_equal(nested, [[["append", ["text"], "b"]]], "DIFF-004", "edits of a nested text")


@check("DIFF-005", needs=("yields", "yields_pairs"))
def check_equal_values_need_no_edits(probe: Probe) -> None:
    """An unchanged output is sent as the empty list."""
    for value in ("same", [1, {"a": None}], None, 0):
        edits = edit_lists(stream_of(probe, [value, value]))
        require_equal(edits, [[]], "DIFF-005", f"edits between {value!r} and itself")


@check("DIFF-007", "DIFF-003", needs=("yields",))
def check_grown_array_is_added_to(probe: Probe) -> None:
    """Items put at the end of an array are sent as adds with increasing positions."""
    edits = first_edits(stream_of(probe, [[0], [0, "x", "y"]]))
    _require_sound(edits)
    require_equal(edits, [["add", [1], "x"], ["add", [2], "y"]], "DIFF-007", "the edits")


@check("DIFF-008", "DIFF-010", needs=("yields",))
def check_shrunk_array_names_what_is_there(probe: Probe) -> None:
    """Every position of a delete exists when it is applied, and its third item is null."""
    event = stream_of(probe, SHRINKING)
    require_rebuilt(event, SHRINKING)
    deletes = [edit for edit in every_edit(event) if edit[0] == "delete"]
    for edit in deletes:
        require(edit[2] is None, "DIFF-010", "null as the third item of a delete", edit)


@check("DIFF-009", "DIFF-010", needs=("yields",))
def check_object_keys_come_and_go(probe: Probe) -> None:
    """Keys that left or joined are deleted and added by name, the empty key included."""
    steps = (
        ({"a": 1, "b": 2}, {"a": 1}, [["delete", ["b"], None]]),
        ({"a": 1}, {"a": 1, "": 0}, [["add", [""], 0]]),
        ({"": 0, "a": 1}, {"a": 1}, [["delete", [""], None]]),
    )
    for old, new, wanted in steps:
        edits = first_edits(stream_of(probe, [old, new]))
        for edit in edits:
            if edit[0] == "delete":
                require(edit[2] is None, "DIFF-010", "null as the third item of a delete", edit)
        require_equal(edits, wanted, "DIFF-009", f"edits from {old} to {new}")


@check("DIFF-011", "DIFF-016", needs=("yields",))
def check_whole_values_are_replaced_at_the_root(probe: Probe) -> None:
    """An edit with an empty path is a replace or an append; null to a value and back is one
    replace.
    """
    for old, new in ((None, [1]), ([1], None), (None, "x"), (None, {"a": {}})):
        edits = first_edits(stream_of(probe, [old, new]))
        require_equal(edits, [["replace", [], new]], "DIFF-016", f"edits from {old!r} to {new!r}")
    for values in (TEXTS, GROWING, OBJECTS, [1, "a", [2], {"b": 1}]):
        for edit in every_edit(stream_of(probe, values)):
            at_root = len(edit) == 3 and edit[1] == []
            good = not at_root or edit[0] in ("replace", "append")
            require(good, "DIFF-011", "replace or append at the root", edit)


@check("DIFF-012", needs=("yields", "yields_pairs"))
def check_the_end_is_never_a_diff(probe: Probe) -> None:
    """The terminal message of a generator carries full values."""
    event = stream_of(probe, ["a", "ab", "abc"])
    require_equal(event.result(), ["abc"], "DIFF-012", "final data")
    pair = stream_of(probe, [[[1], {"a": 1}], [[1, 2], {"a": 1}]], "yields_pairs")
    require_equal(pair.result(), [[1, 2], {"a": 1}], "DIFF-012", "final data of two outputs")


@check("DIFF-013", needs=("yields_pairs",))
def check_outputs_are_diffed_apart(probe: Probe) -> None:
    """Each output's edits refer to that output alone."""
    values: list[list[Any]] = [["a", [1]], ["ab", [1]], ["ab", [1, 2]], ["x", []]]
    event = stream_of(probe, values, "yields_pairs")
    for slot in (0, 1):
        shown = rebuilt(event, slot)
        wanted = [pair[slot] for pair in values]
        require_equal(shown, wanted, "DIFF-013", f"values of output {slot}")
    require_equal(first_edits(event, 1), [], "DIFF-013", "edits of the output that did not change")


@check("DIFF-015", needs=("yields",))
def check_values_that_look_like_edits(probe: Probe) -> None:
    """A value that looks like an edit list passes through unchanged, at every place of the
    stream.
    """
    look_alike = [["replace", [], 1]]
    for values in ([look_alike, "x"], ["x", look_alike, [["delete", [0], None]]], [[], look_alike]):
        event = stream_of(probe, values)
        shown = rebuilt(event)
        require_equal(shown, values, "DIFF-015", "values as shown")
        require_equal(event.result(), [values[-1]], "DIFF-015", "final data")


@check("DIFF-001", needs=("yields",))
@given(values=related_values())
def check_any_sequence_can_be_rebuilt(probe: Probe, values: list[Any]) -> None:
    """Any sequence of JSON values arrives as it was yielded."""
    require_rebuilt(stream_of(probe, values), values)
    probe.verify()


@check("DIFF-013", needs=("yields_pairs",))
@given(
    texts=st.lists(
        st.tuples(st.text("ab", max_size=4), st.text("ab", max_size=4)), min_size=1, max_size=5
    )
)
def check_any_pair_of_texts_can_be_rebuilt(probe: Probe, texts: list[tuple[str, str]]) -> None:
    """Any two streams of text arrive as they were yielded, side by side."""
    pairs = [list(pair) for pair in texts]
    event = stream_of(probe, pairs, "yields_pairs")
    for slot in (0, 1):
        require_equal(rebuilt(event, slot), [p[slot] for p in pairs], "DIFF-013", f"output {slot}")
    probe.verify()


@check("DIFF-015", needs=("yields",))
@given(first=json_values(max_leaves=4))
def check_first_chunk_is_never_an_edit(probe: Probe, first: Any) -> None:
    """Whatever the first value is, the first chunk carries it in full."""
    event = stream_of(probe, [first])
    require_equal(first_chunk(event), [first], "DIFF-015", "the first chunk")
    probe.verify()
