"""What can be made to go wrong, where it happens, and for which calls it is switched on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace
from enum import StrEnum
from typing import Any

ALL = "*"
HEADER = "x-mock-fault"
QUERY = "mock_fault"
SLEEP = 5.0  # seconds
SLOW = 2.0


class Where(StrEnum):
    """Who brings a fault about."""

    REQUEST = "request"  # the request that makes a call is refused
    STREAM = "stream"  # the stream that tells of the call breaks its word
    FUNCTION = "function"  # the function does
    SERVER = "server"  # nothing answers


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of fault, in words for its user."""

    name: str
    where: Where
    text: str


KINDS = {
    kind.name: kind
    for kind in (
        Kind("queue-full", Where.REQUEST, "the queue takes no more calls: 503"),
        Kind("invalid", Where.REQUEST, "the call is refused: 422"),
        Kind("server-error", Where.REQUEST, "the server fails: 500"),
        Kind("quota", Where.FUNCTION, "the caller has no GPU time left: an error with that title"),
        Kind("fail", Where.FUNCTION, "the function fails, a generator after some of its values"),
        Kind("slow", Where.FUNCTION, "every result takes seconds"),
        Kind("cut", Where.STREAM, "the connection breaks"),
        Kind("silent", Where.STREAM, "nothing more comes, not even heartbeats"),
        Kind("unexpected-error", Where.STREAM, "the stream ends with an unexpected_error"),
        Kind("sleeping", Where.SERVER, "503 and a page of HTML until the server is awake"),
    )
}


class FaultError(ValueError):
    """There is no such fault, or not with these options; the message says which."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that is switched on. ``seconds``: of *slow* between two results, of *sleeping* until
    the server is awake; ``after``: how many results come before; ``times``: how many calls it is
    for, None: all; ``message``: what it says.
    """

    kind: Kind
    seconds: float | None = None
    after: int | None = None
    times: int | None = None
    message: str | None = None

    @property
    def name(self) -> str:
        return self.kind.name

    def as_json(self) -> dict[str, Any]:
        members = {n: getattr(self, n) for n in ("seconds", "after", "times", "message")}
        return {"fault": self.name} | {n: v for n, v in members.items() if v is not None}

    def as_header(self) -> str:
        """As ``from_header`` reads it."""
        options = (("seconds", self.seconds), ("after", self.after), ("message", self.message))
        return ";".join([self.name, *(f"{n}={v}" for n, v in options if v is not None)])


def fault_of(said: Any) -> Fault:
    """Of a name, or an object with one and options. Raises ``FaultError``."""
    if isinstance(said, str):
        said = {"fault": said}
    if not isinstance(said, Mapping):
        raise FaultError(f"fault: {said!r} is neither a name nor an object")
    unknown = set(said) - {"fault", "seconds", "after", "times", "message"}
    if unknown:
        raise FaultError(f"{min(unknown)}: no fault has such an option")
    name = said.get("fault")
    if name not in KINDS:
        raise FaultError(f"fault: {name!r}; there are {', '.join(KINDS)}")
    return Fault(
        KINDS[name],
        _number(said, "seconds", float),
        _number(said, "after", int),
        _number(said, "times", int, least=1),
        None if said.get("message") is None else str(said["message"]),
    )


def _number(said: Mapping[str, Any], name: str, kind: type, least: int = 0) -> Any:
    value = said.get(name)
    if value is None:
        return None
    try:
        number = kind(value)
    except (TypeError, ValueError, OverflowError):
        raise FaultError(f"{name}: {value!r} is no number") from None
    if isinstance(value, bool) or not least <= number < float("inf"):
        raise FaultError(f"{name}: {value!r} is less than {least}, or no number")
    return number


def from_header(text: str) -> Fault | None:
    """``NAME`` or ``NAME;seconds=1;after=2``; ``none``: no fault, whatever is switched on. Raises
    ``FaultError``.
    """
    name, *options = (part.strip() for part in text.split(";"))
    if name == "none":
        return None
    pairs = [re.fullmatch(r"(\w+)\s*=\s*(.*)", option) for option in options if option]
    if not all(pairs):
        raise FaultError(f"{HEADER}: {text!r} is not NAME;option=value")
    return fault_of({"fault": name} | {pair[1]: pair[2] for pair in pairs if pair})


class Switchboard:
    """Which fault is on for which endpoint; ``ALL`` for those without one of their own."""

    def __init__(self, start: Mapping[str, Fault]) -> None:
        self._start = dict(start)
        self._on = dict(start)

    @property
    def on(self) -> Mapping[str, Fault]:
        return self._on

    def switch(self, endpoint: str, fault: Fault | None) -> None:
        if fault is None:
            self._on.pop(endpoint, None)
        else:
            self._on[endpoint] = fault

    def reset(self) -> None:
        """As it was at the start."""
        self._on = dict(self._start)

    def take(self, endpoint: str | None) -> Fault | None:
        """The fault of a call to this endpoint; one that is for some calls only is used up."""
        key = endpoint if endpoint in self._on else ALL
        fault = self._on.get(str(key))
        if fault is None or fault.kind.where is Where.SERVER:
            return None
        if fault.times is not None:
            left = replace(fault, times=fault.times - 1) if fault.times > 1 else None
            self.switch(str(key), left)
        return fault
