"""Coverage: the universe is the data's, and what an instance exercises is told exactly."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_spec.branch_compiler import Compiler
from gradio_spec.branches import Kind
from gradio_spec.coverage import Coverage
from gradio_spec.coverage import Universe
from gradio_spec.loader import load_spec
from gradio_spec.loader import read_yaml
from gradio_spec.monitor import Monitor
from gradio_spec.schemas import CALL_EVENTS
from gradio_spec.schemas import EDITS
from gradio_spec.schemas import Schemas

SPEC = load_spec()
UNIVERSE = Universe(SPEC)
PREFIX = "/gradio_api"


@pytest.fixture
def coverage() -> Coverage:
    return Coverage(UNIVERSE)


def of(kind: Kind) -> set[str]:
    return {branch.id for branch in UNIVERSE.branches.values() if branch.kind is kind}


# -- the universe -------------------------------------------------------------------------------


def test_every_row_of_the_lifecycle_is_in_the_universe() -> None:
    data = read_yaml(SPEC.root / "lifecycle.yaml")
    rows = [
        (name, source, row)
        for name, machine in data["machines"].items()
        for row in machine["transitions"]
        for source in row["from"]
    ]
    wanted = set()
    for name, source, row in rows:
        guard = (
            f" [{row['when'].get('$ref', 'when').removeprefix('#/guards/')}]"
            if "when" in row
            else ""
        )
        wanted.add(f"lifecycle#{name}/{source}: {row['input']}{guard} → {row.get('to') or source}")
    assert of(Kind.TRANSITION) == wanted
    assert len(wanted) == len(rows), "two rows that nobody could tell apart"
    assert of(Kind.RULE) == {f"lifecycle#rules/{row['id']}" for row in data["rules"]}


def test_every_message_and_every_answer_is_in_the_universe() -> None:
    kinds = SPEC.schemas.schema("messages#/$defs/ServerMessage")["discriminator"]["mapping"]
    assert {f"messages#/$defs/ServerMessage/msg={kind}" for kind in kinds} <= of(Kind.MESSAGE)
    called = "openapi#/components/schemas/CallStreamEvent/event"
    assert {f"{called}={name}" for name in CALL_EVENTS} <= of(Kind.MESSAGE)
    paths = read_yaml(SPEC.root / "openapi.yaml")["paths"]
    for path, item in paths.items():
        for method in {"get", "post"} & item.keys():
            for status in item[method]["responses"]:
                there = f"{method.upper()} {path} → {status}" in of(Kind.ANSWER)
                assert there is status.isdigit(), "a class of statuses is nothing to be asked for"


def test_every_branch_belongs_to_profiles_that_there_are() -> None:
    for branch in UNIVERSE.branches.values():
        assert branch.profiles, branch.id
        assert branch.profiles <= SPEC.profiles.keys(), branch.id


def test_what_serves_only_the_ui_is_no_branch() -> None:
    assert not [b for b in UNIVERSE.branches if "stylesheets" in b or "scroll_to_output" in b]


# -- what an instance exercises -----------------------------------------------------------------

OPTIONAL = {"type": "object", "properties": {"a": {}, "b": {}}, "allOf": [{"required": ["a"]}]}
NAMED = {
    "oneOf": [
        {"properties": {"kind": {"const": "cat"}, "legs": {"type": ["integer", "null"]}}},
        {"$ref": "#/$defs/dog"},
    ],
    "$defs": {"dog": {"properties": {"kind": {"const": "dog"}}, "type": "object"}},
}
CONDITION = {
    "if": {"type": "object"},
    "then": {"$ref": "#/$defs/thing"},
    "else": {"type": "string"},
    "$defs": {"thing": {"type": "object", "properties": {"good": {"type": "boolean"}}}},
}
FLAGS = {"type": "array", "items": {"type": "boolean"}}
PAIR = {"type": "array", "minItems": 2, "prefixItems": [{"type": "boolean"}]}
TABLE = {"type": "object", "additionalProperties": {"type": "boolean"}}
EXERCISED: list[tuple[Any, Any, list[str]]] = [
    (OPTIONAL, {"a": 1}, ["/b absent"]),
    (OPTIONAL, {"a": 1, "b": None}, ["/b present"]),
    (OPTIONAL, [1], []),
    ({"type": ["number", "null"]}, None, ["=null"]),
    ({"type": ["number", "null"]}, 1, [":number"]),
    ({"type": ["number", "null"]}, "1", []),
    ({"type": ["string", "boolean", "null"]}, False, ["=false"]),
    ({"type": ["string", "boolean", "null"]}, "x", [":string"]),
    ({"type": "boolean"}, True, ["=true"]),
    ({"type": "boolean"}, 1, []),
    ({"enum": ["x", 1, None]}, "x", ["=x"]),
    ({"enum": ["x", 1, None]}, 1, ["=1"]),
    ({"enum": ["x", 1, None]}, True, []),
    ({"allOf": [{"not": {"const": "x"}}, {"enum": ["x", "y", "z"]}]}, "x", []),
    ({"const": 1}, 1, []),
    (FLAGS, [], ["=[]"]),
    (FLAGS, [True, True], ["/*=true", "=[…]"]),
    ({"type": "array", "minItems": 1}, [1], []),
    (PAIR, [False, 1], ["/0=false"]),
    (TABLE, {}, ["={}"]),
    (TABLE, {"k": True}, ["/*=true", "={…}"]),
    (NAMED, {"kind": "cat", "legs": None}, ["/kind=cat", "/legs present", "/legs=null"]),
    (NAMED, {"kind": "dog"}, ["/kind=dog"]),
    (NAMED, {"kind": "cow"}, []),
    ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, 3, [":integer"]),
    (CONDITION, {}, ["/$defs/thing/good absent", ":thing"]),
    (CONDITION, "x", [":string"]),
    ({"type": "string", "contentSchema": {"type": "boolean"}}, "true", ["=true"]),
    ({"type": "string", "contentSchema": {"type": "boolean"}}, "no JSON", []),
    ({"x-audience": "ui", "type": "boolean"}, True, []),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "instance", "wanted"), EXERCISED)
def test_an_instance_exercises_just_its_branches(
    schema: dict[str, Any], instance: Any, wanted: list[str]
) -> None:
    schemas = Schemas({"doc": {"$id": "urn:x:doc", **schema}})
    compiler = Compiler(schemas, {}, lambda clause: None)
    node = compiler.compile("doc#", frozenset(), "doc")
    seen: set[str] = set()
    node.see(instance, seen.add)
    assert sorted(branch.removeprefix("doc#") for branch in seen) == wanted
    assert seen <= compiler.branches.keys()


def test_a_branch_is_reached_through_the_profile_of_its_clause() -> None:
    profiles = UNIVERSE.branches["messages#/$defs/ServerMessage/msg=process_generating"].profiles
    assert profiles == {"stream"}
    step = "lifecycle#event/running: process_generating → running"
    assert UNIVERSE.branches[step].profiles == {"stream"}
    assert UNIVERSE.branches["POST /queue/join → 200"].profiles == {"queue"}


def test_a_schema_may_lead_to_itself() -> None:
    tree = {"type": "array", "items": {"$ref": "#"}}
    compiler = Compiler(Schemas({"doc": {"$id": "urn:x:doc", **tree}}), {}, lambda clause: None)
    seen: set[str] = set()
    compiler.compile("doc#", frozenset(), "doc").see([[[]]], seen.add)
    assert seen == {"doc#=[]", "doc#=[…]"}


# -- what a run feeds ---------------------------------------------------------------------------


def test_an_exchange_is_a_body_an_answer_and_its_body(coverage: Coverage) -> None:
    sent = {"data": [], "fn_index": 0, "session_hash": "s"}
    body = json.dumps({"detail": [{"loc": ["body"], "msg": "no"}]}).encode()
    coverage.exchange("POST", f"{PREFIX}/queue/join/?x=1", PREFIX, sent, 422, body)
    assert "http#/$defs/PredictBody/data=[]" in coverage.seen
    assert "POST /queue/join → 422" in coverage.seen
    assert "http#/$defs/Unprocessable/detail/*:ValidationErrorDetail" in coverage.seen


@pytest.mark.parametrize("prefix", ["", PREFIX])
def test_config_is_outside_the_prefix(coverage: Coverage, prefix: str) -> None:
    coverage.exchange("GET", "/config", prefix, None, 200, b'{"dependencies": []}')
    assert {"GET /config → 200", "config#/$defs/Config/dependencies=[]"} <= coverage.seen


def test_what_is_written_out_comes_before_a_parameter(coverage: Coverage) -> None:
    coverage.exchange("POST", "/call/v2/echo", "", {}, 200, b"{}")
    coverage.exchange("GET", "/call/echo/abc", "", None, 404, None)
    assert coverage.seen == {
        "POST /call/v2/{api_name} → 200",
        "GET /call/{api_name}/{event_id} → 404",
    }


def test_a_method_that_is_not_there_is_refused_by_those_that_are(coverage: Coverage) -> None:
    coverage.exchange("GET", "/cancel", "", None, 405, b'{"detail": "Method Not Allowed"}')
    assert "POST /cancel → 405" in coverage.seen
    assert "POST /cancel → 200" not in coverage.seen


def test_a_stream_is_its_messages(coverage: Coverage) -> None:
    event = coverage.stream("/queue/data?session_hash=s")
    event(None, json.dumps({"msg": "process_starts", "event_id": "e", "eta": None}))
    assert coverage.seen == {
        "messages#/$defs/ServerMessage/msg=process_starts",
        "messages#/$defs/ProcessStarts/eta=null",
    }
    coverage.stream("/call/echo/1")("error", json.dumps("404: Not Found"))
    assert "openapi#/components/schemas/CallStreamEvent/event=error" in coverage.seen
    assert "messages#/$defs/CallError:string" in coverage.seen
    coverage.stream("/nowhere")(None, "{}")


def test_the_monitor_tells_steps_rules_and_edits(coverage: Coverage) -> None:
    monitor = Monitor(SPEC)
    monitor.joined("s", "e1")
    stream = monitor.opened("s")
    base = {"event_id": "e1", "rank": 0, "queue_size": 1, "rank_eta": None}
    monitor.message(stream, {"msg": "estimation", **base})
    monitor.message(stream, {"msg": "process_starts", "event_id": "e1", "eta": None})
    monitor.message(stream, {"msg": "process_starts", "event_id": "e1", "eta": None})  # refused
    forms = [
        monitor.message(
            stream,
            {"msg": "process_generating", "event_id": "e1", "output": {"data": data}},
        )
        for data in (["a"], [[["append", [], "b"]]])
    ]
    assert [observed.form for observed in forms] == [None, EDITS]
    coverage.lifecycle(monitor)
    assert {b for b in coverage.seen if b.startswith("lifecycle#event")} == {
        "lifecycle#event/accepted: estimation → waiting",
        "lifecycle#event/waiting: process_starts → running",
        "lifecycle#event/running: process_generating → running",
    }
    assert "lifecycle#rules/edits-apply" in coverage.seen
    coverage.shape(EDITS, forms[1].message)
    assert "messages#/$defs/Edit/0=append" in coverage.seen
    assert coverage.seen <= UNIVERSE.branches.keys()


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["msg", "event_id", "output", "data", "detail", "loc", "success"]),
            inner,
        )
    ),
    max_leaves=12,
)


@given(ANYTHING, ANYTHING, st.sampled_from(sorted({o.path for o in UNIVERSE.routes.operations})))
def test_nothing_that_a_server_sends_breaks_the_counting(sent: Any, told: Any, path: str) -> None:
    coverage = Coverage(UNIVERSE)
    for method in ("GET", "POST"):
        coverage.exchange(method, path, "", sent, 200, json.dumps(told).encode())
        coverage.exchange(method, path, "", sent, 422, b"\xff{")
    coverage.stream(path)("complete", json.dumps(told))
    coverage.shape(EDITS, told)
    assert coverage.seen <= UNIVERSE.branches.keys()
