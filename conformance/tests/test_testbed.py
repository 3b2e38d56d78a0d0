"""testbed.yaml keeps its schema, the endpoints keep testbed.yaml, gates and journal keep order."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from types import UnionType
from typing import Any
from typing import get_args
from typing import get_origin

import pytest
import yaml
from jsonschema import Draft202012Validator

import gradio_spec
from gradio_conformance.testbed import gates as gates_module
from gradio_conformance.testbed.endpoints import register
from gradio_conformance.testbed.gates import Gates
from gradio_conformance.testbed.gates import GatesClosedError
from gradio_conformance.testbed.gates import GateTimeoutError
from gradio_conformance.testbed.journal import Journal
from gradio_conformance.testbed.kit import F
from gradio_conformance.testbed.kit import Settings
from gradio_conformance.testbed.kit import settings_of
from gradio_conformance.testbed.serving import ENVIRONMENT
from gradio_spec.testbed import endpoints_of

SPEC = Path(gradio_spec.__file__).parent
TESTBED = yaml.safe_load((SPEC / "versions/sse_v3/testbed.yaml").read_text(encoding="utf-8"))
META = json.loads((SPEC / "meta/testbed.schema.json").read_text(encoding="utf-8"))
SETTINGS: dict[str, Settings] = {name: settings_of(name) for name in TESTBED["servers"]}

# Types are read back from /info of a running server; behaviour is tried on one.
ELSEWHERE = {"returns", "servers", "behaviour"}


class FakeState:
    """What a library's State is told."""

    def __init__(self, value: Any, time_to_live: float | None = None, **_: Any) -> None:
        self.value = value
        self.time_to_live = time_to_live


Registered = dict[str, tuple[Callable[..., Any], dict[str, Any]]]


def recorded(settings: Settings) -> Registered:
    """What `register` registers, on a library that only takes notes."""
    found: Registered = {}

    def api(*, name: str, **options: Any) -> Callable[[F], F]:
        def registered(function: F) -> F:
            assert name not in found
            found[name] = (function, options)
            return function

        return registered

    library = SimpleNamespace(
        Request=SimpleNamespace,
        State=FakeState,
        FileData=dict,
        MediaStream=lambda kind: SimpleNamespace(kind=kind),
        validate=lambda is_valid, message: (is_valid, message),
        cache=lambda function: function,
    )
    register(api, library, settings).close()
    return found


def described(server: str) -> dict[str, dict[str, Any]]:
    return {e["name"]: dict(e) for e in endpoints_of(TESTBED, server)}


def as_described(
    name: str, function: Callable[..., Any], options: dict[str, Any]
) -> dict[str, Any]:
    """A registration in the words of testbed.yaml, without types, servers and behaviour."""
    parameters = [
        {"state": p.name}
        if state_of(p.annotation)
        else {"name": p.name} | ({} if p.default is p.empty else {"default": p.default})
        for p in inspect.signature(function).parameters.values()
        if p.annotation is not SimpleNamespace  # the injected request
    ]
    generates = inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function)
    batch = options.pop("batch", False)
    options.pop("validator", None)  # what it refuses, the behaviour says
    entry: dict[str, Any] = {
        "name": name,
        "parameters": parameters,
        "kind": "batch" if batch else "generator" if generates else "function",
        "queue": options.pop("queue", True),
        "concurrency_limit": options.pop("concurrency_limit", "default"),
        "visibility": options.pop("api_visibility", "public"),
    }
    if options.pop("connection", "sse") == "stream":
        entry["streaming"] = {
            "time_limit": options.pop("time_limit", None),
            "stream_every": options.pop("stream_every"),
        }
    if listened := options.pop("on_change", None):
        entry["listens_to"] = next(
            p.name
            for p in inspect.signature(function).parameters.values()
            if state_of(p.annotation) is listened
        )
    return entry | options


def state_of(hint: Any) -> FakeState | None:
    """The State that an annotation names."""
    return next((m for m in getattr(hint, "__metadata__", ()) if isinstance(m, FakeState)), None)


@pytest.mark.parametrize("server", ["stateful", "guarded"])
def test_states_are_made_as_described(server: str) -> None:
    made: dict[str, FakeState] = {}
    stored: dict[str, list[bool]] = {}
    for name, (function, _) in recorded(SETTINGS[server]).items():
        for p in inspect.signature(function).parameters.values():
            if state := state_of(p.annotation):
                assert made.setdefault(p.name, state) is state
        hint = inspect.signature(function).return_annotation
        while hint is not None and get_origin(hint) not in (None, tuple, UnionType):
            hint = get_args(hint)[0]
        several = () if get_origin(hint) is UnionType else get_args(hint)
        stored[name] = [bool(state_of(item)) for item in several]
    wanted = {row["name"]: row for row in TESTBED["states"] if server in row["servers"]}
    assert made.keys() == wanted.keys() - {"unwatched"}
    for name, state in made.items():
        assert [state.value, state.time_to_live] == [
            wanted[name]["initial"],
            wanted[name].get("time_to_live"),
        ]
    for name, flags in stored.items():
        told = [set(item) == {"state"} for item in described(server)[name]["returns"]]
        assert flags == (told if len(told) > 1 else []), name


def test_the_file_keeps_its_schema() -> None:
    Draft202012Validator.check_schema(META)
    errors = list(Draft202012Validator(META).iter_errors(TESTBED))
    assert not errors, [(list(e.absolute_path), e.message) for e in errors]


