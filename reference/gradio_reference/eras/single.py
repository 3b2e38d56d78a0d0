"""The families before sse_v1, in which each event has a connection of its own, and the server asks
for the arguments.

An event gets its place in the present server's queue when its arguments have come: what it is told
before is how many wait at that time, and it waits in silence for its turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Callable
from typing import Any

from gradio_reference.brokers import StreamLost
from gradio_reference.calls import accept
from gradio_reference.core import messages
from gradio_reference.core.mailbox import Address
from gradio_reference.core.messages import Message
from gradio_reference.core.model import Refused
from gradio_reference.endpoint import Endpoint
from gradio_reference.eras.era import Era
from gradio_reference.eras.files import Files
from gradio_reference.eras.ledger import Ledger
from gradio_reference.eras.voice import Voice
from gradio_reference.ids import new_id
from gradio_reference.incoming import Incoming
from gradio_reference.service import Service
from gradio_reference.validators import Invalid
from gradio_reference.worker import Call
from gradio_reference.worker import DirectFailure

SEND_DATA = "send_data"
QUEUE_FULL: Message = {"msg": "queue_full"}
_IN_SILENCE = frozenset({"estimation", "close_stream"})  # after the arguments have come


class Connections:
    """The events of one server whose clients are there."""

    def __init__(self, era: Era, ledger: Ledger, provide: Callable[[], Service]) -> None:
        self.era = era
        self.ledger = ledger
        self.provide = provide
        self._open: dict[str, Connection] = {}

    def open(self, asked: Incoming, session: str, fn: int) -> Connection:
        """A connection of an event of the function ``fn``; ``IndexError`` if there is none."""
        if fn < 0:
            raise IndexError(fn)
        connection = Connection(self, asked, session, self.provide().endpoints[fn])
        self._open[connection.id] = connection
        return connection

    def keep(self, content: bytes, name: str) -> str:
        """Store a file; its path."""
        store = self.provide().files
        draft = store.draft()
        draft.write(content)
        return store.keep(draft, name)

    def forget(self, event_id: str) -> None:
        self._open.pop(event_id, None)

    def find(self, event_id: str) -> Connection | None:
        return self._open.get(event_id)

    async def reset(self, body: Any) -> None:
        """Stop what a client names: an event, or in ws those of a function in a session."""
        if not isinstance(body, dict):
            return
        for connection in list(self._open.values()):
            names: dict[str, Any] = {"event_id": connection.id}
            if "event_id" not in body:
                names = {"session_hash": connection.session, "fn_index": connection.endpoint.index}
            if names.items() <= body.items():
                await connection.reset()


class Connection:
    """One event on its connection."""

    def __init__(
        self, all_of: Connections, asked: Incoming, session: str, endpoint: Endpoint
    ) -> None:
        self.id = new_id()
        self.session = session
        self.endpoint = endpoint
        self.user = asked.username
        self._given: asyncio.Future[tuple[list[Any], int]] | None = None
        self._all = all_of
        self._service = all_of.provide()
        self._asked = asked
        self._voice = Voice(all_of.era, all_of.ledger)
        self._files = Files(all_of.era, all_of.keep)
        self._stream: Any = None
        self._event_id: str | None = None
        self._last: list[Any] | None = None
        self._is_reset = False

    async def place(self) -> Message | None:
        """The first thing that the client is told: its place, or None if the queue is full."""
        broker = self._service.broker
        try:
            await broker.require_room()
        except Refused:
            return None
        waiting = await broker.waiting()
        eta = broker.mean_duration(self.endpoint.index)
        place = messages.estimation(self.id, waiting, waiting + 1, eta)
        return self._voice.say(place)[0]

    def given(self, data: list[Any], size: int) -> None:
        """The arguments have come by a request of their own; the first ones count."""
        given = self._arguments()
        if not given.done():
            given.set_result((data, size))

    async def has_arguments(self, timeout: float) -> bool:
        """Wait for the arguments, ``timeout`` seconds at most."""
        await asyncio.wait({self._arguments()}, timeout=timeout)
        return self._arguments().done()

    async def begin_given(self) -> Message | None:
        return await self.begin(*self._arguments().result())

    def _arguments(self) -> asyncio.Future[tuple[list[Any], int]]:
        if self._given is None:
            self._given = asyncio.get_running_loop().create_future()
        return self._given

    async def begin(self, data: list[Any], size: int) -> Message | None:
        """The arguments have come; what the event ends with if it cannot begin."""
        root = self._asked.root(self._service.settings.root_path)
        request = self._asked.snapshot(self.session)
        made = Call(self._files.read(data), request, root, size)
        try:
            self._event_id = await accept(
                self._service, self.endpoint, made, full_chunks=True, owner=self.id
            )
        except (Refused, Invalid, DirectFailure) as refusal:
            return self._failed(str(refusal))
        self._stream = self._service.broker.stream(Address(self.id))
        return None

    def _failed(self, text: str | None) -> Message:
        failure = messages.Failure({"error": text})
        *_, last = self._voice.say(messages.process_failed(self.id, failure))
        return last

    async def next(self, timeout: float) -> tuple[list[Message], bool]:
        """What there is to be told, after ``timeout`` seconds at most, and whether it is all."""
        try:
            batch = await self._stream.next(timeout)
        except StreamLost:
            return [], True
        said = [part for message in batch.messages for part in self._told(message)]
        return said, batch.finished

    def _told(self, message: Message) -> list[Message]:
        if message["msg"] in _IN_SILENCE:
            return []
        message = message | {"event_id": self.id}  # of which the client has been told already
        if message["msg"] == "progress":
            message = message | {
                "progress_data": [_whole(unit) for unit in message["progress_data"]]
            }
        if message["msg"] == "process_completed" and self._is_reset:
            return self._end_of_reset(message)
        if message["msg"] == "process_generating":
            self._last = message["output"]["data"]
        said = self._voice.say(message)
        kind = said[-1]["msg"] if said else None
        if kind == "process_generating" and self._all.era.does("probes"):
            said.append({"msg": "alive?"})
        return said

    def _end_of_reset(self, message: Message) -> list[Message]:
        """In ws a stopped generator ended with what it had told last; in sse nothing was told."""
        if "heartbeat" in self._all.era.says:
            return []
        if self._last is None:
            return [self._failed(None)]
        output = messages.output(self._last, is_generating=True, duration=0.0, average=None)
        return self._voice.say(messages.process_completed(self.id, output))

    async def reset(self) -> None:
        if self._event_id is not None and not self._is_reset:
            self._is_reset = True
            await self._service.broker.cancel(self._event_id, self.id, self.endpoint.index)

    def close(self) -> None:
        """The connection is over, whoever ended it."""
        self._all.forget(self.id)
        if self._stream is not None:
            self._stream.close()

    async def told(self, interval: float) -> AsyncIterator[list[Message]]:
        """Everything from the start on, with nothing where ``interval`` seconds were silent."""
        over = False
        while not over:
            said, over = await self.next(interval)
            yield said


def _whole(unit: dict[str, Any]) -> dict[str, Any]:
    """A level of progress with whole numbers, for that was what they were."""
    counts = {name: unit[name] for name in ("index", "length") if unit[name] is not None}
    return unit | {name: int(count) for name, count in counts.items()}
