"""How a rule about clients is asked, and what it may answer."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from gradio_conformance.traffic.clients import JOIN
from gradio_conformance.traffic.clients import Clients
from gradio_conformance.traffic.exchange import Exchange
from gradio_conformance.traffic.site import Site

# Two connections of one client are seen in some order; the end of one and the beginning of the
# next count as that order only when they are further apart (seconds).
GRACE_S = 1.0


class Moment(Enum):
    """When a rule is asked: the request was seen, its answer has begun, or all is over."""

    REQUEST = "request"
    ANSWER = "answer"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule found: said of the exchange that it was asked about, or of ``exchange``."""

    expected: str
    actual: str
    exchange: Exchange | None = None
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """To be asked again when ``at`` has passed: whether it was an offence shows only then."""

    at: float
    find: Callable[[float], Found | None]


@dataclass(frozen=True, slots=True)
class Case:
    """What a rule may look at. ``whole``: all that the client ever asked for was seen."""

    exchange: Exchange
    clients: Clients
    now: float
    whole: bool

    @property
    def site(self) -> Site:
        return self.clients.site


Answer = Sequence[Found | Later] | None
Judgement = Callable[[Case], Answer]


@dataclass(frozen=True, slots=True)
class ClientRule:
    """``operations`` are those that it is asked about; none: all requests."""

    clause: str
    moment: Moment
    judge: Judgement
    operations: tuple[str, ...] = ()


def function_of(case: Case) -> Mapping[str, Any] | None:
    """The function that a call is about, as ``/config`` has it."""
    sent = case.exchange.sent
    if case.exchange.name == JOIN:
        index = sent.get("fn_index") if isinstance(sent, dict) else None
        return case.site.function(index=index) if index is not None else None
    return case.site.function(name=case.exchange.place.parameters.get("api_name"))
