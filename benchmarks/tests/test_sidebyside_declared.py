"""What is measured, as declared and as the command line changes it."""

from __future__ import annotations

import pytest

from gradio_spec.loader import load_known
from sidebyside.declared import DeclarationError
from sidebyside.declared import chosen
from sidebyside.declared import load


def names(plan_part: tuple[object, ...]) -> list[str]:
    return [part.name for part in plan_part]  # type: ignore[attr-defined]


@pytest.mark.parametrize("quick", [False, True])
def test_the_declarations_are_sound(quick: bool) -> None:
    plan = load(quick=quick)
    peers = {peer.name: peer for peer in plan.peers}
    assert {plan.baseline, plan.floor} <= set(peers)
    assert len(peers) == len(plan.peers)
    assert len({case.name for case in plan.cases}) == len(plan.cases)
    for peer in plan.peers:
        assert peer.known is None or load_known(peer.known).entries


def test_every_case_with_messages_has_a_pass_with_the_monitor() -> None:
    for case in load().cases:
        assert (case.judged is not None) == (case.kind not in ("start", "size")), case.name
        for name, value in (case.judged or {}).items():
            assert value <= case.parameters[name], f"{case.name}: {name}"


def test_one_value_of_a_size_is_one_case() -> None:
    plan = chosen(load(changes=["deep-queue.waiting=7,9"]), cases=["deep-queue"])
    assert names(plan.cases) == ["deep-queue[7]", "deep-queue[9]"]
    assert [case.parameters["waiting"] for case in plan.cases] == [7, 9]
    assert [case.judged["waiting"] for case in plan.cases if case.judged] == [7, 9]


def test_a_parameter_and_a_deadline_can_be_set() -> None:
    plan = load(changes=["history.seconds=0.5", "history.deadline_s=9"])
    case = next(case for case in plan.cases if case.workload == "history")
    assert (case.parameters["seconds"], case.deadline_s) == (0.5, 9)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("nothing.seconds=1", "no workload 'nothing'"),
        ("history.colour=1", "history has past, .*, not colour"),
        ("history.seconds", "WORKLOAD.PARAMETER=NUMBER"),
        ("history.seconds=many", "WORKLOAD.PARAMETER=NUMBER"),
        ("history.seconds=0", "WORKLOAD.PARAMETER=NUMBER"),
        ("history.seconds=1,2", "history has past, .*, not seconds"),
        ("round-trip.clients=1.5", "clients"),
    ],
)
def test_a_wrong_change_is_refused_by_name(change: str, said: str) -> None:
    with pytest.raises(DeclarationError, match=said):
        load(changes=[change])


@pytest.mark.parametrize("server", ["uvicorn", "granian"])
def test_peers_on_another_server_are_measured_when_it_is_named(server: str) -> None:
    plan = load()
    plain, more = names(chosen(plan).peers), names(chosen(plan, servers=[server]).peers)
    assert "reference" in plain
    assert f"reference-{server}" not in plain
    assert set(more) - set(plain) == {f"reference-{server}", f"floor-{server}"}
    assert names(chosen(plan, peers=[f"floor-{server}"]).peers) == [f"floor-{server}"]


def test_cases_are_chosen_by_pattern_or_by_name() -> None:
    assert names(chosen(load(), cases=["round-trip[16]"]).cases) == ["round-trip[16]"]
    assert names(chosen(load(), cases=["s?[az]*"]).cases) == ["start", "size"]


@pytest.mark.parametrize(
    "asked", [{"peers": ["nobody"]}, {"cases": ["nothing"]}, {"servers": ["nowhere"]}]
)
def test_what_is_not_there_cannot_be_chosen(asked: dict[str, list[str]]) -> None:
    with pytest.raises(DeclarationError, match=next(iter(asked.values()))[0]):
        chosen(load(), **asked)
