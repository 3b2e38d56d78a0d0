"""What a mock makes up: it fits the schema, reads like what it is, and is the same each time."""

from __future__ import annotations

import asyncio
import io
import json
import struct
import wave
import zlib
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_reference.mocking import media
from gradio_reference.mocking.answering import Answerer
from gradio_reference.mocking.app import MockServer
from gradio_reference.mocking.described import DescriptionError
from gradio_reference.mocking.described import blueprints
from gradio_reference.mocking.faults import FaultError
from gradio_reference.mocking.faults import fault_of
from gradio_reference.mocking.faults import from_header
from gradio_reference.mocking.plan import Behaviour
from gradio_reference.mocking.plan import Plan
from gradio_reference.mocking.plan import PlanError
from gradio_reference.mocking.plan import plan
from gradio_reference.mocking.values import Maker
from gradio_reference.request import Request
from gradio_reference.user_messages import Error

from .infos import SCHEMAS
from .infos import infos

GOLDEN = Path(__file__).parent / "golden"
COMPONENTS = json.loads((GOLDEN / "components.json").read_text("utf-8"))
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=5)


def file(kind: str, rng: Random) -> dict[str, Any]:
    extension, mime, make = media.KINDS[kind]
    assert make(rng)
    meta = {"_type": "gradio.FileData"}
    return {"path": f"/tmp/{kind}.{extension}", "mime_type": mime, "meta": meta}


def made(schema: Any, component: str = "Api", seed: int = 0) -> Any:
    return Maker(schema, component, file).make(Random(seed))


def described(endpoint: str) -> dict[str, Any]:
    return {"named_endpoints": {endpoint: COMPONENTS["named_endpoints"][endpoint]}}


def answerer(endpoint: str, folder: Path, **said: Any) -> Answerer:
    return Answerer(blueprints(described(endpoint))[0], Behaviour(**said), 0, folder)


# -- values ---------------------------------------------------------------------------------------


@given(SCHEMAS, st.sampled_from(["Api", "Image", "Label", "Chatbot", "Textbox"]), st.integers())
def test_a_value_fits_any_schema_and_is_the_same_again(
    schema: Any, component: str, seed: int
) -> None:
    maker = Maker(schema, component, file)
    value = maker.make(Random(seed))
    assert maker.shape.complaint(value) is None
    assert json.loads(json.dumps(value, allow_nan=False)) == maker.make(Random(seed))


@pytest.mark.parametrize("endpoint", COMPONENTS["named_endpoints"])
def test_a_value_fits_its_component(endpoint: str) -> None:
    for found in COMPONENTS["named_endpoints"][endpoint]["returns"]:
        for seed in range(20):
            maker = Maker(found["type"], found["component"], file)
            assert maker.shape.complaint(maker.make(Random(seed))) is None


