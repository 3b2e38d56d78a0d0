"""Plays the script of a scenario to whoever comes: waits for requests, says messages, ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable
from collections.abc import Callable
from uuid import uuid4

from gradio_conformance.scenarios.messages import STREAM
from gradio_conformance.scenarios.messages import call_text
from gradio_conformance.scenarios.messages import dumped
from gradio_conformance.scenarios.messages import message
from gradio_conformance.scenarios.messages import pieces
from gradio_conformance.scenarios.messages import session_text
from gradio_conformance.scenarios.model import Framing
from gradio_conformance.scenarios.model import Row
from gradio_conformance.scenarios.sockets import Exchange
from gradio_conformance.scenarios.stage import JSON
from gradio_conformance.scenarios.stage import TEXT
from gradio_conformance.scenarios.stage import Stage
from gradio_conformance.scenarios.stage import sent

# Waits for a condition; False when the client is gone or its time is over.
Until = Callable[[Callable[[], bool]], Awaitable[bool]]
WORDS = {
    "join": "a call",
    "stream": "an open stream",
    "cancel": "POST cancel",
    "heartbeat": "GET heartbeat/{session_hash}",
    "upload": "POST upload",
    "login": "POST /login",
}


class Left(Exception):
    """The client has left its stream before it was over: the script is, with it."""


class Stuck(Exception):
    """The script could not go on: ``waited_for`` did not come, and ``clause`` owed it."""

    def __init__(self, waited_for: str, clause: str | None = None) -> None:
        super().__init__(waited_for)
        self.waited_for = waited_for
        self.clause = clause


class Player:
    """One playing of a script. ``line`` is the number of the statement that is being played."""

    def __init__(self, stage: Stage, until: Until, *, by_hand: bool = False) -> None:
        self.stage = stage
        self.line = 0
        self.events: dict[str, str] = {}  # call → event id
        self._until = until
        self._by_hand = by_hand
        self._framing: Framing = stage.scenario.framing
        self._joined: dict[str, Exchange] = {}
        self._streams: dict[str, Exchange] = {}

    async def play(self) -> None:
        """All statements in order; ``Stuck`` when the client does not do its part. One that leaves
        is told nothing more.
        """
        try:
            for line, row in enumerate(self.stage.scenario.script, 1):
                self.line = line
                await self._statement(row)
        except Left:
            pass

    async def _statement(self, row: Row) -> None:
        if "accept" in row:
            await self._accept(row)
        elif "refuse" in row:
            await self._refuse(row)
        elif "open" in row:
            await self._open(row)
        elif "await" in row:
            await self._await(row)
        elif "pause" in row:
            await asyncio.sleep(row["pause"])
        elif "end" in row:
            await self._end(row)
        else:
            await self._say(row)

    # -- waiting ----------------------------------------------------------------------------

    async def _wait(self, row: Row, what: str, condition: Callable[[], bool]) -> None:
        if not await self._until(condition):
            raise Stuck(what, row.get("owed"))

    async def _join(self, row: Row, call: str) -> Exchange:
        if call not in self._joined:
            await self._wait(row, f"the request that starts call {call}", lambda: self._found(call))
        return self._joined[call]

    def _found(self, call: str) -> bool:
        """Is the join of this call there? Calls are told apart by their arguments; what fits none
        is taken for the one that is waited for.
        """
        waiting = [e for e in self.stage.waiting["join"] if not e.over]
        fitting = [e for e in waiting if sent(e) == self.stage.scenario.arguments(call)]
        others = {
            dumped(row["arguments"])
            for row in self.stage.scenario.task
            if row["step"] == "call" and row["call"] != call and row["call"] not in self._joined
        }
        rest = [e for e in waiting if dumped(sent(e)) not in others]
        for exchange in [*fitting, *rest]:
            if exchange not in self._joined.values():
                self._joined[call] = exchange
                return True
        return False

    async def _accept(self, row: Row) -> None:
        call = row["accept"]
        exchange = await self._join(row, call)
        body = {"event_id": self._event(call), **self.stage.scenario.app.members.get("join", {})}
        await exchange.answer(200, JSON, json.dumps(body).encode())

    async def _refuse(self, row: Row) -> None:
        exchange = await self._join(row, row["refuse"])
        body = row["text"] if "text" in row else json.dumps(row["json"])
        refusal = (row["status"], TEXT if "text" in row else JSON, body.encode())
        self.stage.refusals[dumped(sent(exchange))] = refusal
        await exchange.answer(*refusal)

    async def _open(self, row: Row) -> None:
        name = row["open"]
        what = "stream" if name == "stream" else f"stream {self._event(name)}"
        older = self._streams.get(name)

        def there() -> bool:
            fresh = [e for e in self.stage.waiting[what] if e is not older and not e.over]
            if fresh:
                self._streams[name] = fresh[-1]
            return bool(fresh)

        await self._wait(row, f"the GET of {WORDS.get(name, f'call {name}')}", there)

    async def _await(self, row: Row) -> None:
        what = row["await"]
        if what == "join":
            await self._join(row, row["of"])
        elif what == "end":
            self.stage.closed = True
            if not self._by_hand:  # then nobody knows when the client has ended
                await self._until(lambda: False)
        else:
            await self._wait(row, WORDS[what], lambda: bool(self.stage.waiting[what]))

    # -- speaking ---------------------------------------------------------------------------

    def _event(self, call: str) -> str:
        return self.events.setdefault(call, uuid4().hex)

    def _stream(self, row: Row) -> Exchange:
        first = row.get("together", (row,))[0]
        exchange = self._streams.get(first.get("of", ""), self._streams.get("stream"))
        if exchange is None or exchange.left:
            raise Left
        return exchange

    async def _say(self, row: Row) -> None:
        exchange = self._stream(row)
        framing = self._framing
        text = "".join(self._text(part) for part in row.get("together", (row,)))
        for piece in pieces(text, framing):
            await exchange.piece(piece)
            # Others have their turn between two pieces, the reader in another process too.
            await asyncio.sleep(0.0005 if framing.piece else 0)

    def _text(self, row: Row) -> str:
        if "raw" in row:
            return str(row["raw"])
        if self.stage.scenario.surface == "call":
            text = call_text(row, self._framing)
        else:
            event = None if row["say"] in STREAM or "of" not in row else self._event(row["of"])
            text = session_text(message(row, event), self._framing)
        return text.replace("$foreign", self.stage.foreign).replace("$here", self.stage.url)

    async def _end(self, row: Row) -> None:
        exchange = self._streams[row.get("of", "stream")]
        if row["end"] == "eof":  # nothing happens where the client was quicker
            await exchange.finish()
        else:
            exchange.cut()
