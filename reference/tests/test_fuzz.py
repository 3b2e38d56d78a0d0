"""The plain HTTP surface, fuzzed by Schemathesis from the specification's own OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck
from hypothesis import settings
from schemathesis.specs.openapi.checks import allow_header_conformance
from schemathesis.specs.openapi.checks import positive_data_acceptance

from gradio_reference import Server
from gradio_spec import openapi
from gradio_spec.loader import load_spec

API_PREFIX = "/gradio_api"
STREAM_S = 2  # a stream nobody feeds costs this much for each case
TOO_MUCH = [
    # A call may have the right shape and still be refused: too few values, a function that fails.
    positive_data_acceptance,
    # call/v2/{name} is a call/{name}/{event_id} as well: there the methods of both are allowed.
    allow_header_conformance,
]

app = Server()
document = openapi.build(load_spec().root, openapi.TWIN, prefix=API_PREFIX)
schema = schemathesis.openapi.from_dict(document)


@app.api(concurrency_limit=None)
def echo(text: str) -> str:
    return text


@app.api(concurrency_limit=None)
def words(text: str) -> Iterator[str]:
    yield from text.split()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    _, url, _ = app.launch(server_port=0, prevent_thread_lock=True, quiet=True)
    yield url.rstrip("/")
    app.close()


@schema.parametrize()
@settings(max_examples=25, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_route_keeps_its_description(case: schemathesis.Case[Any], url: str) -> None:
    case.call_and_validate(base_url=url, timeout=STREAM_S, excluded_checks=TOO_MUCH)
