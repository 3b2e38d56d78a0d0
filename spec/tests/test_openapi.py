"""The OpenAPI document is valid in both versions, complete, and what recorded servers answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from transcripts import CUT
from transcripts import GRADIO
from transcripts import Exchange
from transcripts import load

import gradio_spec
from gradio_spec import openapi
from gradio_spec.releases import is_bound
from gradio_spec.schemas import Schemas

PACKAGE = Path(gradio_spec.__file__).parent
ROOT = PACKAGE / "versions" / "sse_v3"
SOURCE = yaml.safe_load((ROOT / "openapi.yaml").read_text(encoding="utf-8"))
DEVIATIONS = yaml.safe_load((GRADIO.parent / "deviations.yaml").read_text(encoding="utf-8"))
SCHEMAS = Schemas(ROOT)
JSON = "application/json"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
OPERATIONS = [
    (path, method, item[method])
    for path, item in SOURCE["paths"].items()
    for method in METHODS
    if method in item
]
ROUTES = {
    ("get", "/config"), ("get", "/info"), ("get", "/openapi.json"), ("get", "/app_id"),
    ("get", "/startup-events"), ("get", "/queue/status"), ("post", "/queue/join"),
    ("get", "/heartbeat/{session_hash}"),
    ("get", "/queue/data"), ("post", "/cancel"), ("post", "/reset"),
    ("post", "/call/{api_name}"), ("get", "/call/{api_name}/{event_id}"),
    ("post", "/call/v2/{api_name}"), ("get", "/call/v2/{api_name}/{event_id}"),
    ("post", "/run/{api_name}"), ("post", "/api/{api_name}"),
    ("post", "/upload"), ("get", "/upload_progress"),
    ("get", "/file={path}"), ("get", "/file/{path}"),
    ("post", "/mcp/"), ("get", "/mcp/schema"),
    ("post", "/stream/{event_id}"), ("post", "/stream/{event_id}/close"),
    ("get", "/stream/{session_hash}/{run}/{component_id}/playlist.m3u8"),
    ("get", "/stream/{session_hash}/{run}/{component_id}/{segment}"),
    ("get", "/user"), ("get", "/token"), ("get", "/login_check"),
}  # fmt: skip
# Clauses of these areas are about requests; DISC-025 is about every path there is none for.
ABOUT_REQUESTS = re.compile(r"(CALL|CANCEL|DISC|JOIN|RUN|SSE)-\d{3}")


@cache
def built(version: str, prefix: str | None = None) -> dict[str, Any]:
    """The whole document."""
    return openapi.build(ROOT, version, prefix)


def inside(node: Any) -> Iterator[dict[str, Any]]:
    """Every object in a document, examples left out."""
    if isinstance(node, dict):
        yield node
        for key, value in node.items():
            if key not in ("examples", "example", "x-older"):
                yield from inside(value)
    elif isinstance(node, list):
        for item in node:
            yield from inside(item)


# -- the document ----------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", [None, "", "/gradio_api"])
@pytest.mark.parametrize("version", [openapi.CANONICAL, openapi.TWIN])
def test_both_versions_are_valid(version: str, prefix: str | None) -> None:
    document = built(version, prefix)
    assert document["openapi"] == version
    validate(document)


def test_the_source_is_the_canonical_version() -> None:
    assert SOURCE["openapi"] == openapi.CANONICAL
    with pytest.raises(ValueError, match=r"not 3\.2\.0 or 3\.1\.1"):
        openapi.build(ROOT, "3.0.4")


def test_every_route_of_the_profiles_is_there() -> None:
    assert {(method, path) for path, method, _ in OPERATIONS} == ROUTES
    assert len({operation["operationId"] for _, _, operation in OPERATIONS}) == len(ROUTES)


@pytest.mark.parametrize("version", [openapi.CANONICAL, openapi.TWIN])
def test_nothing_refers_to_another_file(version: str) -> None:
    document = built(version)
    for part in inside(document):
        mapping = part.get("discriminator", {}).get("mapping", {})
        for ref in [part.get("$ref", "#/paths"), *mapping.values()]:
            node: Any = document
            for step in ref.removeprefix("#/").split("/"):
                node = node[step]


def test_all_definitions_are_components() -> None:
    components = built(openapi.CANONICAL)["components"]["schemas"].keys()
    for document in SCHEMAS.documents.values():
        assert document["$defs"].keys() <= components


def test_streams_are_described_by_item_or_by_event() -> None:
    for version, key in ((openapi.CANONICAL, "itemSchema"), (openapi.TWIN, "schema")):
        streams = [
            p["text/event-stream"] for p in inside(built(version)) if "text/event-stream" in p
        ]
        assert len(streams) == 6
        assert all(list(stream) == [key] for stream in streams)


def test_the_prefix_can_be_part_of_the_paths() -> None:
    paths = built(openapi.CANONICAL, "/gradio_api")["paths"]
    assert "/config" in paths
    assert all(path.startswith("/gradio_api/") for path in paths if path != "/config")
    assert not any("servers" in item for item in paths.values())
    assert "/queue/join" in built(openapi.CANONICAL)["paths"]


def test_links_name_operations_and_their_parameters() -> None:
    by_id = {operation["operationId"]: (path, operation) for path, _, operation in OPERATIONS}
    links = [link for part in inside(SOURCE) for link in part.get("links", {}).values()]
    assert {link["operationId"] for link in links} == {
        "openSessionStream", "cancelEvent", "openCallStream", "openCallV2Stream",
    }  # fmt: skip
    for link in links:
        path, operation = by_id[link["operationId"]]
        own = {parameter.get("name") for parameter in operation.get("parameters", ())}
        assert link.get("parameters", {}).keys() <= own | set(re.findall(r"{(\w+)}", path))


def test_clauses_and_dialects_of_operations_exist() -> None:
    files = sorted((ROOT / "requirements").glob("*.yaml"))
    clauses = {c["id"] for f in files for c in yaml.safe_load(f.read_text())["clauses"]}
    named: set[str] = set()
    for part in inside(SOURCE):
        named |= {*part.get("x-clauses", ()), part.get("x-clause", "SSE-001")}
        assert is_bound(part.get("x-since", "v3-4.22"))
    assert all(operation["x-clauses"] for _, _, operation in OPERATIONS)
    assert named <= clauses
    about_requests = {c for c in clauses if ABOUT_REQUESTS.fullmatch(c)} - {"DISC-025"}
    assert about_requests - named == set()


def test_every_refusal_is_documented() -> None:
    for path, _, operation in OPERATIONS:
        statuses = operation["responses"].keys()
        assert {"200", "405", "4XX"} <= statuses, path
        if "requestBody" in operation:
            by_json_rpc = path == "/mcp/"
            ours = JSON in operation["requestBody"]["content"] and not by_json_rpc
            refusal = "422" if ours else "400"
            assert refusal in statuses, path
        if "{" in path:
            assert "404" in statuses, path
        for status, response in operation["responses"].items():
            if "$ref" not in response and status not in ("202", "304"):
                assert response["content"], path


def test_bodies_have_examples() -> None:
    for _, _, operation in OPERATIONS:
        content = operation.get("requestBody", {}).get("content", {})
        if JSON in content:
            ref = content[JSON]["schema"]["$ref"]
            assert SCHEMAS.schema(ref.replace(".schema.json", ""))["examples"]


# -- the command -----------------------------------------------------------------------------------


def test_the_command_writes_both_formats(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    openapi.main(["--openapi", "3.1.1", "--prefix", "/gradio_api"])
    assert json.loads(capsys.readouterr().out) == built(openapi.TWIN, "/gradio_api")
    openapi.main(["-o", str(tmp_path / "openapi.yaml")])
    assert yaml.safe_load((tmp_path / "openapi.yaml").read_text()) == built(openapi.CANONICAL)
    openapi.main(["-o", str(tmp_path / "openapi.json")])
    assert json.loads((tmp_path / "openapi.json").read_text()) == built(openapi.CANONICAL)


def test_mistakes_in_the_source_are_named(tmp_path: Path) -> None:
    for path in ROOT.glob("*.schema.json"):
        (tmp_path / path.name).write_text(path.read_text())
    text = (ROOT / "openapi.yaml").read_text()
    (tmp_path / "openapi.yaml").write_text(text.replace("#/$defs/CancelBody", "#/$defs/Cancel"))
    with pytest.raises(ValueError, match=r"openapi\.yaml: http.*/Cancel leads nowhere"):
        openapi.build(tmp_path)
    (tmp_path / "openapi.yaml").write_text(text)
    info = json.loads((ROOT / "info.schema.json").read_text())
    info["$defs"]["Component"] = {}
    (tmp_path / "info.schema.json").write_text(json.dumps(info))
    with pytest.raises(ValueError, match=r"info\.schema\.json: the name Component is taken"):
        openapi.build(tmp_path)
    del info["$defs"]["Component"], info["$defs"]["Return"]
    (tmp_path / "info.schema.json").write_text(json.dumps(info))
    with pytest.raises(ValueError, match=r"info: #/\$defs/Return leads nowhere"):
        openapi.build(tmp_path)


# -- the recordings --------------------------------------------------------------------------------


def operation_of(exchange: Exchange) -> Any:
    """The operation that an exchange was a use of, the one with the most literal path first."""
    for path, method, operation in sorted(OPERATIONS, key=lambda o: o[0].count("{")):
        pattern = re.sub(r"{\w+}", "[^/]+", path.rstrip("/").replace("{path}", ".+"))
        if method == exchange.method.lower() and re.fullmatch(pattern, exchange.route):
            return operation
    return None


def answer_clauses(exchange: Exchange) -> Iterator[str]:
    """The clauses that a recorded answer breaks by the description of its operation."""
    operation = operation_of(exchange)
    if operation is None or exchange.status in (None, 307) or exchange.body is CUT:
        return
    responses = operation["responses"]
    response = responses.get(str(exchange.status)) or responses.get(f"{exchange.status // 100}XX")
    if response is None:
        yield "NET-004"
        return
    if "$ref" in response:
        response = SOURCE["components"]["responses"][response["$ref"].rpartition("/")[2]]
    content = response.get("content", {})
    if JSON not in content or (isinstance(exchange.body, str | None) and "text/plain" in content):
        return
    ref = content[JSON]["schema"]["$ref"].replace(".schema.json", "")
    yield from (str(error.clause) for error in SCHEMAS.check(ref, exchange.body))


@pytest.mark.parametrize("path", sorted(GRADIO.glob("*.json")), ids=lambda path: path.stem)
def test_recorded_answers_are_documented_but_for_the_listed_deviations(path: Path) -> None:
    found = {clause for exchange in load(path).exchanges for clause in answer_clauses(exchange)}
    assert found == {
        row["clause"]
        for row in DEVIATIONS["deviations"]
        if row["recording"] == path.stem and row["where"] == "answers"
    }


def test_recorded_answers_cover_every_operation() -> None:
    seen: set[str] = set()
    for path in GRADIO.glob("*.json"):
        for exchange in load(path).exchanges:
            operation = operation_of(exchange)
            if operation is not None and exchange.status == 200:
                seen.add(operation["operationId"])
    assert seen == {operation["operationId"] for _, _, operation in OPERATIONS}


def test_recorded_requests_that_were_accepted_are_valid() -> None:
    """A server may coerce what is not quite right, but what clients send is right."""
    for path in GRADIO.glob("event_*.json"):
        for exchange in load(path).exchanges:
            operation = operation_of(exchange)
            if operation is not None and "requestBody" in operation:
                content = operation["requestBody"]["content"]["application/json"]
                ref = content["schema"]["$ref"].replace(".schema.json", "")
                assert SCHEMAS.check(ref, exchange.request) == []


def test_schema_objects_are_valid_json_schemas() -> None:
    for schema in built(openapi.CANONICAL)["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
