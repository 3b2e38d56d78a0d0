"""The documented links lead from a join or a call to its streams, and those to an end.

What each operation answers by itself is a part of the suite (`hostile-openapi.*`).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck
from hypothesis import Phase
from hypothesis import settings

from gradio_spec import openapi

from .judging import ROOT
from .judging import Judge
from .server import NEVER_CALLED
from .server import PATIENCE_S
from .server import PREFIX
from .server import Server

# The same cases in every run, so that a run says something about the code and not about luck; and
# a case that fails is told as it is, for making it smaller takes many streams that do not end.
STEADY: dict[str, Any] = {
    "derandomize": True,
    "database": None,
    "deadline": None,
    "phases": [Phase.explicit, Phase.generate],
    "suppress_health_check": list(HealthCheck),
}
TESTBED = yaml.safe_load((ROOT / "testbed.yaml").read_text(encoding="utf-8"))
ENDPOINTS = [item for item in TESTBED["endpoints"] if "main" in item["servers"]]
NAMES = [item["name"] for item in ENDPOINTS if item["name"] not in (*NEVER_CALLED, "private")]


# Operations that documented links connect, and what the streams at their ends have to have shown.
CHAINS = [
    (("joinQueue", "openSessionStream", "cancelEvent"), ("process_completed", "close_stream")),
    (("callEndpoint", "openCallStream"), ("event: complete", "event: error")),
    (("callEndpointByName", "openCallV2Stream"), ("event: complete",)),
]


def described() -> schemathesis.BaseSchema:
    """The protocol's document, with names and numbers that mean something to the testbed."""
    document = openapi.build(ROOT, openapi.CANONICAL, PREFIX)
    document["components"]["parameters"]["ApiName"]["schema"]["enum"] = NAMES
    bodies = document["components"]["schemas"]
    bodies["PredictBody"]["properties"]["fn_index"]["enum"] = list(range(len(ENDPOINTS)))
    bodies["RunBody"]["properties"]["fn_index"]["enum"] = [None, *range(len(ENDPOINTS))]
    # What half of the endpoints take; test_own_document.py gives each of them what is its own.
    bodies["CallV2Body"] |= {"properties": {"text": {"type": "string"}}, "required": ["text"]}
    bodies["CallV2Body"] |= {"additionalProperties": False}
    schema = schemathesis.openapi.from_dict(document, config=schemathesis.Config())
    schema.config.max_stream_events = 10_000
    # 500 with the error object and 503 are answers like any other, where the document has them.
    schema.config.checks.not_a_server_error.expected_statuses += ["500", "503"]
    schema.config.phases.stateful.inference.algorithms = []  # the links that are written down
    return schema


PROTOCOL = described()


def may_not_end(case: schemathesis.Case[Any], server: Server) -> bool:
    if case.operation.definition.raw["operationId"] == "openHeartbeat":
        return True  # STATE-018; test_hostile_requests.py reads the beginning of one
    body = case.body if isinstance(case.body, dict) else {}
    return body.get("fn_index") in [server.ids[name] for name in NEVER_CALLED]


@pytest.mark.parametrize(("operations", "ends"), CHAINS, ids=lambda names: names[0])
def test_links(
    server: Server, judge: Judge, operations: tuple[str, ...], ends: tuple[str, ...]
) -> None:
    """What a join or a call answers leads to its streams, and those to an end."""
    chain = PROTOCOL.include(operation_id=list(operations))
    followed: Counter[str] = Counter()
    seen: Counter[str] = Counter()

    class Client(chain.as_state_machine()):  # type: ignore[misc]
        def before_call(self, case: schemathesis.Case[Any]) -> None:
            if may_not_end(case, server) and isinstance(case.body, dict):
                case.body["fn_index"] = server.ids["echo"]

        def get_call_kwargs(self, case: schemathesis.Case[Any]) -> dict[str, Any]:
            return {"base_url": server.url, "timeout": PATIENCE_S}

        def step(self, step: Any) -> Any:
            if step.transition is not None and step.is_applied:
                followed[step.case.operation.definition.raw["operationId"]] += 1
            return super().step(step)

        def validate_response(
            self, response: schemathesis.Response, case: schemathesis.Case[Any], **_: Any
        ) -> None:
            case.validate_response(response, checks=judge.checks)
            seen.update(end for end in ends if end.encode() in response.content)

    Client.run(settings=settings(max_examples=15, stateful_step_count=6, **STEADY))
    assert followed.keys() == set(operations[1:])
    assert seen.keys() == set(ends)