@pytest.mark.parametrize(
    ("schema", "low", "high"),
    [
        ({"type": "number", "description": "numeric value between -2.5 and 2.5"}, -2.5, 2.5),
        ({"type": "integer", "minimum": 3, "maximum": 4}, 3, 4),
        ({"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 5}, 4, 4),
        ({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.001}, 1e-9, 0.000999999),
        ({"type": "integer", "multipleOf": 7, "minimum": 1, "maximum": 20}, 7, 14),
        ({"type": "number", "maximum": -5}, -105, -5),
    ],
)
def test_numbers_are_within_their_bounds(schema: Any, low: float, high: float) -> None:
    for seed in range(50):
        assert low <= made(schema, "Slider", seed) <= high


def test_the_schemas_own_examples_are_taken() -> None:
    assert made({"type": "string", "examples": ["said so"]}, "Textbox") == "said so"
    assert made({"type": "string", "examples": [1]}, "Textbox") != 1, "an example that is wrong"


def test_components_look_like_what_they_are() -> None:
    returns = {
        endpoint: found["returns"][0]["type"]
        for endpoint, found in COMPONENTS["named_endpoints"].items()
        if found["returns"]
    }
    label = made(returns["/label"], "Label")
    shares = [one["confidence"] for one in label["confidences"]]
    assert label["label"] == label["confidences"][0]["label"]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1, abs=0.001)
    table = made(returns["/dataframe"], "Dataframe")
    assert {len(row) for row in table["data"]} == {len(table["headers"])}
    assert [one["role"] for one in made(returns["/chatbot"], "Chatbot")] == ["user", "assistant"]
    assert made(returns["/imageeditor"], "Imageeditor")["composite"]["mime_type"] == "image/png"
    assert made(returns["/video"], "Video")["mime_type"] == "video/mp4"
    assert made(returns["/gallery"], "Gallery")[0]["image"]["mime_type"] == "image/png"
    assert len(made(returns["/textbox"], "Textbox").split()) > 10
    assert json.loads(made(returns["/plot"], "Plot")["plot"])["data"]


# -- files ----------------------------------------------------------------------------------------


def test_a_picture_is_one() -> None:
    data = media.png(Random(1))
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", data[16:24])
    length = struct.unpack(">I", data[33:37])[0]
    rows = zlib.decompress(data[41 : 41 + length])
    assert len(rows) == height * (1 + 3 * width)
    assert data != media.png(Random(2))


def test_a_sound_is_one() -> None:
    with wave.open(io.BytesIO(media.wav(Random(1)))) as sound:
        assert sound.getnframes() / sound.getframerate() == 0.5
        assert any(sound.readframes(100))


def test_a_film_has_its_boxes_and_frames() -> None:
    data = media.film(Random(1))
    kinds, at = [], 0
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        kinds.append(kind)
        at += size
    assert (kinds, at) == ([b"ftyp", b"moov", b"mdat"], len(data))
    first = struct.unpack(">I", data[data.index(b"stco") + 12 :][:4])[0]
    frames = 0
    while first < len(data):
        size, unit = struct.unpack(">IB", data[first : first + 5])
        assert unit == 0x65, "an IDR picture"
        first, frames = first + 4 + size, frames + 1
    assert frames == 5


# -- answers --------------------------------------------------------------------------------------


def ask(of: Answerer, *values: Any) -> Any:
    return asyncio.run(of.once(Request(), *values))


def test_the_same_call_has_the_same_answer(tmp_path: Path) -> None:
    first, again = answerer("/textbox", tmp_path), answerer("/textbox", tmp_path)
    assert ask(first, "a") == ask(again, "a") == ask(first, "a")
    assert ask(first, "a") != ask(first, "b")


def test_planned_answers_come_in_turn_and_again_from_the_start(tmp_path: Path) -> None:
    found = answerer("/textbox", tmp_path, values=[["one"], ["two"]])
    assert [ask(found, "a") for _ in range(3)] == ["one", "two", "one"]
    found.reset()
    assert ask(found, "a") == "one"


@pytest.mark.parametrize(
    ("endpoint", "value", "told"),
    [
        ("/textbox", 1, "x: 1 is not of type 'string'"),
        ("/dropdown", "c", "x: 'c' is not one of ['a', 'b']"),
        ("/gallery", [1], "x: [0]: 1 is not valid"),
    ],
)
def test_wrong_arguments_are_told_by_name(
    endpoint: str, value: Any, told: str, tmp_path: Path
) -> None:
    with pytest.raises(Error) as raised:
        ask(answerer(endpoint, tmp_path), value)
    assert raised.value.message.startswith(told)
    ask(answerer(endpoint, tmp_path, check_arguments=False), value)


def test_components_take_null_and_functions_do_not(tmp_path: Path) -> None:
    ask(answerer("/textbox", tmp_path), None)
    info = described("/textbox")
    info = json.loads(json.dumps(info).replace('"Textbox"', '"Api"'))
    found = Answerer(blueprints(info)[0], Behaviour(), 0, tmp_path)
    with pytest.raises(Error):
        ask(found, None)


# -- the description ------------------------------------------------------------------------------


def told_by_a_mock(info: dict[str, Any]) -> dict[str, Any]:
    """Its /info, without the snippets, which name the mock; and its other documents are there."""

    async def told() -> Any:
        client = MockServer(blueprints(info), Plan(), 0, Path()).test_client()
        for path in ("/config", "/gradio_api/openapi.json"):
            assert (await client.get(path)).status_code == 200
        return await (await client.get("/gradio_api/info")).get_json()

    found: dict[str, Any] = asyncio.run(told())
    for entry in found["named_endpoints"].values():
        del entry["code_snippets"]
    return found


def test_info_says_what_gradio_said() -> None:
    assert told_by_a_mock(COMPONENTS) == COMPONENTS
    assert COMPONENTS["named_endpoints"]["/class"]["description"]


@given(info=infos(NAMES, NAMES))
def test_info_says_what_was_described(info: dict[str, Any]) -> None:
    found = told_by_a_mock(info)
    for entry in info["named_endpoints"].values():
        entry.setdefault("api_visibility", "public")
        entry.setdefault("description", "")
    assert found == info
    assert list(found["named_endpoints"]) == list(info["named_endpoints"])


def test_a_configuration_tells_indices_states_and_generators() -> None:
    info = {"named_endpoints": {"/second": COMPONENTS["named_endpoints"]["/textbox"]}}
    state, button, text = (
        {"id": n, "type": t} for n, t in enumerate(("state", "button", "textbox"))
    )
    config = {
        "components": [state, {**button, "skip_api": True}, text],
        "dependencies": [
            {"id": 0, "api_name": False},
            {
                "id": 3,
                "api_name": "second",
                "inputs": [0, 1, 2],
                "outputs": [2, 0],
                "types": {"generator": True},
                "queue": False,
            },
        ],
    }
    found = blueprints(info, config)
    assert [one.name for one in found] == [
        "dependency_0",
        "dependency_1",
        "dependency_2",
        "second",
    ]
    assert [one.visibility for one in found] == ["private"] * 3 + ["public"]
    second = found[3]
    assert [type(item).__name__ for item in second.inputs] == ["State", "State", "Parameter"]
    assert second.outputs[1] is second.inputs[0]
    assert (second.generates, second.queue) == (True, False)


def test_descriptions_of_old_are_completed() -> None:
    info = json.loads((GOLDEN / "gradio_4_0_2.json").read_text("utf-8"))
    found = blueprints(info)
    assert found[0].visibility == "public"
    assert [item.name for item in found[0].inputs] == ["param_0"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("info", "told"),
    [
        ([], "the description: an object is expected"),
        ({}, "named_endpoints: an object is expected (DISC-012)"),
        ({"named_endpoints": {"/": {}}}, "named_endpoints./: a name without slash is expected"),
        ({"named_endpoints": {"/a": {"parameters": []}}}, "named_endpoints./a.returns: an array"),
        (
            {"named_endpoints": {"/a": {"parameters": [1], "returns": []}}},
            "named_endpoints./a.parameters.0: an object is expected",
        ),
    ],
)
def test_what_describes_nothing_is_refused_by_name(info: Any, told: str) -> None:
    with pytest.raises(DescriptionError) as raised:
        blueprints(info)
    assert str(raised.value).startswith(told)


# -- plans and faults -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"endpoints": {"/a": {"duration": -1}}}, "['endpoints']['/a']['duration']: -1 is less"),
        ({"endpoint": {}}, "Additional properties are not allowed ('endpoint' was unexpected)"),
        ({"faults": {"*": "tired"}}, "['faults']['*']: 'tired' is not"),
        ([], "[] is not of type 'object'"),
    ],
)
def test_a_plan_that_is_none_is_refused_by_name(said: Any, told: str) -> None:
    with pytest.raises(PlanError) as raised:
        plan(said)
    assert str(raised.value).startswith(told)


