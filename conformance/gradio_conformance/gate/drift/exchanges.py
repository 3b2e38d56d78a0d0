"""The traffic of one server as exchanges, each with its answer and its stream. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from gradio_conformance.traffic.exchange import DATA
from gradio_conformance.traffic.exchange import Exchange
from gradio_conformance.traffic.model import AnswerBegan
from gradio_conformance.traffic.model import BodyPiece
from gradio_conformance.traffic.model import Observation as Seen
from gradio_conformance.traffic.model import RequestSeen
from gradio_conformance.traffic.site import CONFIG
from gradio_conformance.traffic.site import Site
from gradio_spec import sse
from gradio_spec.routes import Routes

# What a reader of words about events does not count: they come by the clock.
TICKS = frozenset({"heartbeat"})


@dataclass(slots=True)
class Told:
    """One exchange; ``events`` are those of its stream."""

    exchange: Exchange
    events: list[sse.Event] = field(default_factory=list)

    @property
    def messages(self) -> Iterator[Mapping[str, Any]]:
        """The data of each event that is a JSON object."""
        for event in self.events:
            found = value_of(event.data)
            if isinstance(found, dict):
                yield found


class Exchanges:
    """All exchanges with one server, by number."""

    def __init__(self, routes: Routes, traffic: Sequence[Seen]) -> None:
        self.site = Site(routes)
        self.by_number: dict[int, Told] = {}
        for seen in traffic:
            self._take(seen)

    def messages_of(self, event_id: str) -> list[Mapping[str, Any]]:
        """What the session streams told of one event, in order."""
        return [
            message
            for told in self.by_number.values()
            if told.exchange.name == DATA
            for message in told.messages
            if message.get("event_id") == event_id
        ]

    def _take(self, seen: Seen) -> None:
        if isinstance(seen, RequestSeen):
            place = self.site.place(seen.method, seen.target)
            self.by_number[seen.id] = Told(Exchange(seen, place))
            return
        told = self.by_number[seen.id]
        if isinstance(seen, AnswerBegan):
            told.exchange.began(seen)
        elif isinstance(seen, BodyPiece):
            told.events += told.exchange.piece(seen)
        else:
            told.exchange.over(seen)
            path = told.exchange.request.target.partition("?")[0]
            if told.exchange.status == 200 and path.endswith(CONFIG) and self.site.config is None:
                self.site.learn_config(path, bytes(told.exchange.body))


def value_of(text: str) -> Any:
    """A JSON value, also one that is not strict; ``None`` for anything else."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def word(kinds: Sequence[str]) -> str:
    """The kinds of messages in their order, without ticks, repetitions as one."""
    counted = [kind for kind in kinds if kind not in TICKS]
    return " ".join(k for i, k in enumerate(counted) if i == 0 or counted[i - 1] != k)
