"""Each rule about clients in twins: what breaks its clause, and what is one step away from it."""

from __future__ import annotations

from typing import Any

import pytest

from gradio_conformance.traffic.client_rules import RULES
from gradio_conformance.traffic.client_rules.sessions import most_bits
from gradio_conformance.traffic.judge import Judge
from gradio_conformance.traffic.model import Offence
from gradio_spec.loader import load_spec

from . import scenes_asking
from . import scenes_calls
from . import scenes_files
from . import scenes_sessions
from .scenes import ACCEPT
from .scenes import REJECT
from .scenes import Scene
from .talk import Talk
from .talk import config

SPEC = load_spec()
SCENES = (scenes_asking, scenes_calls, scenes_files, scenes_sessions)  # which list themselves
META = {"_type": "gradio.FileData"}


def judged(scene: Scene, *, whole: bool = False) -> tuple[Offence, ...]:
    """The offences of clients in a scene, which goes on for a while without anything new."""
    talk = Talk()
    scene(talk)
    talk.wait(60)
    talk.get("/nothing", b"", 404)
    judge = Judge(SPEC, sides=("client",), whole=whole)
    for observation in talk.observations:
        judge.feed(observation)
    judge.finish()
    return tuple(judge.offences)


def test_every_clause_that_traffic_shows_has_a_rule_and_twins() -> None:
    shown = {c.id for c in SPEC.client.values() if c.seen_in == "traffic"}
    assert {rule.clause for rule in RULES} == shown
    assert {clause for clause, _, _ in ACCEPT} == shown
    assert {clause for clause, _, _ in REJECT} == shown


@pytest.mark.parametrize(
    ("clause", "scene"), [(c, s) for c, _, s in REJECT], ids=[f"{c}-{n}" for c, n, _ in REJECT]
)
def test_rejected(clause: str, scene: Scene) -> None:
    for whole in (False, True):
        found = judged(scene, whole=whole)
        assert clause in {offence.clause for offence in found}
    assert {o.clause for o in judged(scene)} == {clause}
    offence = found[0]
    assert offence.side == "client"
    assert offence.exchange > 0
    assert offence.expected
    assert offence.actual


@pytest.mark.parametrize(
    ("clause", "scene"), [(c, s) for c, _, s in ACCEPT], ids=[f"{c}-{n}" for c, n, _ in ACCEPT]
)
def test_accepted(clause: str, scene: Scene) -> None:
    assert clause not in {offence.clause for offence in judged(scene)}


@pytest.mark.parametrize("clause", ["CLIENT-002", "CLIENT-025"])
def test_what_only_a_whole_recording_shows(clause: str) -> None:
    def scene(talk: Talk) -> None:
        if clause == "CLIENT-002":
            talk.join()
        else:
            talk.meet().call("size", [{"path": "/tmp/gradio/from/before.txt", "meta": META}])

    def found(whole: bool) -> set[Any]:
        talk = Talk()
        scene(talk)
        known: Any = {"config": config()} if clause == "CLIENT-002" else {}
        judge = Judge(SPEC, sides=("client",), whole=whole, **known)
        return {o.clause for seen in talk.observations for o in judge.feed(seen)}

    assert (found(True), found(False)) == ({clause}, set())


def test_the_bugs_are_those_of_the_clause() -> None:
    (offence,) = judged(scenes_sessions.a_heartbeat_of_an_event)
    assert offence.bugs == SPEC.client["CLIENT-022"].bugs == ("folk-heartbeat",)
    assert offence.event_id == "e1"


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [("", 0, 0), ("aaaaaaaaaaaa", 0, 0), ("123456789", 29, 30), ("0azc4g2kwr7", 56, 57)],
)
def test_how_much_chance_a_text_holds(text: str, least: float, most: float) -> None:
    assert least <= most_bits(text) <= most
