"""The encoders of older releases send what those releases were recorded sending."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from transcripts import ROOT
from transcripts import load
from transcripts import recordings

from gradio_spec import diff
from gradio_spec.data import SpecError
from gradio_spec.encoders import encode
from gradio_spec.releases import release
from gradio_spec.releases import table

RECORDED = ["gradio-4.20.1", "gradio-4.21.0", "gradio-4.22.0", "gradio-4.44.1", "gradio-5.50.0"]
RECORDED += ["gradio-6.31.0"]
LIST, OBJECT = [[1, 2, 3], [4, 5, 6]], [{"a": 1, "b": 2}, 3, 4]
ENDS = [["delete", [1], None]] * 2
# What history.md tells of each generation, by hand.
TOLD = [
    ("original-indices", [1, 2, 3], [1], [["delete", [1], None], ["delete", [2], None]]),
    ("cut-paths", [1, 2, 3], [1], [["delete", [1], None], ["delete", [1], None]]),
    ("cut-paths", {"k": [1, 2]}, {"k": []}, [["delete", [0], None], ["delete", [0], None]]),
    ("cut-paths", {"k": 1}, {}, [["delete", ["k"], None]]),
    ("cut-paths-fixed", OBJECT, [{"a": 1}], [["delete", [0, "b"], None], *ENDS]),
    ("double-shift", OBJECT, [{"a": 1}], [["delete", [0, "b"], None], *ENDS]),
    (
        "double-shift",
        LIST,
        [[1], [4]],
        [["delete", [row, at], None] for row, at in [(0, 1), (0, 0), (1, -1), (1, -2)]],
    ),
    ("double-shift", [1], [True], []),
    ("original-indices", "ab", "abc", [["append", [], "c"]]),
    ("original-indices", [1], ["1", 2], [["replace", [0], "1"], ["add", [1], 2]]),
]

scalars = st.sampled_from([None, True, 0, 1, 1.0, 2.5, "", "a", "ab"])
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=12,
)
arrays = st.lists(values, max_size=4)


def recorded(name: str) -> Iterator[tuple[Any, Any, Any]]:
    """Each list of edits that a release was recorded sending, with the values around it."""
    for recording in recordings(ROOT / name):
        if recording.name == "two_readers_same_session":  # each has but a part of the chunks
            continue
        for stream in recording.streams():
            told: dict[str, list[Any]] = {}
            for message in stream.messages:
                if (message.payload.get("output") or {}).get("data") is not None:
                    told.setdefault(message.payload["event_id"], []).append(message.payload)
            for messages in told.values():
                yield from _between(messages)


def _between(messages: list[Any]) -> Iterator[tuple[Any, Any, Any]]:
    """The value before and after each list of edits, where they are known: after the last one it
    is in the result, and who deletes may have told anything.
    """
    chunks = [m["output"]["data"] for m in messages if m["msg"] == "process_generating"]
    if len(chunks) == len(messages) or len(chunks) < 2:
        return
    result = messages[-1]["output"]["data"]
    for place, value in enumerate(chunks[0]):
        before = value
        for edits in (chunk[place] for chunk in chunks[1:-1]):
            if not is_plain(edits):
                break
            after = diff.apply(before, edits)
            yield before, after, edits
            before = after
        else:
            yield before, result[place], chunks[-1][place]


def is_plain(edits: Any) -> bool:
    """Edits at all (a chunk may be a value), and none that deletes."""
    return isinstance(edits, list) and all(edit[0] != "delete" for edit in edits)


def is_opaque(before: Any, after: Any, edits: Any) -> bool:
    """Not the plain JSON that was told, for the encoder: the object of a component, which is
    replaced as a whole, or NaN, which is told as null and equals nothing.
    """
    return bool(edits == [["replace", [], after]] and (before is None or not is_leaf(before)))


def is_leaf(value: Any) -> bool:
    return not isinstance(value, list | dict)


def chunks_of(name: str, event: str) -> list[Any]:
    """The first output of each chunk of one recorded event."""
    stream = next(load(ROOT / name / f"{event}.json").streams())
    chunks = (m.payload for m in stream.messages if m.payload["msg"] == "process_generating")
    return [chunk["output"]["data"][0] for chunk in chunks]


@pytest.mark.parametrize("name", ["gradio-4.20.1", "gradio-4.21.0", "gradio-4.22.0"])
def test_objects_and_arrays_that_shrink_are_told_as_recorded(name: str) -> None:
    """The recorded app was the same for all, and later releases tell its values whole."""
    first, *replaced = chunks_of("gradio-4.44.1", "event_gjson")
    values = [first, *(edits[0][2] for edits in replaced)]
    told = [encode("original-indices", *pair) for pair in pairwise(values)]
    assert [values[0], *told] == chunks_of(name, "event_gjson")


@pytest.mark.parametrize(("generation", "old", "new", "edits"), TOLD)
def test_an_encoder_sends_what_it_is_told_to_have_sent(
    generation: str, old: Any, new: Any, edits: Any
) -> None:
    assert encode(generation, old, new) == edits


@pytest.mark.parametrize("name", RECORDED)
def test_an_encoder_sends_what_its_releases_were_recorded_sending(name: str) -> None:
    generation = release(name).encoder
    assert generation is not None
    found = list(recorded(name))
    assert found
    for before, after, edits in found:
        if not is_opaque(before, after, edits):
            assert encode(generation, before, after) == edits


def test_releases_name_the_encoders_that_there_are() -> None:
    for row in table()["diff_encoders"]:
        assert encode(row["id"], "a", "ab") == [["append", [], "b"]]
    with pytest.raises(SpecError, match="there are original-indices, cut-paths"):
        encode("gradio", "a", "ab")


def test_the_first_to_cut_paths_fails_at_a_key_in_an_array() -> None:
    with pytest.raises(TypeError, match="'b'"):
        encode("cut-paths", OBJECT, [{"a": 1}, 3, 4])
    assert encode("cut-paths-fixed", OBJECT, [{"a": 1}, 3, 4]) == [["delete", [0, "b"], None]]


@given(arrays, arrays)
def test_only_deletes_tell_the_encoders_apart(old: Any, new: Any) -> None:
    sent = [encode(g, old, new) for g in ("original-indices", "cut-paths-fixed", "double-shift")]
    kinds = [[edit for edit in edits if edit[0] != "delete"] for edits in sent]
    assert kinds[0] == kinds[1] == kinds[2]
    assert len({len(edits) for edits in sent}) == 1
    if len(sent[0]) == len(kinds[0]):
        assert diff.apply(old, sent[0]) == new


@pytest.mark.gradio
@pytest.mark.filterwarnings("ignore")
@settings(max_examples=3000)
@given(arrays, arrays)
def test_gradio_itself_shifts_as_often(old: Any, new: Any) -> None:
    from gradio import utils  # takes seconds

    assert encode("double-shift", old, new) == utils.diff(old, new)
