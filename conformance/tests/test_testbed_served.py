"""The testbed, served on the reference server and on real Gradio, with equal answers."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import asynccontextmanager
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

import gradio_spec
from gradio_spec import diff
from gradio_spec import sse
from gradio_spec.testbed import endpoints_of

SPEC = Path(gradio_spec.__file__).parent
TESTBED = yaml.safe_load((SPEC / "versions/sse_v3/testbed.yaml").read_text(encoding="utf-8"))
(FILE,) = (e["returns"][0] for e in TESTBED["endpoints"] if e["name"] == "file_made")
ANSWERS = yaml.safe_load(
    (Path(__file__).parent / "data/testbed_answers.yaml").read_text(encoding="utf-8")
)
SERVERS = tuple(TESTBED["servers"])
LIBRARIES = ["reference", pytest.param("gradio", marks=pytest.mark.gradio)]
# A wait here fails only when the server is broken; a loaded machine gets all the time it needs.
PATIENCE_S = 25.0


@dataclass
class Answer:
    """One call, freed of what differs from run to run."""

    chunks: list[Any] = field(default_factory=list)
    result: Any = None
    error: Any = None
    logs: list[Any] = field(default_factory=list)


class Bed:
    """A small client of one server, with no code in common with the suite under construction."""

    def __init__(self, base: str, server: str = "main") -> None:
        self.base = base
        self.users = TESTBED["servers"][server].get("users", [])
        self.http = httpx.AsyncClient(timeout=PATIENCE_S, trust_env=False)

    async def __aenter__(self) -> Bed:
        for user in self.users[:1]:
            form = {"username": user["name"], "password": user["password"]}
            assert (await self.http.post(f"{self.base}/login", data=form)).status_code == 200
        config = (await self.http.get(f"{self.base}/config")).json()
        self.api = self.base + config["api_prefix"]
        self.numbers = {d["api_name"]: d["id"] for d in config["dependencies"]}
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def control(self, name: str, *data: Any) -> Any:
        reply = await self.http.post(f"{self.api}/run/{name}", json={"data": data})
        assert reply.status_code == 200, reply.text
        return reply.json()["data"][0]

    async def join(self, name: str, data: list[Any], session: str) -> httpx.Response:
        body = {"data": data, "fn_index": self.numbers[name], "session_hash": session}
        return await self.http.post(f"{self.api}/queue/join", json=body)

    async def joined(self, name: str, data: list[Any], session: str) -> str:
        reply = await self.join(name, data, session)
        assert reply.status_code == 200, reply.text
        event_id: str = reply.json()["event_id"]
        return event_id

    @asynccontextmanager
    async def stream(self, path: str) -> AsyncIterator[AsyncIterator[sse.Event]]:
        async with self.http.stream("GET", self.api + path) as response:
            yield self._events(response)

    async def _events(self, response: httpx.Response) -> AsyncIterator[sse.Event]:
        decoder = sse.Decoder()
        async for chunk in response.aiter_raw():
            for event in decoder.feed(chunk):
                yield event

    async def messages(self, session: str) -> AsyncIterator[dict[str, Any]]:
        async with self.stream(f"/queue/data?session_hash={session}") as events:
            async for event in events:
                message = json.loads(event.data)
                if message["msg"] != "heartbeat":
                    yield message

    async def until(self, key: str, wanted: Callable[[list[Any]], bool]) -> list[Any]:
        """Read the journal until it is as wanted; [what, n] of each entry."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            entries = [[e["what"], e["n"]] for e in await self.control("journal", key)]
            if wanted(entries):
                return entries
            assert time.monotonic() < deadline, entries


