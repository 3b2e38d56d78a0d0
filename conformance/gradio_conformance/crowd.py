"""Very many sessions at once, each with one event and one stream, on one event loop.

The messages are read off each stream when it has ended. The monitor, which judges every message
while it arrives, would take longer for so many than their server does.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING
from typing import Any
from urllib.parse import quote

import h11

from gradio_conformance.faults import NonConformance
from gradio_conformance.faults import TooLate
from gradio_conformance.faults import require
from gradio_conformance.raw import JSON
from gradio_conformance.raw import PIECE
from gradio_conformance.raw import AnswerParser
from gradio_conformance.raw import Peer
from gradio_conformance.raw import RawRequest
from gradio_conformance.timeline import NOTE
from gradio_conformance.timeline import RECEIVED
from gradio_conformance.timeline import SENT
from gradio_conformance.wire import tls_context
from gradio_spec import sse

if TYPE_CHECKING:
    from gradio_conformance.probe import Probe

# What a server's backlog takes without refusing anybody.
AT_ONCE = 32
THOUSANDS = 10_000
LANE = "crowd"
CLOSE = ("Connection", "close")


@dataclass(slots=True)
class Member:
    """One session of the crowd."""

    hash: str
    function: int
    data: Sequence[Any]
    event_id: str = ""
    parser: AnswerParser = field(default_factory=AnswerParser)
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None


class Crowd:
    """``clause`` is what the server breaks that does not serve them all.

    A context: at its end all streams are dropped.
    """

    def __init__(self, probe: Probe, clause: str) -> None:
        self._probe = probe
        self._clause = clause
        self._peer = Peer.of(probe.target.base_url)
        self._runner = asyncio.Runner()
        self._members: list[Member] = []

    def __enter__(self) -> Crowd:
        return self

    def __exit__(self, *_: object) -> None:
        for member in self._members:
            if member.writer is not None:
                member.writer.transport.abort()
        self._runner.close()

    def join(self, number: int, calls: Sequence[tuple[int, Sequence[Any]]]) -> None:
        """One session each for so many joins, which take turns among the calls (function, data)."""
        stem = self._probe.session().hash
        self._members = [
            Member(f"{stem}-{place}", *calls[place % len(calls)]) for place in range(number)
        ]
        joins = [self._join(member) for member in self._members]
        self._note(SENT, f"{number} joins", self._join_of(self._members[0]))
        self._run(joins, "an answer to every join")

    def open(self) -> None:
        """Open the stream of every session; returns when all have a head with status 200."""
        self._note(SENT, f"{len(self._members)} × GET /queue/data", self._data(self._members[0]))
        self._run([self._open(member) for member in self._members], "the head of every stream")

    def hear(self) -> None:
        """Read every stream until it has told of its event; demand that none is closed then."""
        self._run([self._hear(m) for m in self._members], "a message on every stream", THOUSANDS)
        closed = [m.hash for m in self._members if m.reader is None or m.reader.at_eof()]
        told = f"{len(closed)} closed, {closed[0]} among them" if closed else ""
        require(not closed, self._clause, f"{len(self._members)} open streams", told)

    def read_to_the_end(self) -> None:
        """Read every stream to its end, and demand that it brings what is its own."""
        jobs = [self._read(member) for member in self._members]
        self._run(jobs, "the end of every stream", THOUSANDS)
        self._note(RECEIVED, f"the end of {len(self._members)} streams")
        for member in self._members:
            self._judge(member)

    # -- one of them ------------------------------------------------------------------------

    async def _answer(self, request: RawRequest) -> AnswerParser:
        reader, writer = await self._connect()
        try:
            writer.write(request.content)
            parser = AnswerParser()
            while not parser.complete:
                parser.feed(await reader.read(PIECE))
        finally:
            writer.close()
        return parser

    async def _join(self, member: Member) -> None:
        parser = await self._answer(self._join_of(member))
        try:
            member.event_id = json.loads(parser.content)["event_id"]
        except (ValueError, LookupError, TypeError):
            actual = f"{parser.status} {parser.content[:80].decode(errors='replace')}"
            raise NonConformance(self._clause, "an event_id for every join", actual) from None

    async def _open(self, member: Member) -> None:
        member.reader, member.writer = await self._connect()
        member.writer.write(self._data(member).content)
        while member.parser.status is None:
            data = await member.reader.read(PIECE)
            member.parser.feed(data)
            require(bool(data), self._clause, "the head of every stream", "the end instead")
        status = member.parser.status
        require(status == 200, self._clause, "status 200 for every stream", str(status))

    async def _read(self, member: Member) -> None:
        assert member.reader is not None
        while not member.parser.complete:
            member.parser.feed(await member.reader.read(PIECE))

    async def _hear(self, member: Member) -> None:
        assert member.reader is not None
        while member.event_id.encode() not in member.parser.content:
            data = await member.reader.read(PIECE)
            member.parser.feed(data)
            expected = f"a message of {member.event_id} on the stream of {member.hash}"
            require(bool(data), self._clause, expected, "the end of the stream")

    def _judge(self, member: Member) -> None:
        events = sse.Decoder().feed(bytes(member.parser.content))
        try:
            messages = [json.loads(event.data) for event in events]
            ids = {m.get("event_id") for m in messages} - {None}
            kinds = [m.get("msg") for m in messages]
        except (ValueError, AttributeError):
            ids, kinds = set(), []
        whose = f"the stream of {member.hash}"
        only_own = f"messages of {member.event_id} only on {whose}"
        require(ids == {member.event_id}, self._clause, only_own, str(sorted(map(str, ids))))
        last = "close_stream" if self._probe.closes_streams else "process_completed"
        ended = kinds.count("process_completed") == 1 and kinds[-1] == last
        require(ended, self._clause, f"one end, and {last} last on {whose}", str(kinds[-5:]))

    def _join_of(self, member: Member) -> RawRequest:
        body = {"data": member.data, "fn_index": member.function, "session_hash": member.hash}
        content = json.dumps(body).encode()
        return self._request("POST", "/queue/join", headers=(JSON, CLOSE), body=content)

    def _data(self, member: Member) -> RawRequest:
        path = f"/queue/data?session_hash={quote(member.hash, safe='')}"
        return self._request("GET", path, headers=(CLOSE,))

    def _request(self, method: str, path: str, **options: Any) -> RawRequest:
        return self._probe.raw_request(method, path, **options)

    # -- all of them ------------------------------------------------------------------------

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        tls = tls_context() if self._peer.tls else None
        return await asyncio.open_connection(self._peer.host, self._peer.port, ssl=tls)

    def _run(self, jobs: Sequence[Awaitable[None]], expected: str, at_once: int = AT_ONCE) -> None:
        """Do all of them; the server is late when patience ends and not one more is done."""
        try:
            self._runner.run(self._together(jobs, expected, at_once))
        except (OSError, h11.RemoteProtocolError) as error:
            self._note(NOTE, str(error))
            raise NonConformance(self._clause, expected, str(error)) from None

    async def _together(self, jobs: Sequence[Awaitable[None]], expected: str, at_once: int) -> None:
        slots = asyncio.Semaphore(at_once)

        async def one(job: Awaitable[None]) -> None:
            async with slots:
                await job

        waiting = {asyncio.ensure_future(one(job)) for job in jobs}
        try:
            while waiting:
                done, waiting = await asyncio.wait(
                    waiting,
                    timeout=self._probe.patience_s,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if not done:
                    missing = f"{len(waiting)} of {len(jobs)} are missing"
                    raise TooLate(self._clause, expected, missing)
                for task in done:
                    task.result()
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    def _note(self, direction: str, text: str, request: RawRequest | None = None) -> None:
        curl = request.curl if request is not None else None
        self._probe.timeline.add(direction, LANE, text, curl=curl)
