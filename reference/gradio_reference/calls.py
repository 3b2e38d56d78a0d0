"""How a call gets its place in the queue, whichever route or protocol it came by."""

from __future__ import annotations

import time

from gradio_reference.endpoint import Endpoint
from gradio_reference.service import Service
from gradio_reference.worker import Call


async def accept(
    service: Service,
    endpoint: Endpoint,
    made: Call,
    *,
    call: bool = False,
    full_chunks: bool = False,
    owner: str | None = None,
) -> str:
    """Accept a call and return its event id: of one that waits its turn, or is answered from the
    cache (EVT-029). ``owner``: whose mailbox tells of it, if it is not that of the session.

    Raises ``Refused`` or ``BrokerClosed`` if it cannot wait (JOIN-017), ``Invalid`` or
    ``DirectFailure`` if its validator refuses it or fails (JOIN-015).
    """
    if endpoint.validator is not None:
        await service.broker.require_room(made.size)  # a full queue costs nothing
        await service.worker.validate(endpoint, made)
    fn, session = endpoint.index, owner or made.request.session_key
    started = time.monotonic()
    known = await service.worker.recall(endpoint, made)
    if known is None:
        event_id = await service.broker.join(
            fn, session, made, weight=made.size, call=call, full_chunks=full_chunks
        )
    else:
        seconds = time.monotonic() - started
        event_id = await service.broker.answered(
            fn, session, known, seconds, call=call, full_chunks=full_chunks
        )
    service.monitoring.accepted(fn)
    return event_id
