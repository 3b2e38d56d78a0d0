"""Faults below the application: what becomes of bytes, connections and slow readers.

They replace parts of Hypercorn, which reads and writes the bytes of the reference server.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import weakref
from typing import Any

import h11
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.events import Closed
from hypercorn.events import RawData
from hypercorn.protocol import http_stream
from hypercorn.protocol.events import EndBody
from hypercorn.protocol.events import Request
from hypercorn.protocol.events import StreamClosed
from hypercorn.protocol.h11 import H11Protocol
from hypercorn.protocol.http_stream import HTTPStream
from quart.asgi import ASGIHTTPConnection

from gradio_conformance.mutants.patching import Patches
from gradio_conformance.mutants.patching import fault
from gradio_reference import bodies
from gradio_reference import server
from gradio_reference.bodies import Rejected
from gradio_reference.routes import bare
from gradio_reference.routes import queue as queue_routes

MOST_STREAMS = 500
MOST_BUFFERED = 1_000_000
GIGABYTE = 10**9


def _incomplete(protocol: H11Protocol) -> bool:
    """Has a request begun whose end has not come?"""
    connection: Any = protocol.connection
    if connection.their_state is h11.IDLE:
        return bool(connection.trailing_data[0])
    return connection.their_state is h11.SEND_BODY


def _is_coded(request: Any) -> bool:
    """What goes around Quart has a length, and no headers here."""
    return "Transfer-Encoding" in getattr(request, "headers", ())


# -- requests ------------------------------------------------------------------------------------


@fault
def heads_must_come_whole(patch: Patches) -> None:
    original = H11Protocol.handle

    async def handle(self: H11Protocol, event: Any) -> None:
        await original(self, event)
        begun = self.connection.their_state is h11.IDLE and _incomplete(self)
        if isinstance(event, RawData) and event.data and begun:
            await self._send_error_response(400)
            await self.send(Closed())

    patch(H11Protocol, "handle", handle)


@fault
def pipelined_requests_are_lost(patch: Patches) -> None:
    original = H11Protocol._maybe_recycle

    async def recycle(self: H11Protocol) -> None:
        await original(self)
        if self.connection.our_state is h11.IDLE and self.connection.trailing_data[0]:
            self.connection = h11.Connection(h11.SERVER)

    patch(H11Protocol, "_maybe_recycle", recycle)


@fault
def chunks_are_no_body(patch: Patches) -> None:
    original = bodies.read_object

    async def read_object(request: Any) -> bodies.Body:
        if _is_coded(request):
            raise Rejected(422, [bodies.problem("missing", ["body"], "no body")])
        return await original(request)

    patch(bodies, "read_object", read_object)


@fault
def chunks_need_a_length(patch: Patches) -> None:
    original = bodies.read_object

    async def read_object(request: Any) -> bodies.Body:
        if _is_coded(request):
            raise Rejected(411, "Length Required")
        return await original(request)

    patch(bodies, "read_object", read_object)


@fault
def nobody_is_told_to_continue(patch: Patches) -> None:
    patch(h11.Connection, "they_are_waiting_for_100_continue", False)


def _error_status(patch: Patches, meant: tuple[int, ...], status: int) -> None:
    original = H11Protocol._send_error_response

    async def send_error(self: H11Protocol, found: int) -> None:
        await original(self, status if not meant or found in meant else found)

    patch(H11Protocol, "_send_error_response", send_error)


@fault
def what_is_no_request_is_welcome(patch: Patches) -> None:
    _error_status(patch, (400, 501), 200)


@fault
def large_heads_are_500(patch: Patches) -> None:
    _error_status(patch, (431,), 500)


@fault
def what_is_behind_a_broken_request_is_answered(patch: Patches) -> None:
    original = H11Protocol._send_error_response

    async def send_error(self: H11Protocol, status: int) -> None:
        await original(self, status)
        if b"POST " in bytes(self.connection.trailing_data[0]):
            await self.send(RawData(data=b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"))

    patch(H11Protocol, "_send_error_response", send_error)


@fault
def two_lengths_are_fine(patch: Patches) -> None:
    async def leave(response: Any) -> Any:
        return response

    patch(server, "_end_ambiguous", leave)


@fault
def half_closed_is_closed(patch: Patches) -> None:
    original = asyncio.StreamReaderProtocol.eof_received

    def eof_received(self: asyncio.StreamReaderProtocol) -> bool:
        original(self)
        return False

    patch(asyncio.StreamReaderProtocol, "eof_received", eof_received)


@fault
def heads_have_bodies(patch: Patches) -> None:
    original = H11Protocol.stream_send

    async def stream_send(self: H11Protocol, event: Any) -> None:
        scope = getattr(self.stream, "scope", {})
        await original(self, event)
        if isinstance(event, EndBody) and scope.get("method") == "HEAD":
            await self.send(RawData(data=b'{"detail": "a body"}'))

    patch(H11Protocol, "stream_send", stream_send)


@fault
def whole_urls_are_not_found(patch: Patches) -> None:
    original = HTTPStream.handle

    async def handle(self: HTTPStream, event: Any) -> None:
        if isinstance(event, Request) and event.raw_path.startswith(b"http"):
            event = dataclasses.replace(event, raw_path=b"/gradio_api/no-such-route")
        await original(self, event)

    patch(HTTPStream, "handle", handle)


@fault
def percents_stay_as_they_are(patch: Patches) -> None:
    patch(http_stream, "unquote", lambda path: path)


@fault
def what_has_come_of_a_body_is_enough(patch: Patches) -> None:
    async def handle_messages(self: ASGIHTTPConnection, request: Any, receive: Any) -> None:
        while True:
            message = await receive()
            if message["type"] == "http.request":
                request.body.append(message.get("body", b""))
            if message["type"] == "http.disconnect" or not message.get("more_body"):
                request.body.set_complete()
            if message["type"] == "http.disconnect":
                await asyncio.sleep(1)
                return

    async def read_body(receive: Any) -> bytes:
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        return body

    patch(ASGIHTTPConnection, "handle_messages", handle_messages)
    patch(bare, "read_body", read_body)


# -- who waits for whom --------------------------------------------------------------------------


@fault
def one_request_at_a_time(patch: Patches) -> None:
    """While one client has not finished its request, nobody else's is read."""
    original = H11Protocol.handle
    turns: weakref.WeakKeyDictionary[Any, asyncio.Lock] = weakref.WeakKeyDictionary()
    holders: weakref.WeakSet[H11Protocol] = weakref.WeakSet()

    async def handle(self: H11Protocol, event: Any) -> None:
        turn = turns.setdefault(asyncio.get_running_loop(), asyncio.Lock())
        if isinstance(event, RawData) and event.data and self not in holders:
            await turn.acquire()
            holders.add(self)
        if self in holders and not (isinstance(event, RawData) and event.data):
            holders.discard(self)
            turn.release()
        await original(self, event)
        if self in holders and not _incomplete(self):
            holders.discard(self)
            turn.release()

    patch(H11Protocol, "handle", handle)