def test_a_plan_of_endpoints_that_are_not_there_is_refused() -> None:
    found = plan({"endpoints": {"/absent": {}}})
    with pytest.raises(PlanError, match="endpoints: the app has no endpoint 'absent'"):
        MockServer(blueprints(described("/textbox")), found, 0, Path())


def test_what_holds_for_all_holds_for_each() -> None:
    found = plan({"defaults": {"duration": 2}, "endpoints": {"/a": {"concurrency": None}}})
    assert (found.of("a").duration, found.of("a").concurrency) == (2, None)
    assert (found.of("b").duration, found.of("b").concurrency) == (2, 1)


def test_a_header_says_what_a_fault_is() -> None:
    text = "slow; seconds=0.5;after=2;message=wait: a=b"
    found = from_header(text)
    assert found is not None
    assert (found.name, found.seconds, found.after) == ("slow", 0.5, 2)
    assert from_header(found.as_header()) == found
    assert from_header("none") is None


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("tired", "fault: 'tired'; there are queue-full"),
        ({"fault": "slow", "seconds": "soon"}, "seconds: 'soon' is no number"),
        ({"fault": "slow", "seconds": True}, "seconds: True"),
        ({"fault": "cut", "times": 0}, "times: 0 is less than 1"),
        ({"fault": "cut", "speed": 1}, "speed: no fault has such an option"),
        (1, "fault: 1 is neither"),
    ],
)
def test_a_fault_that_is_none_is_refused_by_name(said: Any, told: str) -> None:
    with pytest.raises(FaultError) as raised:
        fault_of(said)
    assert str(raised.value).startswith(told)
