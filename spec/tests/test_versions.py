"""Every version is a whole specification: views of the complete document, and overlays on them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from gradio_spec import openapi
from gradio_spec.changes import bare
from gradio_spec.changes import parts
from gradio_spec.coverage import Universe
from gradio_spec.data import PACKAGE
from gradio_spec.data import SpecError
from gradio_spec.data import read_yaml
from gradio_spec.data import validated
from gradio_spec.documents import documents_of
from gradio_spec.documents import schemas_among
from gradio_spec.loader import load_spec
from gradio_spec.monitor import Monitor
from gradio_spec.overlays import overlaid
from gradio_spec.releases import announced
from gradio_spec.releases import begin
from gradio_spec.releases import end
from gradio_spec.releases import number
from gradio_spec.releases import published
from gradio_spec.releases import release
from gradio_spec.releases import resolve
from gradio_spec.releases import table
from gradio_spec.views import Moment
from gradio_spec.views import merged
from gradio_spec.views import schema_view

VERSIONS = PACKAGE / "versions"
NEWEST = load_spec()
DESCRIBED = [name for name in published() if number(name) >= number("4.9.0")]
IDS = [
    *("sse_v1", "sse_v2", "sse_v2.1", *NEWEST.dialects),
    *(f"gradio-{n}" for n in ("4.9.0", "4.10.0", "4.12.0", "4.19.1", "4.31.0", "5.50.0")),
]
some_release = st.sampled_from(DESCRIBED)


def raw(name: str) -> Any:
    asked = resolve(name)
    return documents_of(VERSIONS / asked.family, asked)


def inside(node: Any) -> Iterator[Any]:
    if isinstance(node, dict):
        yield node
        for key, value in node.items():
            if key not in ("examples", "x-older"):
                yield from inside(value)
    elif isinstance(node, list):
        for item in node:
            yield from inside(item)


# -- releases -----------------------------------------------------------------------------------


def test_spans_follow_one_another_without_gaps() -> None:
    for kind in ("families", "dialects", "diff_encoders"):
        rows = table()[kind]
        for row, following in pairwise(rows):
            between = [
                name
                for name in published()
                if number(row["last"]) < number(name) < number(following["first"])
            ]
            assert number(row["first"]) <= number(row["last"]) < number(following["first"])
            assert between == [], (row["id"], between)
        assert rows[-1]["last"] is None
    numbers = [number(name) for name in published()]
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("name", published())
def test_a_release_has_a_family_and_is_itself(name: str) -> None:
    found = release(name)
    assert found == release(f"gradio-{name}") == resolve(name)
    assert found.published
    assert (found.dialect is None) == (found.family != "sse_v3")
    assert (found.encoder is None) == (number(name) < number("4.17.0"))


@pytest.mark.parametrize(
    ("name", "family", "dialect", "encoder"),
    [
        ("3.1.4", "http-poll", None, None),
        ("3.50.2", "ws", None, None),
        ("4.0.0", "sse", None, None),
        ("4.21.0", "sse_v2.1", None, "original-indices"),
        ("4.44.1", "sse_v3", "v3-4.39", "original-indices"),
        ("4.30.0", "sse_v3", "v3-4.22", "original-indices"),
        ("5.32.1", "sse_v3", "v3-5.5", "cut-paths"),
        ("6.31.0", "sse_v3", "v3-6.27", "double-shift"),
    ],
)
def test_what_a_release_speaks(
    name: str, family: str, dialect: str | None, encoder: str | None
) -> None:
    found = release(name)
    assert (found.family, found.dialect, found.encoder) == (family, dialect, encoder)


@pytest.mark.parametrize("name", ["", "x", "v3-1.0", "2.9.4", "99.0.0", "gradio-", "4", "sse_v9"])
def test_an_unknown_version_is_refused(name: str) -> None:
    with pytest.raises(SpecError, match=r"unknown (protocol version|release)|3\.0 to 6\.31\.0"):
        resolve(name)


def test_the_known_names_are_told() -> None:
    told = r"sse_v2\.1.*v3-4\.39.*gradio-3\.0 to gradio-6\.31\.0"
    with pytest.raises(SpecError, match=told):
        load_spec("sse_v9")


@pytest.mark.parametrize("name", ["http-poll", "gradio-3.1.4", "gradio-3.5", "3.2"])
def test_what_is_not_described_is_refused(name: str) -> None:
    with pytest.raises(SpecError, match="there is no specification of it"):
        load_spec(name)


@pytest.mark.parametrize(
    ("protocol", "version", "wanted"),
    [
        ("sse_v3", "4.44.1", "gradio-4.44.1"),
        ("sse_v3", "6.31.0", "gradio-6.31.0"),
        ("sse_v3", "4.16.0", "gradio-6.31.0"),
        ("sse_v3", "99.1", "gradio-6.31.0"),
        ("sse_v3", None, "gradio-6.31.0"),
        ("sse_v1", "4.9.1", "gradio-4.9.1"),
        (None, "3.50.2", "gradio-3.50.2"),
        (None, None, "gradio-3.50.2"),
    ],
)
def test_what_a_server_announces(protocol: str | None, version: str | None, wanted: str) -> None:
    assert announced(protocol, version).id == wanted


def test_an_announcement_that_nobody_makes_is_refused() -> None:
    with pytest.raises(SpecError, match="no release announces the protocol 'sse_v7'"):
        announced("sse_v7", "7.0.0")


# -- views --------------------------------------------------------------------------------------


def test_names_of_one_release_are_one_object() -> None:
    assert load_spec("sse_v3") is load_spec("v3-6.27") is load_spec("gradio-6.31.0") is NEWEST
    assert load_spec("v3-4.39") is load_spec("gradio-4.39.0") is load_spec("4.39.0")
    assert load_spec("v3-4.39").digest != load_spec("gradio-4.40.0").digest != NEWEST.digest


def test_the_newest_view_is_the_document() -> None:
    root = NEWEST.root
    for name in ("messages", "http", "config", "info", "files"):
        assert NEWEST.schemas.documents[name] == read_yaml(root / f"{name}.schema.json")
    assert NEWEST.routes.document == read_yaml(root / "openapi.yaml")
    clauses = [c for p in (root / "requirements").glob("*.yaml") for c in read_yaml(p)["clauses"]]
    assert {c["id"] for c in clauses} == set(NEWEST.clauses)
    assert {c["id"]: c["text"] for c in clauses} == {k: c.text for k, c in NEWEST.clauses.items()}


@pytest.mark.parametrize("name", IDS)
def test_a_view_is_a_whole_specification(name: str) -> None:
    spec = load_spec(name)
    assert spec.version == spec.release.family
    for document in spec.schemas.documents.values():
        Draft202012Validator.check_schema(document)
        for part in inside(document):
            targets = part.get("discriminator", {}).get("mapping", {}).values()
            for ref in (part.get("$ref", ""), *targets):
                if ref.startswith("#"):
                    assert ref.removeprefix("#/$defs/") in document["$defs"], ref
                elif ref.startswith("urn:"):
                    spec.schemas.schema(ref.removeprefix("urn:gradio-protocol:sse_v3:"))
    assert {clause for _, clause in spec.schemas.clauses()} <= spec.clauses.keys()
    for operation in spec.routes.operations:
        assert set(operation.clauses) <= spec.clauses.keys()
    assert openapi.build(spec, openapi.TWIN)["paths"].keys() == spec.routes.document["paths"].keys()
    assert Universe(spec).branches
    assert Monitor(spec).finish() == ()
    for requirement in spec.clauses.values():
        assert requirement.profile in spec.profiles


@pytest.mark.parametrize("name", IDS)
def test_the_union_lists_the_messages_that_there_were(name: str) -> None:
    schemas = load_spec(name).schemas
    union = schemas.schema("messages#/$defs/ServerMessage")
    mapping = union["discriminator"]["mapping"]
    assert [variant["$ref"] for variant in union["oneOf"]] == list(mapping.values())
    assert set(union["properties"]["msg"]["then"]["enum"]) == set(mapping)
    for kind, ref in mapping.items():
        assert schemas.schema(f"messages{ref}")["properties"]["msg"]["const"] == kind


@given(some_release)
@settings(max_examples=25, deadline=None)
def test_nothing_is_in_a_view_before_its_time(name: str) -> None:
    documents, at = raw(name), number(name)
    for key in ("openapi", "lifecycle", "requirements", "client", *schemas_among(documents)):
        for part in inside(documents[key]):
            for since in (part.get("since"), part.get("x-since")):
                assert not isinstance(since, str) or begin(since) <= at
            for until in (part.get("until"), part.get("x-until")):
                assert not isinstance(until, str) or at <= end(until)
            for older in part.get("x-older", ()):
                assert end(older["until"]) < at
            for member, since in part.get("x-required-since", {}).items():
                assert (member in part["required"]) == (begin(since) <= at)


@given(st.sampled_from([n for n in DESCRIBED if number(n) >= number("4.22.0")]))
@settings(max_examples=15, deadline=None)
def test_views_grow(name: str) -> None:
    """An older view has no part that the complete document has not."""
    view = load_spec(f"gradio-{name}")
    assert view.clauses.keys() <= NEWEST.clauses.keys()
    assert view.profiles.keys() <= NEWEST.profiles.keys()
    assert {o.name for o in view.routes.operations} <= {o.name for o in NEWEST.routes.operations}
    assert parts(raw(name)).keys() <= parts(raw("sse_v3")).keys()
    for key, clause in view.clauses.items():
        assert clause.level == NEWEST.clauses[key].level
    for key, machine in view.lifecycle.machines.items():
        newest = NEWEST.lifecycle.machines[key]
        assert machine.states.keys() <= newest.states.keys()


@given(some_release)
@settings(max_examples=10, deadline=None)
def test_a_view_of_a_view_is_the_view(name: str) -> None:
    moment = Moment(number(name))
    documents = raw(name)
    for document in schemas_among(documents).values():
        assert schema_view(document, moment) == document
    assert bare(raw(name)) == bare(documents)


# -- parts of views, by example -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "message", "wrong"),
    [
        ("v3-4.22", {"msg": "heartbeat"}, []),
        ("v3-4.39", {"msg": "heartbeat"}, ["SSE-003"]),
        ("v3-4.39", {"msg": "heartbeat", "event_id": None}, []),
        ("v3-4.39", {"msg": "process_streaming", "event_id": "e"}, ["SSE-004"]),
        ("v3-4.22", {"msg": "process_starts", "eta": None}, ["SSE-003"]),
        ("sse_v2.1", {"msg": "close_stream"}, ["SSE-004"]),
        ("gradio-4.9.1", {"msg": "server_stopped", "success": False}, []),
        ("gradio-4.10.0", {"msg": "server_stopped", "success": False}, ["SSE-004"]),
    ],
)
def test_a_message_is_judged_as_of_its_time(name: str, message: Any, wrong: list[str]) -> None:
    assert [e.clause for e in load_spec(name).schemas.check_message(message)] == wrong


def test_the_error_of_a_call_was_null() -> None:
    old, new = load_spec("gradio-6.12.0").schemas, NEWEST.schemas
    assert old.check_call("error", None) == new.check_call("error", {"error": None}) == []
    assert [e.clause for e in old.check_call("error", {"error": None})] == ["CALL-006"]
    assert [e.clause for e in new.check_call("error", None)] == ["CALL-006"]


def test_a_clause_is_in_the_words_of_its_time() -> None:
    assert "api_visibility" in NEWEST.clause("DISC-013").text
    assert "show_api" in load_spec("gradio-5.50.0").clause("DISC-013").text
    assert "close_stream" not in load_spec("sse_v1").clause("SSE-011").text
    assert not re.search("DIFF", " ".join(load_spec("sse_v1").clauses))


def test_the_end_of_a_stream_before_close_stream() -> None:
    """The bare end is right once nothing is outstanding, and only then."""
    for name, wrong in (("sse_v2", []), ("sse_v3", ["SSE-031"])):
        monitor = Monitor(load_spec(name))
        monitor.joined("s", "e")
        stream = monitor.opened("s")
        early = monitor.ended(stream, "eof").violations
        assert [v.clause for v in early] == (wrong or ["SSE-012"])
        assert monitor.outstanding("s") == frozenset()  # lost
        monitor.joined("t", "f")
        stream = monitor.opened("t")
        for message in ({"msg": "estimation", "rank": 0, "queue_size": 1, "rank_eta": None},):
            monitor.message(stream, {**message, "event_id": "f"})
        monitor.message(stream, {"msg": "process_starts", "event_id": "f", "eta": None})
        monitor.message(stream, {"msg": "process_completed", "event_id": "f"})
        assert [v.clause for v in monitor.ended(stream, "eof").violations] == wrong


# -- overlays -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", sorted(VERSIONS.glob("*/overlay.yaml")), ids=lambda p: p.parent.name
)
def test_an_overlay_keeps_its_schema(path: Any) -> None:
    assert validated(path, "overlay")["version"] == path.parent.name


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"in": "nowhere", "at": "/a", "remove": True}, "in: there is no document nowhere"),
        ({"in": "doc", "at": "/b/c", "remove": True}, "at: there is no 'b'"),
        ({"in": "doc", "at": "/rows", "drop": {"id": 9}}, "drop: no row has"),
        ({"in": "doc", "at": "/a", "add": [1]}, "at: no list"),
    ],
)
def test_a_change_that_finds_nothing_is_refused(change: Any, reason: str) -> None:
    documents = {"doc": {"a": {"b": 1}, "rows": [{"id": 1}]}}
    overlay = {"version": "sse_v1", "changes": [{"why": "so", **change}]}
    with pytest.raises(SpecError, match=f"overlay of sse_v1: changes/0: {reason}"):
        overlaid(documents, overlay, Moment((4, 9, 0)))


def test_changes_leave_what_they_change_alone() -> None:
    documents = {"doc": {"a": {"b": 1}, "rows": [{"id": 1, "x": 2}, {"id": 2}]}}
    changes = [
        {"in": "doc", "at": "/a", "merge": {"b": None, "c": 2}},
        {"in": "doc", "at": "/rows", "drop": {"id": 1}},
        {"in": "doc", "at": "/rows", "add": [{"id": 3}]},
        {"in": "doc", "at": "/rows/0/id", "until": "4.8.0", "remove": True},
    ]
    found = overlaid(documents, {"version": "sse_v1", "changes": changes}, Moment((4, 9, 0)))
    assert found == {"doc": {"a": {"c": 2}, "rows": [{"id": 2}, {"id": 3}]}}
    assert documents == {"doc": {"a": {"b": 1}, "rows": [{"id": 1, "x": 2}, {"id": 2}]}}


def test_a_merge_patch_is_that_of_the_standard() -> None:
    """Examples of RFC 7396, appendix A."""
    for value, patch, wanted in (
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "foo"}, "bar", "bar"),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ):
        assert merged(value, patch) == wanted
