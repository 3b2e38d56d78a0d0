"""What a scenario works with: official clients, the testbed's controls, keys of its own."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
from gradio_client import Client  # type: ignore[import-not-found,import-untyped,unused-ignore]

DEADLINE = 30.0  # seconds; only a broken server or client makes anything wait that long
POLL = 0.01

Json = Any
Scenario = Callable[["Bench"], Json]
SCENARIOS: dict[str, Scenario] = {}


class ScenarioError(AssertionError):
    """A scenario did not get as far as it must on every server."""


def scenario(function: Scenario) -> Scenario:
    """Enter a function into SCENARIOS under its own name."""
    SCENARIOS[function.__name__] = function
    return function


def until(what: str, condition: Callable[[], Any]) -> Any:
    """The first true value of `condition`; ScenarioError naming `what` after the deadline."""
    late = time.monotonic() + DEADLINE
    pause = threading.Event()
    while not (value := condition()):
        if time.monotonic() > late:
            raise ScenarioError(f"{what}: not within {DEADLINE:g} s")
        pause.wait(POLL)
    return value


class Bench:
    """One run against one testbed: `url` is its main server, `second` and `stateful` the others."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.run = os.urandom(6).hex()
        self._http = httpx.Client(timeout=DEADLINE)
        config = self._http.get(f"{url}/config").raise_for_status().json()
        self._prefix = url + config["api_prefix"]
        settings = self.control("settings")
        self.second = str(settings["second"])
        self.stateful = str(settings["stateful"])
        self.client = self.connect()

    def connect(self, url: str | None = None, **options: Any) -> Any:
        """A new official client, which has a session of its own."""
        return Client(url or self.url, verbose=False, analytics_enabled=False, **options)

    def key(self, name: str) -> str:
        """A gate and journal key that no other run uses; transcripts show only `name`."""
        return f"{self.run}-{name}"

    def hide(self, text: str) -> str:
        return text.replace(f"{self.run}-", "").replace(f"{self.run}-".upper(), "")

    def control(self, name: str, *arguments: Json, server: str | None = None) -> Json:
        """Call a control endpoint over plain HTTP, past the client under test."""
        prefix = self._prefix.replace(self.url, server or self.url, 1)
        reply = self._http.post(f"{prefix}/run/{name}", json={"data": list(arguments)})
        return reply.raise_for_status().json()["data"][0]

    def release(self, key: str, times: int = 1, *, server: str | None = None) -> None:
        self.control("release", key, times, server=server)

    def journal(self, key: str, *, server: str | None = None) -> list[str]:
        """Lines such as "start" or "step 0" that the testbed noted under `key`, in order."""
        entries = self.control("journal", key, server=server)
        return [
            entry["what"] if entry["n"] is None else f"{entry['what']} {entry['n']}"
            for entry in entries
        ]

    def until_noted(self, key: str, line: str, *, server: str | None = None) -> None:
        until(
            f"journal of {self.hide(key)}: {line}",
            lambda: line in self.journal(key, server=server),
        )
