"""How an event is asked for in the language of each peer. The workloads know only `Dialect`."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from typing import Protocol

from sidebyside.connections import Client
from sidebyside.declared import Peer
from sidebyside.faults import Broken
from sidebyside.judging import MonitorWitness
from sidebyside.judging import Verdict
from sidebyside.judging import Witness
from sidebyside.sinks import Tally

API = "/gradio_api"


@dataclass(frozen=True, slots=True)
class Running:
    """An event whose stream is open."""

    client: Client
    heard: Tally

    async def end(self, expected: str) -> Tally:
        """Wait for the end of the stream. Raises ``Broken`` if its end lacks what is expected."""
        try:
            await self.client.finish()
        except Broken as cut:
            raise Broken(f"{cut}, after {self.heard.tail[-300:]!r}") from cut
        self.heard.close()
        if expected.encode() not in self.heard.tail:
            raise Broken(f"no {expected!r} in the end of a stream: {self.heard.tail[-200:]!r}")
        return self.heard

    async def drop(self, text: str | None = None) -> None:
        """Leave in the middle: as soon as this text, or with None the first message, has come.
        Raises ``Broken`` if the stream ends without it.
        """
        found = self.heard.expect(None if text is None else text.encode())
        heard = asyncio.create_task(found.wait())
        over = asyncio.create_task(self.client.finish())
        try:
            await asyncio.wait({heard, over}, return_when=asyncio.FIRST_COMPLETED)
            if not found.is_set():
                await over
                raise Broken(f"a stream ended without {text!r}: {self.heard.tail[-200:]!r}")
        finally:
            heard.cancel()
            over.cancel()
        self.client.close()
        self.heard.drop()


class Dialect(Protocol):
    """What a workload can ask of a server. ``joins``: whether an event is asked for by a request of
    its own, whose stream may then be opened, or not.
    """

    joins: bool

    async def prepare(self, client: Client) -> None:
        """Learn what is needed before the first event."""

    async def begin(self, client: Client, function: str, value: Any) -> Running:
        """Ask for an event; returns when the head of its stream is there."""

    async def join(self, client: Client, function: str, value: Any) -> str:
        """Ask for an event without opening its stream; returns its session."""

    async def open_gate(self, client: Client) -> None:
        """Let `queued` run."""

    def verdict(self) -> Verdict | None:
        """What the judging pass has found; None when this is not one."""


class GradioDialect:
    """A join, then the stream of a session made for this event, as the Python client does."""

    joins = True

    def __init__(self, peer: Peer, *, judging: bool) -> None:
        self._witness = MonitorWitness(peer.known) if judging else None
        self._indices: dict[str, int] = {}
        self._numbers = itertools.count()

    async def prepare(self, client: Client) -> None:
        answer = await client.fetch("GET", "/config")
        for item in json.loads(answer.body)["dependencies"]:
            self._indices[item["api_name"]] = item["id"]

    async def begin(self, client: Client, function: str, value: Any) -> Running:
        session = await self.join(client, function, value)
        heard = Tally() if self._witness is None else self._witness.sink(session)
        path = f"{API}/queue/data?session_hash={session}"
        await _open(client, "GET", path, b"", heard)
        return Running(client, heard)

    async def join(self, client: Client, function: str, value: Any) -> str:
        session = f"s{next(self._numbers)}"
        asked = {"data": [value], "fn_index": self._indices[function], "session_hash": session}
        if self._witness is not None:
            self._witness.joining(session)
        answer = await client.fetch("POST", f"{API}/queue/join", json.dumps(asked).encode())
        if answer.status != 200:
            raise Broken(f"join: {answer.status} {answer.body[:200]!r}")
        if self._witness is not None:
            self._witness.joined(session, json.loads(answer.body)["event_id"])
        return session

    async def open_gate(self, client: Client) -> None:
        await _control(client, f"{API}/run/open_gate", {"data": []})

    def verdict(self) -> Verdict | None:
        return None if self._witness is None else self._witness.verdict()


class PostDialect:
    """One POST that is answered with the stream: hand-written SSE, and LangServe."""

    joins = False

    def __init__(self, *, path: str, member: str, gap: bytes, judging: bool) -> None:
        self._path = path
        self._member = member
        self._gap = gap
        self._witness = Witness() if judging else None

    async def prepare(self, client: Client) -> None:
        """Nothing is to be learnt."""

    async def begin(self, client: Client, function: str, value: Any) -> Running:
        heard = Tally(self._gap) if self._witness is None else self._witness.sink(self._gap)
        body = json.dumps({self._member: value}).encode()
        await _open(client, "POST", self._path.format(function=function), body, heard)
        return Running(client, heard)

    async def join(self, client: Client, function: str, value: Any) -> str:
        raise Broken("this server has no streams apart from the request")

    async def open_gate(self, client: Client) -> None:
        await _control(client, "/open_gate", {})

    def verdict(self) -> Verdict | None:
        return None if self._witness is None else self._witness.verdict()


def _fastapi(_peer: Peer, *, judging: bool) -> Dialect:
    return PostDialect(path="/{function}", member="value", gap=b"\n\n", judging=judging)


def _langserve(_peer: Peer, *, judging: bool) -> Dialect:
    return PostDialect(path="/{function}/stream", member="input", gap=b"\r\n\r\n", judging=judging)


DIALECTS: dict[str, Callable[..., Dialect]] = {
    "gradio": GradioDialect,
    "fastapi": _fastapi,
    "langserve": _langserve,
}


async def _open(client: Client, method: str, path: str, body: bytes, heard: Tally) -> None:
    status = await client.start(method, path, body, heard.feed)
    if status != 200:
        await client.finish()
        raise Broken(f"{method} {path}: {status} {heard.tail[:200]!r}")


async def _control(client: Client, path: str, body: Any) -> None:
    answer = await client.fetch("POST", path, json.dumps(body).encode())
    if answer.status != 200:
        raise Broken(f"POST {path}: {answer.status} {answer.body[:200]!r}")
