"""What is seen of HTTP traffic: frozen observations, in the order in which they were made.

For each exchange (one request and its answer, ``id`` counts from 1) ``RequestSeen`` first, whole;
then ``AnswerBegan`` once, ``BodyPiece`` for each piece as it came off the network, ``ExchangeOver``
at last. Those of several exchanges are interleaved. ``at`` is in seconds since the recording began.
``staged`` marks what a test put in the server's place on purpose: the client is judged by it, the
server is not. ``omitted`` counts bytes of a body that passed and were not kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Headers = Sequence[tuple[str, str]]
# eof: the answer came to its end. cut: the server, or what is between, broke off, also before it
# had begun. left: the client went away. open: the recording ends before the answer does.
How = Literal["eof", "cut", "left", "open"]


@dataclass(frozen=True, slots=True)
class RequestSeen:
    """A request; ``target`` is path and query as sent. ``client`` tells connections of one client
    program from those of others, where that is known (an address, the name of a browser tab).
    """

    id: int
    at: float
    method: str
    target: str
    headers: Headers
    body: bytes = b""
    client: str = ""
    omitted: int = 0


@dataclass(frozen=True, slots=True)
class AnswerBegan:
    id: int
    at: float
    status: int
    headers: Headers
    staged: bool = False


@dataclass(frozen=True, slots=True)
class BodyPiece:
    id: int
    at: float
    data: bytes
    omitted: int = 0


@dataclass(frozen=True, slots=True)
class ExchangeOver:
    id: int
    at: float
    how: How
    staged: bool = False


Observation = RequestSeen | AnswerBegan | BodyPiece | ExchangeOver


@dataclass(frozen=True, slots=True)
class Offence:
    """One broken clause in the traffic: who broke it (``server`` or ``client``), at which exchange,
    what should have been seen, and what was. ``bugs``: the classes of client defects this looks
    like (``client.yaml``).
    """

    side: Literal["server", "client"]
    clause: str
    exchange: int
    at: float
    expected: str
    actual: str
    event_id: str | None = None
    session_hash: str | None = None
    bugs: tuple[str, ...] = ()
