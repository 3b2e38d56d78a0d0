"""One call of an endpoint by MCP: through the queue, as any other, to its last value."""

from __future__ import annotations

from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from anyio import CancelScope

from gradio_reference.brokers import BrokerClosed
from gradio_reference.brokers import StreamLost
from gradio_reference.calls import accept
from gradio_reference.core.mailbox import Address
from gradio_reference.core.messages import Message
from gradio_reference.core.model import Refused
from gradio_reference.endpoint import Endpoint
from gradio_reference.ids import new_id
from gradio_reference.mcp.asked import Asked
from gradio_reference.service import Service
from gradio_reference.state import State
from gradio_reference.validators import Invalid
from gradio_reference.worker import Call
from gradio_reference.worker import DirectFailure

HIDDEN = "The function failed. This server does not tell why (launch(show_error=True) would)."
_SILENCE = 3600.0  # seconds; waiting costs nothing

Tell = Callable[[str], Awaitable[None]]


class CallFailed(Exception):
    """The call has no result; the message is for the caller."""


async def call(
    service: Service,
    endpoint: Endpoint,
    data: Sequence[Any],
    asked: Asked,
    tell: Tell | None = None,
) -> list[Any]:
    """The outputs of a call, of a generator the last ones (MCP-011). ``tell`` hears on the way how
    far it is. Raises ``CallFailed`` (MCP-012). A call whose caller has gone is given up.
    """
    with CancelScope() as here:
        asked.when_gone(here.cancel)
        return await _call(service, endpoint, data, asked, tell)
    raise CallFailed("The caller has gone.")


async def _call(
    service: Service, endpoint: Endpoint, data: Sequence[Any], asked: Asked, tell: Tell | None
) -> list[Any]:
    request = asked.request
    if tell is not None:  # only the mailbox of a session is told of ranks and progress
        request = replace(request, session_hash=new_id())
    made = Call(data, request, asked.root, asked.size)
    try:
        event_id = await accept(service, endpoint, made, call=tell is None, full_chunks=True)
    except (Refused, BrokerClosed, Invalid) as refusal:
        raise CallFailed(str(refusal)) from None
    except DirectFailure as failed:
        raise CallFailed(_reason(failed.failure.payload)) from None
    stream = service.broker.stream(Address(request.session_key or event_id, call=tell is None))
    try:
        while True:
            for message in (await stream.next(_SILENCE)).messages:
                if message["msg"] == "process_completed":
                    return _outputs(endpoint, message)
                if tell is not None:
                    await tell(_progress(message))
    except StreamLost as lost:
        raise CallFailed(str(lost)) from None
    finally:
        stream.close()


def _outputs(endpoint: Endpoint, message: Message) -> list[Any]:
    """The outputs that callers see: without State."""
    output = message["output"]
    if message.get("cancelled"):
        raise CallFailed("The call was cancelled.")
    if not message["success"]:
        raise CallFailed(_reason(output))
    pairs = zip(endpoint.signature.outputs, output["data"], strict=True)
    return [value for item, value in pairs if not isinstance(item, State)]


def _reason(payload: Any) -> str:
    return payload.get("error") or HIDDEN


def _progress(message: Message) -> str:
    """A message of the queue in words."""
    if message["msg"] == "estimation":
        return f"In queue. Position {message['rank']} out of {message['queue_size']}."
    if message["msg"] == "log":
        return str(message["log"])
    if message["msg"] == "progress":
        return "Progress " + ", ".join(map(_unit, message["progress_data"]))
    return "Processing"


def _unit(unit: dict[str, Any]) -> str:
    parts = [unit["desc"]] if unit["desc"] else []
    if unit["progress"] is not None:
        parts.append(f"{unit['progress']:.0%}")
    elif unit["index"] is not None:
        of = "" if unit["length"] is None else f" of {unit['length']:g}"
        parts.append(f"Step {unit['index']:g}{of}")
    return ": ".join(parts)