@fault
def a_terabyte_is_waited_for(patch: Patches) -> None:
    """Whoever announces very much is waited for, by everybody else too, until he goes away."""
    original = HTTPStream.handle
    held: dict[HTTPStream, asyncio.Event] = {}

    async def handle(self: HTTPStream, event: Any) -> None:
        if isinstance(event, Request):
            sizes = [int(v) for n, v in event.headers if n.lower() == b"content-length"]
            for gone in [] if any(size > GIGABYTE for size in sizes) else list(held.values()):
                await gone.wait()
            if any(size > GIGABYTE for size in sizes):
                held[self] = asyncio.Event()
        if self not in held:
            await original(self, event)
        elif isinstance(event, StreamClosed):
            held.pop(self).set()

    patch(HTTPStream, "handle", handle)


@fault
def what_nobody_takes_is_dropped(patch: Patches) -> None:
    async def protocol_send(self: TCPServer, event: Any) -> None:
        if not isinstance(event, RawData):
            await original(self, event)
        elif self.writer.transport.get_write_buffer_size() < MOST_BUFFERED:
            self.writer.write(event.data)

    original = TCPServer.protocol_send
    patch(TCPServer, "protocol_send", protocol_send)


@fault
def all_writes_wait_for_the_slowest(patch: Patches) -> None:
    original = TCPServer.__init__
    locks: weakref.WeakKeyDictionary[Any, asyncio.Lock] = weakref.WeakKeyDictionary()

    def init(self: TCPServer, *arguments: Any, **named: Any) -> None:
        original(self, *arguments, **named)
        self.send_lock = locks.setdefault(self.loop, asyncio.Lock())

    patch(TCPServer, "__init__", init)


@fault
def few_streams_are_open(patch: Patches) -> None:
    original = queue_routes.session_stream
    open_ones: weakref.WeakSet[Any] = weakref.WeakSet()

    def session_stream(service: Any, asked: Any) -> Any:
        if len(open_ones) >= MOST_STREAMS:
            raise Rejected(503, "too many streams")
        body = original(service, asked)
        open_ones.add(body)
        return body

    patch(queue_routes, "session_stream", session_stream)


# -- bodies --------------------------------------------------------------------------------------


@fault
def any_unicode_will_do(patch: Patches) -> None:
    """UTF-16 and UTF-32 are guessed, as json.loads does with bytes."""
    original = bodies.read_object

    async def read_object(request: Any) -> bodies.Body:
        content = await request.get_data(cache=True)
        if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
            found = json.loads(content)
            return bodies.Body(found if isinstance(found, dict) else {}, len(content))
        return await original(request)

    patch(bodies, "read_object", read_object)
