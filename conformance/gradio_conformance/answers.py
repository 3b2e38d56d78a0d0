"""What plain requests bring, read together with the clause that a wrong answer breaks."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import httpx

from gradio_conformance.faults import NonConformance
from gradio_conformance.faults import require
from gradio_conformance.faults import show
from gradio_conformance.probe import Probe
from gradio_conformance.wire import Reply
from gradio_spec.records import Violation

REDIRECTS = (307, 308)


def json_object(reply: Reply, clause: str) -> Mapping[str, Any]:
    """The body as a JSON object with the content type of JSON."""
    require(reply.is_json, clause, "the content type application/json", reply.describe())
    body = reply.json(clause)
    if not isinstance(body, Mapping):
        raise NonConformance(clause, "a JSON object", show(body))
    return body


def read_config(probe: Probe, clause: str = "DISC-001", query: str = "") -> Mapping[str, Any]:
    """A fresh ``/config``; ``query`` begins with ``?``."""
    reply = probe.root_request("GET", f"/config{query}").require_status(clause, 200)
    return json_object(reply, clause)


def read_info(probe: Probe, clause: str = "DISC-012", query: str = "") -> Mapping[str, Any]:
    """A fresh ``/info`` below the prefix; ``query`` begins with ``?``."""
    reply = probe.request("GET", f"/info{query}").require_status(clause, 200)
    return json_object(reply, clause)


def objects(owner: Mapping[str, Any], member: str, clause: str) -> Sequence[Mapping[str, Any]]:
    """A member that must be an array of objects."""
    found = owner.get(member)
    if not isinstance(found, list) or not all(isinstance(item, Mapping) for item in found):
        raise NonConformance(clause, f"an array of objects in {member}", show(found))
    return found


def named_endpoints(info: Mapping[str, Any], clause: str = "DISC-012") -> Mapping[str, Any]:
    """The endpoints of an ``/info``, each of which must be an object."""
    found = info.get("named_endpoints")
    good = isinstance(found, Mapping) and all(isinstance(e, Mapping) for e in found.values())
    if not isinstance(found, Mapping) or not good:
        raise NonConformance(clause, "an object of objects in named_endpoints", show(found))
    return found


def require_valid(probe: Probe, ref: str, instance: Any, clause: str) -> None:
    """Demand that an instance keeps its schema; whatever is wrong with it breaks ``clause``."""
    for error in probe.spec.schemas.check(ref, instance):
        expected = f"what {ref} says of {error.path or 'the body'}"
        raise NonConformance(clause, expected, error.message)


def record_errors(probe: Probe, ref: str, instance: Any, clause: str) -> None:
    """Keep everything that is wrong with an instance, under the narrowest clause that says so;
    ``clause`` stands for what no narrower one says.
    """
    probe.record(
        [
            Violation(e.clause or clause, f"what {ref} says of {e.path or 'the body'}", e.message)
            for e in probe.spec.schemas.check(ref, instance)
        ]
    )


def require_schema_clause(probe: Probe, ref: str, instance: Any, clause: str) -> None:
    """Demand the part of a schema that enforces ``clause``; its other parts are not judged."""
    for error in probe.spec.schemas.check(ref, instance):
        expected = f"what {ref} says of {error.path or 'the body'}"
        require(error.clause != clause, clause, expected, error.message)


def taken(probe: Probe, reply: Reply, clause: str = "RUN-001") -> Mapping[str, Any]:
    """Demand that a direct call was not refused: its result, or 500 with the error object."""
    body = json_object(reply.require_status(clause, 200, 500), clause)
    kind = "RunResult" if reply.status == 200 else "RunError"
    require_valid(probe, f"http#/$defs/{kind}", body, clause)
    return body


def outputs(probe: Probe, reply: Reply, clause: str) -> list[Any]:
    """The outputs of a direct call that must succeed."""
    body = json_object(reply.require_status(clause, 200), clause)
    require_valid(probe, "http#/$defs/RunResult", body, clause)
    found: list[Any] = body["data"]
    return found


def followed(probe: Probe, reply: Reply, clause: str, json_body: Any = None) -> Reply:
    """The answer itself, or what its 307 or 308 leads to on this server, asked the same way."""
    if reply.status not in REDIRECTS:
        return reply
    asked = httpx.URL(probe.target.base_url + reply.path)
    location = str(asked.join(reply.headers.get("location", "")))
    for base in (probe.target.base_url, str(probe.target.config.get("root", ""))):
        if base and location.startswith(f"{base}/"):
            path = location.removeprefix(base)
            return probe.root_request(reply.method, path, json_body=json_body)
    raise NonConformance(clause, "a location on this server", location)
