"""A client of the Model Context Protocol: JSON-RPC over the recording client, and no SDK."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gradio_conformance.faults import NonConformance
from gradio_conformance.faults import require
from gradio_conformance.faults import require_equal
from gradio_conformance.faults import show
from gradio_conformance.probe import Probe
from gradio_conformance.wire import Reply
from gradio_spec import sse
from gradio_spec.monitor import strict_json

PATH = "/mcp/"
BOTH = {"accept": "application/json, text/event-stream"}


@dataclass(frozen=True, slots=True)
class Exchange:
    """A response, and the notifications that came before it in the same stream."""

    response: Mapping[str, Any]
    notifications: Sequence[Mapping[str, Any]]

    def result(self, clause: str) -> Mapping[str, Any]:
        """Demand a result."""
        found = self.response.get("result")
        if not isinstance(found, Mapping):
            raise NonConformance(clause, "a result", show(self.response))
        return found

    def require_error(self, clause: str) -> None:
        """Demand an error of JSON-RPC."""
        error = self.response.get("error")
        good = isinstance(error, Mapping) and type(error.get("code")) is int
        require(good, clause, "a JSON-RPC error with a code", self.response)

    @property
    def refused(self) -> bool:
        """A JSON-RPC error, or a result with isError."""
        found = self.response.get("result")
        return "error" in self.response or (isinstance(found, Mapping) and _failed(found))


class Rpc:
    """Requests of one check, with ids of their own."""

    def __init__(self, probe: Probe) -> None:
        self.probe = probe
        self._ids = itertools.count(1)

    def post(self, body: Any, headers: Mapping[str, str] = BOTH) -> Reply:
        """Any body, as it is if it is bytes."""
        given = {"content": body} if isinstance(body, bytes) else {"json_body": body}
        sent = {"content-type": "application/json", **headers}
        return self.probe.request("POST", PATH, headers=sent, lane="mcp", **given)

    def request(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        *,
        clause: str,
        number: Any = None,
    ) -> Exchange:
        """One request, with this id or the next, and its response. A wrong frame of the answer
        breaks MCP-004, another id in it MCP-017, anything else ``clause``.
        """
        number = next(self._ids) if number is None else number
        body = {"jsonrpc": "2.0", "id": number, "method": method}
        reply = self.post(body if params is None else {**body, "params": params})
        reply.require_status(clause, 200)
        *notifications, response = messages(reply, "MCP-004")
        require_equal(response.get("id"), number, "MCP-017", "the id of the response")
        return Exchange(response, notifications)

    def call(
        self, tool: str, arguments: Mapping[str, Any], *, clause: str, token: Any = None
    ) -> Exchange:
        """``tools/call``, of a tool by its name."""
        params: dict[str, Any] = {"name": tool, "arguments": dict(arguments)}
        if token is not None:
            params["_meta"] = {"progressToken": token}
        return self.request("tools/call", params, clause=clause)

    def offers(self) -> Sequence[Mapping[str, Any]]:
        """The entries of mcp/schema."""
        reply = self.probe.request("GET", "/mcp/schema").require_status("MCP-003", 200)
        found = reply.json("MCP-003")
        if not isinstance(found, list) or not all(isinstance(item, Mapping) for item in found):
            raise NonConformance("MCP-003", "an array of objects", show(found))
        return found

    def tool_of(self, endpoint: str) -> str:
        """The name of the tool that an endpoint is."""
        for entry in self.offers():
            if endpoint_of(entry) == endpoint:
                return str(entry.get("name"))
        raise NonConformance("MCP-005", f"an entry for {endpoint} in mcp/schema", "none")

    def text(self, endpoint: str, arguments: Mapping[str, Any], clause: str) -> str:
        """The text of a call that succeeds."""
        result = self.call(self.tool_of(endpoint), arguments, clause=clause).result(clause)
        require(not _failed(result), clause, "isError false", result)
        return "".join(texts(result, clause))


def endpoint_of(entry: Mapping[str, Any]) -> str:
    meta = entry.get("meta")
    return str(meta.get("endpoint_name")) if isinstance(meta, Mapping) else ""


def texts(result: Mapping[str, Any], clause: str) -> list[str]:
    """The texts in the content of a result, of which there must be one at least."""
    content = result.get("content")
    blocks = content if isinstance(content, list) else []
    found = [
        block["text"]
        for block in blocks
        if isinstance(block, Mapping) and isinstance(block.get("text"), str)
    ]
    require(bool(found), clause, "content of type text", result)
    return found


def _failed(result: Mapping[str, Any]) -> bool:
    return result.get("isError") is True


def messages(reply: Reply, clause: str) -> list[Mapping[str, Any]]:
    """The messages of an answer, the response last."""
    kind = str(reply.headers.get("content-type", ""))
    require(kind.startswith("text/event-stream"), clause, "an event stream", reply.describe())
    found = list(_decoded(reply, clause))
    require(bool(found), clause, "an event message", reply.describe())
    good = all("id" not in message for message in found[:-1]) and "id" in found[-1]
    require(good, clause, "one response, after all notifications", found)
    return found


def _decoded(reply: Reply, clause: str) -> Iterator[Mapping[str, Any]]:
    for event in sse.Decoder().feed(reply.content):
        require_equal(event.event, "message", clause, "the event")
        try:
            message = strict_json(event.data)
        except ValueError:
            raise NonConformance(clause, "JSON in data", show(event.data)) from None
        good = isinstance(message, Mapping) and message.get("jsonrpc") == "2.0"
        require(good, clause, "a message of JSON-RPC 2.0", message)
        yield message


class Background:
    """A request that goes on while the check does something else."""

    def __init__(self, rpc: Rpc, tool: str, arguments: Mapping[str, Any], clause: str) -> None:
        self._exchange: Exchange | None = None
        self._error: BaseException | None = None

        def run() -> None:
            try:
                self._exchange = rpc.call(tool, arguments, clause=clause)
            except BaseException as error:
                self._error = error

        self._thread = threading.Thread(target=run, name="mcp call", daemon=True)
        self._thread.start()

    @property
    def over(self) -> bool:
        return not self._thread.is_alive()

    def exchange(self) -> Exchange:
        """Wait for the end, which the client's patience bounds."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        assert self._exchange is not None
        return self._exchange