async def by_queue(bed: Bed, name: str, data: list[Any]) -> Answer:
    answer, session = Answer(), fresh()
    await bed.joined(name, data, session)
    async for message in bed.messages(session):
        if message["msg"] == "log":
            members = ("level", "log", "duration", "visible", "title")
            answer.logs.append([message[m] for m in members])
        elif message["msg"] == "process_generating":
            answer.chunks.append(step(answer.chunks, message["output"]["data"]))
        elif message["msg"] == "process_completed" and message["success"]:
            answer.result = message["output"]["data"]
        elif message["msg"] == "process_completed":
            answer.error = message["output"]
    return answer


def step(before: list[Any], data: list[Any]) -> list[Any]:
    if not before:
        return data
    return [diff.apply(old, edits) for old, edits in zip(before[-1], data, strict=True)]


async def by_call(bed: Bed, name: str, data: list[Any]) -> Answer:
    reply = await bed.http.post(f"{bed.api}/call/{name}", json={"data": data})
    answer = Answer()
    async with bed.stream(f"/call/{name}/{reply.json()['event_id']}") as events:
        async for event in events:
            if event.event == "generating":
                answer.chunks.append(json.loads(event.data))
            elif event.event == "complete":
                answer.result = json.loads(event.data)
            elif event.event == "error":
                answer.error = json.loads(event.data)
    return answer


async def by_run(bed: Bed, name: str, data: list[Any]) -> Answer:
    reply = await bed.http.post(f"{bed.api}/run/{name}", json={"data": data})
    body = reply.json()
    if reply.status_code == 500:
        return Answer(error=body)
    assert reply.status_code == 200, reply.text
    return Answer(result=body["data"])


def fresh() -> str:
    return uuid.uuid4().hex


def filled(value: Any, key: str) -> Any:
    return json.loads(json.dumps(value).replace("$key", key))


