"""Bends an event stream, message by message. Sans-I/O: bytes in, bytes out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Any

from gradio_conformance.mutants.rules import Rule
from gradio_conformance.mutants.rules import bend
from gradio_conformance.mutants.rules import filled
from gradio_spec import sse


@dataclass(slots=True)
class Item:
    """One message on its way out. ``raw`` replaces the framing; ``{json}`` in it is the message's
    JSON text.
    """

    value: Any  # the message, or {"event", "data"} on a call stream
    call: bool
    raw: str | None = None
    encoding: str = "utf-8"
    exchanges: dict[str, str] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        name = (
            self.value.get("event" if self.call else "msg")
            if isinstance(self.value, dict)
            else None
        )
        return str(name)

    @property
    def event_id(self) -> Any:
        return None if self.call or not isinstance(self.value, dict) else self.value.get("event_id")

    def encode(self) -> bytes:
        payload = self.value.get("data") if self.call else self.value
        text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
        name = self.value.get("event") if self.call else None
        if self.raw is not None:
            text = self.raw.replace("{json}", text).replace("{event}", str(name))
        else:
            text = sse.encode(text, event=name).decode()
        for old, new in self.exchanges.items():
            text = text.replace(old, new)
        return text.encode(
            self.encoding, "surrogatepass" if self.encoding == "utf-8" else "replace"
        )


@dataclass(slots=True)
class Held:
    """A message that is kept back until one of ``until`` passes (any, if empty)."""

    item: Item
    until: tuple[str, ...]
    before: bool
    own: bool  # only a message of the same event lets it go


class Stream:
    """One response under its message rules. ``ending`` says how it is to end early: end, cut or
    hang.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._decoder = sse.Decoder()
        self._held: list[Held] = []
        self._counts: dict[int, int] = {}
        self.ending: str | None = None

    def feed(self, chunk: bytes) -> bytes:
        """The bytes to send instead of these."""
        out = b""
        for event in self._decoder.feed(chunk):
            if self.ending is None:
                out += b"".join(item.encode() for item in self._treat(_item(event)))
        return out

    def finish(self) -> bytes:
        """What is still held when the response ends by itself."""
        items = [held.item for held in self._held]
        self._held = []
        return b"".join(item.encode() for item in items)

    def _treat(self, item: Item) -> list[Item]:
        out = [item]
        for number, rule in enumerate(self._rules):
            if not out or out[-1] is not item or not rule.means(item.kind, item.value):
                continue
            self._counts[number] = self._counts.get(number, 0) + 1
            if rule.nth in (None, self._counts[number]):
                out = self._act(rule, item)
        return self._with_held(out) if out else []

    def _act(self, rule: Rule, item: Item) -> list[Item]:
        actions = rule.do
        item.value = bend(item.value, actions)
        item.raw = actions.get("raw", item.raw)
        item.encoding = actions.get("encoding", item.encoding)
        item.exchanges |= actions.get("exchange", {})
        self.ending = actions.get("then", self.ending)
        if "hold" in actions:
            self._hold(item, actions["hold"])
            return []
        if actions.get("drop"):
            return []
        extra = {
            side: [Item(filled(actions[side], item.value), item.call)] if side in actions else []
            for side in ("before", "after")
        }
        copies = [_twin(item) for _ in range(actions.get("repeat", 0))]
        return [*extra["before"], *copies, item, *extra["after"]]

    def _hold(self, item: Item, how: Mapping[str, Any]) -> None:
        until = tuple(how.get("until", ()))
        self._held.append(Held(item, until, how.get("place") == "before", how.get("own", False)))

    def _with_held(self, out: list[Item]) -> list[Item]:
        passing = out[-1]
        free = [held for held in self._held if _lets_go(held, passing)]
        self._held = [held for held in self._held if held not in free]
        before = [held.item for held in free if held.before]
        return [*before, *out, *(held.item for held in free if not held.before)]


def _lets_go(held: Held, passing: Item) -> bool:
    if held.own and held.item.event_id != passing.event_id:
        return False
    return not held.until or passing.kind in held.until


def _twin(item: Item) -> Item:
    return Item(item.value, item.call, item.raw, item.encoding, dict(item.exchanges))


def _item(event: sse.Event) -> Item:
    try:
        value = json.loads(event.data)
    except ValueError:
        # No JSON, as on the heartbeat route: it stays as it is, unless a rule says otherwise.
        raw = sse.encode(event.data, event=event.event).decode()
        return Item({"event": event.event, "data": event.data}, call=True, raw=raw)
    call = event.event is not None
    return Item({"event": event.event, "data": value} if call else value, call)