def test_names_are_unique_and_main_has_every_endpoint_of_server_mode() -> None:
    everything = (
        described("main") | described("stateful") | described("guarded") | described("media")
    )
    assert len(everything) == len(TESTBED["endpoints"])
    stateful = described("stateful").keys() - described("main").keys()
    others = {name for name in stateful if not name.startswith("state_")}
    assert others == {"validated", "cached", "cached_steps"}


@pytest.mark.parametrize("server", SETTINGS)
def test_endpoints_are_registered_as_described(server: str) -> None:
    found = recorded(SETTINGS[server])
    wanted = described(server)
    assert found.keys() == wanted.keys()
    for name, (function, options) in found.items():
        entry = {k: v for k, v in wanted[name].items() if k not in ELSEWHERE}
        entry["parameters"] = [
            {k: v for k, v in p.items() if k != "type"} for p in entry["parameters"]
        ]
        assert as_described(name, function, dict(options)) == entry


@pytest.mark.parametrize("server", SETTINGS)
def test_servers_are_set_up_as_described(server: str) -> None:
    told = SETTINGS[server].as_json()
    wanted = TESTBED["servers"][server]
    assert told["testbed"] == TESTBED["testbed"]
    for field in ("max_size", "show_error", "heartbeat_interval"):
        assert told[field] == wanted[field]
    assert TESTBED["environment"] == ENVIRONMENT


def test_endpoint_functions_have_no_docstring() -> None:
    # Libraries take it for the description, and only `described` has one.
    for function, _ in recorded(SETTINGS["main"]).values():
        assert function.__doc__ is None


def test_a_release_before_the_wait_counts() -> None:
    gates = Gates()
    assert gates.release("k", 2) == 2
    gates.wait("k")
    asyncio.run(gates.wait_async("k"))
    assert gates.release("k") == 3


def test_a_gate_that_nobody_releases_fails_and_uses_up_no_release() -> None:
    gates = Gates(max_wait=0)
    with pytest.raises(GateTimeoutError, match="gate 'k' was not released within 0 s"):
        gates.wait("k")
    with pytest.raises(GateTimeoutError):
        asyncio.run(gates.wait_async("k"))
    gates.release("k")
    gates.wait("k")


def test_a_release_wakes_a_waiting_thread() -> None:
    gates = Gates()
    with ThreadPoolExecutor() as pool:
        waits = [pool.submit(gates.wait, "k") for _ in range(3)]
        assert gates.release("k", 3) == 3
        assert [wait.result() for wait in waits] == [None] * 3


def test_waits_pass_in_the_order_in_which_they_began() -> None:
    async def order() -> list[int]:
        gates, passed = Gates(), list[int]()

        async def one(number: int) -> None:
            await gates.wait_async("k")
            passed.append(number)

        tasks = [asyncio.create_task(one(number)) for number in range(4)]
        await asyncio.sleep(0)
        for _ in tasks:
            gates.release("k")
        await asyncio.gather(*tasks)
        return passed

    assert asyncio.run(order()) == [0, 1, 2, 3]


@pytest.mark.parametrize("granted", [False, True])
def test_a_cancelled_wait_uses_up_no_release(granted: bool) -> None:
    async def scenario() -> None:
        gates = Gates()
        task = asyncio.create_task(gates.wait_async("k"))
        await asyncio.sleep(0)
        if granted:
            gates.release("k")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        if not granted:
            gates.release("k")
        await gates.wait_async("k")

    asyncio.run(scenario())


def test_closed_gates_fail_all_waits() -> None:
    async def scenario() -> None:
        gates = Gates()
        task = asyncio.create_task(gates.wait_async("k"))
        await asyncio.sleep(0)
        gates.close()
        with pytest.raises(GatesClosedError):
            await task
        with pytest.raises(GatesClosedError):
            gates.wait("k")

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("key", "times", "named"),
    [(1, 1, "key"), ("k", 0, "times"), ("k", "1", "times"), ("k", True, "times")],
)
def test_a_bad_release_names_the_argument(key: object, times: object, named: str) -> None:
    with pytest.raises((TypeError, ValueError), match=f"^{named}: must be"):
        Gates().release(key, times)


def test_gates_are_bounded_and_forget_the_oldest_that_is_not_waited_for() -> None:
    async def scenario() -> None:
        gates = Gates(max_keys=2)
        task = asyncio.create_task(gates.wait_async("waited for"))
        await asyncio.sleep(0)
        gates.release("old")
        gates.release("new")
        assert gates.release("old") == 1
        gates.release("waited for")
        await task

    asyncio.run(scenario())


def test_journal_keeps_order_and_bounds() -> None:
    ticks = iter(range(10))
    journal = Journal(clock=lambda: float(next(ticks)), max_keys=2, max_entries=2)
    for number in range(3):
        journal.write("a", "hold", "step", number)
    assert journal.read("a") == [
        {"endpoint": "hold", "what": "step", "n": 1, "t": 1.0},
        {"endpoint": "hold", "what": "step", "n": 2, "t": 2.0},
    ]
    journal.write("b", "hold", "start")
    journal.write("c", "hold", "start")
    assert journal.read("a") == []
    assert [entry["n"] for entry in journal.read("b") + journal.read("c")] == [None, None]


def test_the_server_keeps_what_the_contract_promises() -> None:
    promised = TESTBED["concepts"]
    assert "fails after 30 s" in promised["gates"]
    assert gates_module.MAX_WAIT == 30
    assert "from 1 to 10000" in described("main")["release"]["behaviour"]
    assert gates_module.MAX_TIMES == 10_000