@contextmanager
def served(library: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    command = [sys.executable, "-m", "gradio_conformance.testbed", "--library", library]
    with subprocess.Popen([*command, "--port", "0"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            line = next((line for line in process.stdout if line.startswith("testbed on")), "")
            urls = re.findall(r"http://[\d.:]+", line)
            assert len(urls) == len(SERVERS), line
            yield process, dict(zip(SERVERS, urls, strict=True))
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE_S)
            finally:
                process.kill()


@pytest.fixture(scope="module", params=LIBRARIES)
def urls(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    with served(request.param) as (_, urls):
        yield urls


@pytest.mark.parametrize("how", [by_queue, by_call, by_run])
@pytest.mark.parametrize(
    "case", ANSWERS, ids=lambda c: f"{c.get('server', 'main')}-{c['endpoint']}"
)
def test_answers(urls: dict[str, str], case: dict[str, Any], how: Callable[..., Any]) -> None:
    async def scenario() -> None:
        server = case.get("server", "main")
        async with Bed(urls[server], server) as bed:
            key = fresh()
            wanted = filled(case, key)
            if "release" in wanted:
                await bed.control("release", key, wanted["release"])
            got = await how(bed, wanted["endpoint"], wanted["data"])
            assert got == expected(how, wanted)
            if how is by_queue and "journal" in wanted:
                assert (
                    await bed.until(key, lambda e: len(e) >= len(wanted["journal"]))
                    == wanted["journal"]
                )

    asyncio.run(scenario())


def expected(how: Callable[..., Any], case: dict[str, Any]) -> Answer:
    chunks, result = case.get("chunks", []), case.get("result")
    if how is by_run:
        return (
            Answer(result=chunks[0]) if chunks else Answer(result=result, error=case.get("error"))
        )
    logs = case.get("logs", []) if how is by_queue else []
    return Answer(chunks, result, case.get("error"), logs)


@pytest.mark.parametrize("server", SERVERS)
def test_info_states_the_signatures(urls: dict[str, str], server: str) -> None:
    async def scenario() -> None:
        async with Bed(urls[server], server) as bed:
            info = (await bed.http.get(f"{bed.api}/info?all_endpoints=true")).json()
        found = info["named_endpoints"]
        wanted = endpoints_of(TESTBED, server)
        assert sorted(found) == sorted(
            f"/{e['name']}" for e in wanted if e["visibility"] != "private"
        )
        for entry in wanted:
            if entry["visibility"] != "private":
                assert as_stated(found[f"/{entry['name']}"]) == as_described(entry)

    asyncio.run(scenario())


def as_stated(endpoint: dict[str, Any]) -> dict[str, Any]:
    members = ("parameter_name", "type", "parameter_has_default", "parameter_default")
    return {
        "parameters": [[p[m] for m in members] for p in endpoint["parameters"]],
        "returns": [r["type"] for r in endpoint["returns"]],
        "visibility": endpoint["api_visibility"],
        "description": endpoint["description"],
    }


def as_described(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "parameters": [
            [p["name"], p["type"], "default" in p, p.get("default")]
            for p in entry["parameters"]
            if "state" not in p
        ],
        "returns": [FILE if "media" in r else r for r in entry["returns"] if "state" not in r],
        "visibility": entry["visibility"],
        "description": entry.get("description", ""),
    }


def test_settings(urls: dict[str, str]) -> None:
    async def scenario() -> None:
        for server in SERVERS:
            async with Bed(urls[server], server) as bed:
                told = await bed.control("settings")
            wanted = {"testbed": TESTBED["testbed"]}
            wanted |= {n: urls[n] if server == "main" else None for n in SERVERS if n != "main"}
            for member in ("heartbeat_interval", "max_size", "show_error", "max_file_size"):
                wanted[member] = TESTBED["servers"][server][member]
            assert told == wanted

    asyncio.run(scenario())


def test_whoami_tells_of_the_request_that_joined(urls: dict[str, str]) -> None:
    async def scenario() -> None:
        async with Bed(urls["main"]) as bed:
            session = fresh()
            body = {"data": [], "fn_index": bed.numbers["whoami"], "session_hash": session}
            url = f"{bed.api}/queue/join?a=1&b="
            await bed.http.post(url, json=body, headers={"x-testbed": "seen"})
            messages = [message async for message in bed.messages(session)]
        wanted = {"session_hash": session, "header": "seen", "query": {"a": "1", "b": ""}}
        assert messages[-2]["output"]["data"] == [wanted]

    asyncio.run(scenario())


def test_progress_reports_are_those_described(urls: dict[str, str]) -> None:
    def unit(*values: Any) -> dict[str, Any]:
        return dict(zip(("index", "length", "unit", "progress", "desc"), values, strict=True))

    plain = [[unit(1, 4, "files", None, "outer")], [unit(None, None, "steps", 0.5, "half")]]
    nested = [
        [unit(outer, 2, "steps", None, "outer"), unit(inner, 2, "ch", None, "inner")]
        for outer, inner in ((1, 0), (1, 1), (2, 0), (2, 1))
    ]

    async def scenario(name: str, wanted: list[Any]) -> None:
        async with Bed(urls["main"]) as bed:
            key, session, left = fresh(), fresh(), list(wanted)
            await bed.joined(name, [key], session)
            async for message in bed.messages(session):
                # Reports may be dropped, but not the one that stands while the function waits.
                if message["msg"] == "progress" and left and message["progress_data"] == left[0]:
                    left.pop(0)
                    await bed.control("release", key, 1)
            assert not left

    asyncio.run(scenario("progress", plain))
    asyncio.run(scenario("progress_nested", nested))


def test_controls_answer_while_thirty_functions_hold(urls: dict[str, str]) -> None:
    async def scenario() -> None:
        async with Bed(urls["main"]) as bed:
            key, count = fresh(), 30
            for session in [fresh() for _ in range(count)]:
                await bed.joined("hold_unlimited", [key], session)
            assert await bed.until(key, lambda e: len(e) == count) == [["start", None]] * count
            await bed.control("release", key, count)
            entries = await bed.until(key, lambda e: len(e) == 2 * count)
            assert sorted(entries) == [["end", None]] * count + [["start", None]] * count

    asyncio.run(scenario())


def test_hold_lasts_until_its_gate_is_released(urls: dict[str, str]) -> None:
    async def scenario() -> None:
        async with Bed(urls["main"]) as bed:
            key, session = fresh(), fresh()
            await bed.joined("hold", [key], session)
            assert await bed.until(key, bool) == [["start", None]]
            assert await bed.control("release", key, 1) == 1
            messages = [message async for message in bed.messages(session)]
            assert messages[-2]["output"]["data"] == [key]
            entries = await bed.control("journal", key)
            assert [e["endpoint"] for e in entries] == ["hold", "hold"]
            assert entries[0]["t"] <= entries[1]["t"]

    asyncio.run(scenario())


def test_cancellation_reaches_hold_async(urls: dict[str, str]) -> None:
    async def scenario() -> None:
        async with Bed(urls["main"]) as bed:
            key, session = fresh(), fresh()
            event_id = await bed.joined("hold_async", [key], session)
            await bed.until(key, bool)
            body = {
                "session_hash": session,
                "event_id": event_id,
                "fn_index": bed.numbers["hold_async"],
            }
            await bed.http.post(f"{bed.api}/cancel", json=body)
            entries = await bed.until(key, lambda e: len(e) == 2)
            assert entries == [["start", None], ["cancelled", None]]

    asyncio.run(scenario())


def test_hold_generator_is_closed_when_its_client_leaves(urls: dict[str, str]) -> None:
    async def scenario() -> None:
        async with Bed(urls["main"]) as bed:
            key, session = fresh(), fresh()
            await bed.joined("hold_generator", [key, 50], session)
            async with bed.stream(f"/queue/data?session_hash={session}") as events:
                async for event in events:
                    if json.loads(event.data)["msg"] == "process_generating":
                        break
            await bed.control("release", key, 50)
            entries = await bed.until(key, lambda e: e[-1] == ["closed", None])
            assert len(entries) <= 50

    asyncio.run(scenario())


def test_waiting_samples_of_a_batch_share_one_call(urls: dict[str, str]) -> None:
    async def scenario() -> None:
        async with Bed(urls["main"]) as bed:
            key, session = fresh(), fresh()
            sizes = len(await bed.control("journal", "batch"))
            await bed.joined("batch_upper", [f"hold:{key}"], session)
            await bed.until("batch", lambda e: len(e) == sizes + 1)
            for text in "abc":
                await bed.joined("batch_upper", [text], session)
            await bed.control("release", key, 1)
            messages = [message async for message in bed.messages(session)]
            entries = await bed.until("batch", lambda e: len(e) == sizes + 4)
        data = [m["output"]["data"] for m in messages if m["msg"] == "process_completed"]
        assert data == [[f"HOLD:{key.upper()}/1"], ["A/3"], ["B/3"], ["C/3"]]
        assert entries[sizes:] == [["start", 1], ["end", 1], ["start", 3], ["end", 3]]

    asyncio.run(scenario())


def test_second_refuses_a_fourth_waiting_event(urls: dict[str, str]) -> None:
    async def scenario() -> None:
        async with Bed(urls["second"]) as bed:
            key, session = fresh(), fresh()
            await bed.joined("hold", [key], session)
            await bed.until(key, bool)
            for _ in range(3):
                await bed.joined("hold", [key], session)
            assert (await bed.join("hold", [key], session)).status_code == 503
            await bed.control("release", key, 4)
            await bed.until(key, lambda e: len(e) == 8)

    asyncio.run(scenario())


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_although_a_function_holds(library: str, number: signal.Signals) -> None:
    async def hold(base: str) -> None:
        async with Bed(base) as bed:
            for name in ("hold", "hold_async"):
                key = fresh()
                await bed.joined(name, [key], fresh())
                await bed.until(key, bool)

    with served(library) as (process, urls):
        asyncio.run(hold(urls["main"]))
        process.send_signal(number)
        assert process.wait(PATIENCE_S) == 0
