"""Drives the servers of one testbed and keeps what is seen: an observation."""

from __future__ import annotations

import json
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from itertools import count
from typing import Any

from gradio_conformance.faults import NonConformance
from gradio_conformance.gate.drift.acting import Played
from gradio_conformance.gate.drift.acting import Player
from gradio_conformance.gate.drift.observation import Observation
from gradio_conformance.gate.drift.observation import Subject
from gradio_conformance.gate.drift.plan import Step
from gradio_conformance.gate.drift.plan import plan
from gradio_conformance.gate.drift.tape import Tape
from gradio_conformance.target import Target
from gradio_conformance.target import Unreachable
from gradio_conformance.target import discover
from gradio_conformance.traffic.model import BodyPiece
from gradio_conformance.traffic.model import Observation as Seen
from gradio_conformance.traffic.model import RequestSeen
from gradio_spec.loader import load_spec

MAIN = "main"
# More bytes than the smallest limit of the testbed lets pass.
LARGE = "x" * 2000
OPENAPI = "/openapi.json"
TRACEBACK = b"Traceback (most recent call last):"
Told = Callable[[int, int, str], None]


def observe(
    url: str, named: str, *, patience_s: float = 10.0, told: Told | None = None
) -> Observation:
    """Play the plan on the server at ``url`` and what its testbed names; ``named`` is what the
    user called it. ``told`` gets the number of steps done, of all, and the name of the next.
    ``Unreachable`` if nothing answers.
    """
    steps = plan()
    ids = count(1)
    main = discover(url, load_spec())
    played: list[Played] = []
    traffic: dict[str, tuple[Seen, ...]] = {}
    for server in dict.fromkeys(step.server for step in steps):
        own = [step for step in steps if step.server == server]
        with _at(server, main, ids, patience_s) as (player, tape):
            for step in own:
                if told is not None:
                    told(len(played), len(steps), step.id)
                played.append(player(step))
            if tape is not None:
                traffic[server] = tuple(map(_bounded(tape.observations), tape.observations))
    return Observation(_subject(named, main), tuple(played), traffic)


@contextmanager
def _at(
    server: str, main: Target, ids: count[int], patience_s: float
) -> Iterator[tuple[Callable[[Step], Played], Tape | None]]:
    """What plays the steps of one server, or says why nothing can."""
    target = main if server == MAIN else _other(server, main)
    if isinstance(target, str):
        why = target
        yield (lambda step: Played(step.id, step.server, {}, skipped=why)), None
        return
    tape = Tape(target.base_url, ids, patience_s)
    try:
        # So that who reads the recording knows the server's own description of itself.
        tape.request("GET", "/config", headers=target.headers)
        yield Player(target, tape, {"large": LARGE}).play, tape
    finally:
        tape.close()


def _other(server: str, main: Target) -> Target | str:
    """Another server of the testbed; a text says why there is none."""
    url = main.server_url(server)
    if url is None:
        return f"there is no server {server}"
    spec = load_spec()
    users = spec.testbed["servers"][server].get("users", [None])
    try:
        return discover(url, spec, users[0])
    except (Unreachable, NonConformance) as error:
        return f"the server {server} cannot be used: {error}"


def _subject(named: str, main: Target) -> Subject:
    config = main.config
    protocol, version = config.get("protocol"), config.get("version")
    return Subject(
        named,
        protocol if isinstance(protocol, str) else None,
        version if isinstance(version, str) else None,
        is_testbed=main.is_testbed,
    )


def _bounded(seen: list[Seen]) -> Callable[[Seen], Seen]:
    """Of the server's OpenAPI document, which is large, only the names of the paths are kept."""
    large = {o.id for o in seen if isinstance(o, RequestSeen) and o.target.endswith(OPENAPI)}

    def bounded(observation: Seen) -> Seen:
        if not isinstance(observation, BodyPiece):
            return observation
        if observation.data.startswith(TRACEBACK):  # it names the folders of this machine
            return BodyPiece(observation.id, observation.at, TRACEBACK)
        if observation.id not in large:
            return observation
        return BodyPiece(observation.id, observation.at, _paths_of(observation.data))

    return bounded


def _paths_of(data: bytes) -> bytes:
    try:
        found: Any = json.loads(data)
    except (ValueError, RecursionError):
        return data
    if not isinstance(found, Mapping) or not isinstance(found.get("paths"), Mapping):
        return data
    kept: dict[str, Any] = {
        "openapi": found.get("openapi"),
        "paths": {path: {} for path in found["paths"]},
    }
    return json.dumps(kept).encode()
