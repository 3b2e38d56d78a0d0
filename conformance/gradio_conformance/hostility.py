"""What the hostile checks share: a call that must work, as a request and as a proof of life."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from gradio_conformance.answers import json_object
from gradio_conformance.answers import taken
from gradio_conformance.faults import NonConformance
from gradio_conformance.faults import TooLate
from gradio_conformance.faults import require
from gradio_conformance.faults import require_equal
from gradio_conformance.inputs import some_endpoint
from gradio_conformance.probe import Probe
from gradio_conformance.raw import JSON
from gradio_conformance.raw import RawRequest
from gradio_conformance.wire import Reply


@dataclass(frozen=True, slots=True)
class GoodCall:
    """A direct call that every server must take; on the testbed it brings back its own text."""

    probe: Probe
    name: str
    data: Sequence[Any]
    echoes: bool

    @property
    def path(self) -> str:
        return f"/run/{quote(self.name, safe='')}"

    @property
    def body(self) -> bytes:
        return json.dumps({"data": list(self.data)}).encode()

    def request(
        self, *more: tuple[str, str], body: bytes | None = None, **options: Any
    ) -> RawRequest:
        """The call as bytes; ``body`` in place of its own, which may be framed in another way."""
        content = self.body if body is None else body
        return self.probe.raw_request(
            "POST", self.path, headers=(JSON, *more), body=content, **options
        )

    def require(self, reply: Reply | None, clause: str) -> None:
        """Demand that the call was taken, and on the testbed that its text came back."""
        if reply is None:
            expected = f"an answer to POST {self.path}"
            raise NonConformance(clause, expected, "the connection was closed")
        body = taken(self.probe, reply, clause)
        if self.echoes:
            require_equal(body.get("data"), list(self.data), clause, "the text of the call itself")


def good_call(probe: Probe) -> GoodCall:
    """A call that nobody made before."""
    endpoint = some_endpoint(probe.target)
    echoes = probe.target.is_testbed and endpoint.name == "echo_text"
    data = [f"t-{uuid.uuid4().hex[:8]}"] if echoes else endpoint.sample
    return GoodCall(probe, endpoint.name, data, echoes)


@contextmanager
def silence_breaks(clause: str) -> Iterator[None]:
    """Whoever is not answered in here was made to wait, which breaks ``clause``."""
    try:
        yield
    except httpx.TimeoutException as error:
        raise TooLate(clause, "an answer to somebody else", str(error)) from None


def require_alive(probe: Probe, clause: str) -> None:
    """Demand that after all this the server answers somebody else as ever."""
    call = good_call(probe)
    with silence_breaks(clause):
        reply = probe.run(call.name, call.data)
    call.require(reply, clause)


def require_refused_or_closed(reply: Reply | None, clause: str, what: str) -> None:
    """Demand a 4xx, 501, or no answer but the end of the connection."""
    if reply is not None:
        good = 400 <= reply.status < 500 or reply.status == 501
        require(
            good, clause, f"a refusal or the end of the connection for {what}", reply.describe()
        )


def barrier(probe: Probe, clause: str) -> None:
    """Wait until the server has answered somebody else: what was sent before has reached it."""
    with silence_breaks(clause):
        reply = probe.root_request("GET", "/config")
    json_object(reply.require_status(clause, 200), clause)
