"""What the endpoints of the testbed do with which arguments: what the machine draws from, and what
it knows of the result. The contract itself is ``testbed.yaml``, from which limits and groups come.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from gradio_conformance.stateful.script import GATE
from gradio_conformance.values import json_values
from gradio_conformance.values import related_values

RESULT = "result"
FAILURE = "failure"
CANCELLED = "cancelled"
START = "start"  # what a function journals that journals its end, too
MAX_STEPS = 3


@dataclass(frozen=True, slots=True)
class Offer:
    """One endpoint. ``releases`` says how often its gate must let it pass before it ends,
    ``result`` what it answers (``None``: not known here), ``begins`` the journal entry of its
    start.
    """

    endpoint: str
    arguments: st.SearchStrategy[list[Any]]
    releases: Callable[[list[Any]], int] = lambda data: 0
    result: Callable[[list[Any]], list[Any] | None] = lambda data: None
    ends: frozenset[str] = frozenset({RESULT})
    begins: str | None = None
    generates: bool = False
    batch: bool = False

    def gated(self, data: list[Any]) -> bool:
        return any(isinstance(item, str) and GATE in item for item in data)


def _args(*parts: st.SearchStrategy[Any] | str) -> st.SearchStrategy[list[Any]]:
    strategies = [st.just(part) if isinstance(part, str) else part for part in parts]
    return st.tuples(*strategies).map(list)


def _nested() -> st.SearchStrategy[list[Any]]:
    """Values in which something inside something else grows, shrinks or changes."""
    rows = st.lists(st.lists(st.integers(0, 2), max_size=3), max_size=2)
    return st.lists(rows, min_size=2, max_size=3) | related_values()


def _last(data: list[Any]) -> list[Any]:
    values = data[0]
    return [values[-1]] if values else [None]


def _tokens(data: list[Any]) -> list[Any]:
    words = data[0].split()
    return [" ".join(words) if words else None]


def _hold(endpoint: str) -> Offer:
    return Offer(endpoint, _args(GATE), lambda data: 1, list, begins=START)


WORDS = st.lists(st.sampled_from(["a", "bc", "ü"]), max_size=4).map(" ".join)
STEPS = st.integers(1, MAX_STEPS)
UNSERIALISABLE = ("int-keys", "big-int", "surrogate", "object", "nan", "bytes", "set")
FAILS = frozenset({FAILURE})

_OFFERS = (
    Offer("echo", _args(json_values(4)), result=list),
    Offer("no_outputs", _args(WORDS), result=lambda data: []),
    Offer("quick", _args(WORDS), result=list),
    _hold("hold"),
    _hold("hold_two"),
    _hold("hold_unlimited"),
    _hold("hold_async"),
    _hold("hold_shared_narrow"),
    Offer(
        "hold_generator",
        _args(GATE, STEPS),
        lambda data: int(data[1]),
        lambda data: [data[1] - 1],
        begins="step",
        generates=True,
    ),
    Offer("progress", _args(GATE), lambda data: 2, lambda data: ["done"]),
    Offer("hold_logs", _args(GATE, WORDS), lambda data: 1, lambda data: [data[1]]),
    Offer("logs_between", _args(WORDS), result=lambda data: ["ab"], generates=True),
    Offer("yields", _args(_nested()), result=_last, generates=True),
    Offer("tokens_async", _args(WORDS), result=_tokens, generates=True),
    Offer("fail", _args(WORDS), ends=FAILS),
    Offer("fail_user", _args(WORDS), ends=FAILS),
    Offer("fail_after", _args(STEPS, WORDS), ends=FAILS, generates=True),
    # SSE-025: a server may find a JSON form for such a value, or fail the event.
    Offer("unserialisable", _args(st.sampled_from(UNSERIALISABLE)), ends=FAILS | {RESULT}),
    Offer("batch_upper", _args(WORDS), batch=True),
    Offer("batch_upper", _args(f"hold:{GATE}"), lambda data: 1, batch=True),
    Offer("batch_fail", _args(WORDS), ends=FAILS, batch=True),
)


def offers(endpoints: Mapping[str, Any]) -> tuple[Offer, ...]:
    """What the machine may call of these endpoints (rows of ``testbed.yaml`` by name)."""
    return tuple(offer for offer in _OFFERS if offer.endpoint in endpoints)


def offer_for(endpoint: str, data: list[Any]) -> Offer:
    """The offer that a step of a script speaks of; ``KeyError`` for an endpoint not offered."""
    for offer in _OFFERS:
        if offer.endpoint == endpoint and (offer.releases(data) > 0) == offer.gated(data):
            return offer
    raise KeyError(endpoint)
