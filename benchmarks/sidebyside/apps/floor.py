"""The floor: the least an ASGI app can do for the same requests. One write per message, no queue,
no validation, no protocol logic; what a server costs beyond this is the server's.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

from sidebyside.apps import functions
from sidebyside.apps.serving import options
from sidebyside.apps.serving import serve

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

API = "/gradio_api"
NAMES = ("echo", "tokens", "queued")
CONFIG = json.dumps(
    {"dependencies": [{"id": number, "api_name": name} for number, name in enumerate(NAMES)]}
).encode()
JSON = [(b"content-type", b"application/json")]
STREAM = [(b"content-type", b"text/event-stream; charset=utf-8")]

_ESTIMATION = (
    '{"msg":"estimation","event_id":"%s","rank":0,"queue_size":1,"rank_eta":null}',
    '{"msg":"process_starts","event_id":"%s","eta":null}',
)
_OUTPUT = (
    '{"data":[%s],"is_generating":%s,"duration":0.001,"average_duration":0.001,'
    '"render_config":null,"changed_state_ids":[],"used_cache":null}'
)
_GENERATING = (
    '{"msg":"process_generating","event_id":"%s","output":%s,"success":true,"time_limit":null}'
)
_COMPLETED = (
    '{"msg":"process_completed","event_id":"%s","output":%s,"success":true,"title":null,'
    '"used_cache":null,"cache_duration":null,"avg_time":null}'
)
_CLOSE = '{"msg":"close_stream","event_id":null}'


class Floor:
    """Remembers the last join of each session, and answers its stream with a script."""

    def __init__(self) -> None:
        self._joined: dict[str, tuple[str, str, Any]] = {}
        self._gate = asyncio.Event()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["path"] == f"{API}/queue/data":
            await self._stream(scope["query_string"].partition(b"=")[2].decode(), send)
        elif scope["path"] == f"{API}/queue/join":
            await _answer(send, self._join(await _body(receive)))
        elif scope["path"] == f"{API}/run/open_gate":
            self._gate.set()
            await _answer(send, b'{"data":["open"]}')
        else:
            await _answer(send, CONFIG)

    def _join(self, body: bytes) -> bytes:
        asked = json.loads(body)
        event_id = uuid.uuid4().hex
        self._joined[asked["session_hash"]] = (event_id, NAMES[asked["fn_index"]], asked["data"][0])
        return b'{"event_id":"%s"}' % event_id.encode()

    async def _stream(self, session: str, send: Send) -> None:
        event_id, name, value = self._joined.pop(session)
        await send({"type": "http.response.start", "status": 200, "headers": STREAM})
        for text in _ESTIMATION:
            await _write(send, text % event_id)
        if name == "queued":
            await self._gate.wait()
        value = await self.called(name, value)
        for text in _script(event_id, name, value):
            await _write(send, text)
        await send({"type": "http.response.body", "body": b""})

    async def called(self, name: str, value: Any) -> Any:
        """What the script is about, after the function."""
        return value


def _script(event_id: str, name: str, value: Any) -> Iterator[str]:
    last = value
    if name == "tokens":
        last = ""
        for number in range(value):
            added = functions.token(number)
            last += added
            # The first step is the value itself, each later one its edit.
            data = json.dumps(last) if number == 0 else f'[["append",[],{json.dumps(added)}]]'
            yield _GENERATING % (event_id, _OUTPUT % (data, "true"))
    yield _COMPLETED % (event_id, _OUTPUT % (json.dumps(last), "false"))
    yield _CLOSE


async def _write(send: Send, text: str) -> None:
    body = b"data: " + text.encode() + b"\n\n"
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)


async def _answer(send: Send, body: bytes) -> None:
    headers = [*JSON, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


if __name__ == "__main__":
    serve(Floor(), options())
