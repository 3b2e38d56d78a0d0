"""/openapi.json of the reference server: valid, complete, and true (DISC-024)."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from openapi_spec_validator import validate
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance
from schemathesis.specs.openapi.checks import response_schema_conformance
from schemathesis.specs.openapi.checks import status_code_conformance

from .judging import Check
from .server import PATIENCE_S
from .server import PREFIX
from .server import Server
from .test_openapi_fuzz import NAMES
from .test_openapi_fuzz import STEADY

CHECKS: list[Check] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
PUBLIC = [name for name in NAMES if name != "undocumented"]


@pytest.fixture(scope="module")
def document(shared_server: Server) -> Any:
    return shared_server.ask("GET", "/openapi.json").json


@pytest.fixture(scope="module")
def schema(document: Any) -> Any:
    return schemathesis.openapi.from_dict(document, config=schemathesis.Config())


def body_schema(document: Any, name: str) -> Any:
    operation = document["paths"][f"{PREFIX}/call/v2/{name}"]["post"]
    assert operation["requestBody"]["required"] is True
    return operation["requestBody"]["content"]["application/json"]["schema"]


def test_it_is_valid(document: Any) -> None:
    validate(document)


def test_it_lists_the_public_endpoints_with_their_parameters(server: Server, document: Any) -> None:
    endpoints = server.ask("GET", "/info").json["named_endpoints"]
    calls = {path for path in document["paths"] if "/call/v2/" in path}
    assert calls == {f"{PREFIX}/call/v2{name}" for name in endpoints}
    for name, endpoint in endpoints.items():
        schema = body_schema(document, name.removeprefix("/"))
        parameters = {item["parameter_name"]: item for item in endpoint["parameters"]}
        given_defaults = {
            key: item["type"] | {"default": item["parameter_default"]}
            if item["parameter_has_default"]
            else item["type"]
            for key, item in parameters.items()
        }
        assert schema["type"] == "object"
        assert schema["properties"] == given_defaults
        assert list(schema["properties"]) == list(parameters)
        required = [key for key, item in parameters.items() if not item["parameter_has_default"]]
        assert schema.get("required", []) == required
        assert schema["additionalProperties"] is False  # CALL-015


def test_its_servers_and_results_are_where_it_says(server: Server, document: Any) -> None:
    (place,) = document["servers"]
    assert place["url"] == server.url
    event_id = server.post("/call/v2/echo", {"value": 1}).json["event_id"]
    path = f"{PREFIX}/call/echo/{{event_id}}"
    answer = document["paths"][path]["get"]["responses"]["200"]
    reply = server.ask("GET", path.removeprefix(PREFIX).replace("{event_id}", event_id))
    assert reply.headers["content-type"].partition(";")[0] in answer["content"]
    assert reply.events[-1].data == "[1]"


@pytest.mark.parametrize("name", PUBLIC)
def test_what_it_says_of_arguments_is_true(
    server: Server, document: Any, schema: Any, name: str
) -> None:
    """CALL-014, CALL-015, CALL-025: names decide, types are the function's business."""
    known = body_schema(document, name)
    operation = schema[f"{PREFIX}/call/v2/{name}"]["POST"]
    modes = [operation.as_strategy(generation_mode=mode) for mode in schemathesis.GenerationMode]

    def wrong(body: Any) -> set[str]:
        if not isinstance(body, dict):
            return {""}
        return (set(body) - set(known["properties"])) | (set(known.get("required", ())) - set(body))

    @given(case=st.one_of(modes))
    @settings(max_examples=8, **STEADY)
    def check(case: schemathesis.Case[Any]) -> None:
        response = case.call(base_url=server.url, timeout=PATIENCE_S)
        case.validate_response(response, checks=CHECKS)
        mistakes = wrong(case.body)
        assert (response.status_code == 422) == bool(mistakes), case.body
        if mistakes:
            (found,) = response.json()["detail"]
            assert mistakes == {""} or found["loc"][1] in mistakes

    check()
