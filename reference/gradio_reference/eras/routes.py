"""The routes of the families with a connection for each event: a WebSocket, or a stream and a POST
beside it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from quart import Blueprint
from quart import Response
from quart import g
from quart import request
from quart import websocket

from gradio_reference import bodies
from gradio_reference.bodies import Member
from gradio_reference.bodies import Rejected
from gradio_reference.eras.single import QUEUE_FULL
from gradio_reference.eras.single import SEND_DATA
from gradio_reference.eras.single import Connection
from gradio_reference.eras.single import Connections
from gradio_reference.eras.voice import Voice
from gradio_reference.incoming import Incoming
from gradio_reference.routes.answers import incoming
from gradio_reference.routes.answers import json_answer
from gradio_reference.routes.answers import stream_answer
from gradio_reference.routes.auth import user_of
from gradio_spec import sse

DONE, REFUSED = 1000, 1008  # close codes of RFC 6455
_DATA = (Member("event_id", "string", required=True), Member("data", "array", required=True))


def websockets(connections: Connections) -> Blueprint:
    """The family ``ws``."""
    routes = Blueprint("gradio_era", __name__)

    @routes.websocket("/queue/join")
    async def join() -> None:
        code = await _talk(connections)
        await websocket.close(code)

    return routes


async def _talk(connections: Connections) -> int:
    service = connections.provide()
    user = user_of(service, websocket.cookies)
    if service.guarded and user is None:
        return REFUSED
    await _send({"msg": "send_hash"})
    said = await _heard()
    try:
        asked = Incoming(_as_http(websocket.scope), user)
        connection = connections.open(asked, str(said["session_hash"]), int(said["fn_index"]))
    except (KeyError, TypeError, ValueError, IndexError):
        return REFUSED
    try:
        return await _serve(connection)
    finally:
        connection.close()


async def _serve(connection: Connection) -> int:
    place = await connection.place()
    await _send(place or QUEUE_FULL)
    if place is None:
        return DONE
    await _send({"msg": SEND_DATA})
    said = await _heard()
    data = said.get("data") if isinstance(said, dict) else None
    if not isinstance(data, list):
        return REFUSED
    failed = await connection.begin(data, len(json.dumps(data)))
    if failed is not None:
        await _send({"msg": "process_starts"})
        await _send(failed)
        return DONE
    async for messages in connection.told(3600.0):
        for message in messages:
            await _send(message)
    return DONE


async def _send(message: dict[str, Any]) -> None:
    await websocket.send(json.dumps(message, separators=(",", ":")))


async def _heard() -> Any:
    """What the client says; None if it is no JSON."""
    try:
        return json.loads(await websocket.receive())
    except ValueError:
        return None


def _as_http(scope: Any) -> dict[str, Any]:
    """The request that became the WebSocket."""
    return {**scope, "method": "GET", "scheme": scope["scheme"].replace("ws", "http", 1)}


def streams(connections: Connections) -> Blueprint:
    """The family ``sse``."""
    routes = Blueprint("gradio_era", __name__)

    @routes.get("/queue/join")
    async def join() -> Response:
        query = request.args
        try:
            fn, session = int(query["fn_index"]), query["session_hash"]
            connection = connections.open(incoming(), session, fn)
        except (KeyError, ValueError):
            raise Rejected(422, "fn_index and session_hash are required") from None
        except IndexError:
            raise Rejected(404, f"There is no function with fn_index {fn}.") from None
        interval = connections.provide().settings.heartbeat
        return stream_answer(_stream(connections, connection, interval))

    @routes.post("/queue/data")
    async def data() -> Response:
        body = await bodies.read_members(request, _DATA)
        connection = connections.find(body["event_id"])
        if connection is None or connection.user != g.get("username"):
            raise Rejected(404, "There is no such event.")
        connection.given(body["data"], body.size)
        return json_answer(None)

    return routes


async def _stream(
    connections: Connections, connection: Connection, interval: float
) -> AsyncIterator[bytes]:
    voice = Voice(connections.era, connections.ledger)

    def event(message: dict[str, Any]) -> bytes:
        return sse.encode(voice.text(message))

    try:
        place = await connection.place()
        yield event(place or QUEUE_FULL)
        if place is None:
            return
        yield event({"msg": SEND_DATA, "event_id": connection.id})
        while not await connection.has_arguments(interval):
            yield event({"msg": "heartbeat"})
        failed = await connection.begin_given()
        if failed is not None:
            yield event({"msg": "process_starts"})
            yield event(failed)
            return
        async for messages in connection.told(interval):
            if messages:
                yield b"".join(map(event, messages))
            else:
                await asyncio.sleep(0)
    finally:
        connection.close()
