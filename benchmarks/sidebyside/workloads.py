"""The kinds of workload: each drives one server and returns its figures by name."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import asynccontextmanager
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field

from sidebyside.apps.functions import token
from sidebyside.connections import Client
from sidebyside.declared import Parameters
from sidebyside.dialects import Dialect
from sidebyside.dialects import Running
from sidebyside.figures import Curve
from sidebyside.figures import percentile
from sidebyside.figures import slope
from sidebyside.processes import Server

SETTLED = 0.002  # two looks at the memory that differ by less than this share
LOOK_S = 0.25
LOOKS = 40
PARTS = 20  # of a row of sessions; after each one the memory is read

Figures = dict[str, float]


@dataclass(slots=True)
class Bench:
    """A server, and how to talk to it. `usage` says whose processor was the limit meanwhile,
    `curve` how its resident memory went.
    """

    server: Server
    dialect: Dialect
    usage: Figures = field(default_factory=dict)
    curve: Curve = field(default_factory=list)

    def client(self) -> Client:
        return Client(self.server.port)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """What the block measures: the share of the time that server and client were at work.

        A server near 1 had its core for itself; a client near 1 was the bottleneck.
        """
        wall, own, cpu = time.perf_counter(), time.process_time(), self.server.cpu_s()
        yield
        took = max(time.perf_counter() - wall, 1e-9)
        self.usage = {
            "server_cpu": (self.server.cpu_s() - cpu) / took,
            "client_cpu": (time.process_time() - own) / took,
        }


async def round_trip(bench: Bench, parameters: Parameters) -> Figures:
    """`clients` users, each of whom asks again as soon as the answer is there."""
    await _users(bench, int(parameters["clients"]), events=int(parameters["warm_up"]))
    with bench.watched():
        return await _timed_users(bench, parameters)


async def deep_queue(bench: Bench, parameters: Parameters) -> Figures:
    """`waiting` sessions with one event each, until the last of them has its result."""
    async with _crowd(bench, "queued", int(parameters["waiting"]), parameters) as crowd:
        with bench.watched():
            start = time.perf_counter()
            await _release(bench)
            heard = [await running.end(f"q{number}") for number, running in enumerate(crowd)]
            took = time.perf_counter() - start
        messages = sum(tally.messages for tally in heard)
        return {
            "drain_s": took,
            "events_per_s": len(crowd) / took,
            "messages_per_event": messages / len(crowd),
        }


async def token_stream(bench: Bench, parameters: Parameters) -> Figures:
    """One generator of `steps` steps."""
    steps = int(parameters["steps"])
    client = bench.client()
    try:
        await (await bench.dialect.begin(client, "tokens", 2)).end(token(1))
        with bench.watched():
            start = time.perf_counter()
            running = await bench.dialect.begin(client, "tokens", steps)
            heard = await running.end(token(steps - 1))
            took = time.perf_counter() - start
    finally:
        client.close()
    if heard.messages < steps:
        raise ValueError(f"{heard.messages} messages for {steps} steps")
    return {"messages_per_s": heard.messages / took}


async def idle_streams(bench: Bench, parameters: Parameters) -> Figures:
    """Memory of the server before and after `streams` sessions have opened their streams."""
    await _users(bench, 1, events=int(parameters["warm_up"]))
    before = bench.server.rss_kib()
    streams = int(parameters["streams"])
    async with _crowd(bench, "queued", streams, parameters):
        after = await _settled(bench.server.rss_kib)
    return {"kib_per_stream": (after - before) / streams}


async def history(bench: Bench, parameters: Parameters) -> Figures:
    """The rate of round trips at first, and after `past` events."""
    clients = int(parameters["clients"])
    await _users(bench, clients, events=int(parameters["warm_up"]))
    before = await _timed_users(bench, parameters)
    await _users(bench, clients, events=-(-int(parameters["past"]) // clients))
    with bench.watched():
        after = await _timed_users(bench, parameters)
    return {
        "events_per_s_before": before["events_per_s"],
        "events_per_s_after": after["events_per_s"],
        "kept_percent": 100 * after["events_per_s"] / before["events_per_s"],
    }


async def sessions(bench: Bench, parameters: Parameters) -> Figures:
    """`sessions` that read their streams to the end, as many that never open them, as many that
    leave in the middle; and what each thousand added to the server's memory in the second half.
    """
    figures = {}
    with bench.watched():
        for name, way in WAYS.items():
            if name == "unread" and not bench.dialect.joins:
                continue  # where the answer is the stream, nobody can leave it alone
            curve = [point async for point in _row(bench, way, parameters)]
            figures[f"kib_{name}"] = 1000 * slope(curve[len(curve) // 2 :])
            done = bench.curve[-1][0] if bench.curve else 0
            bench.curve += [(done + number, kib) for number, kib in curve]
    return figures


KINDS: Mapping[str, Callable[[Bench, Parameters], Awaitable[Figures]]] = {
    "round_trip": round_trip,
    "deep_queue": deep_queue,
    "token_stream": token_stream,
    "idle_streams": idle_streams,
    "history": history,
    "sessions": sessions,
}


async def _read(bench: Bench, client: Client, number: int, _parameters: Parameters) -> None:
    await (await bench.dialect.begin(client, "echo", f"r{number}")).end(f"r{number}")


async def _unread(bench: Bench, client: Client, number: int, _parameters: Parameters) -> None:
    await bench.dialect.join(client, "echo", f"u{number}")


async def _dropped(bench: Bench, client: Client, number: int, parameters: Parameters) -> None:
    """Half of them leave with the first message, most while they wait; half in mid-generation."""
    running = await bench.dialect.begin(client, "tokens", int(parameters["steps"]))
    await running.drop(token(0) if number % 2 else None)


Way = Callable[[Bench, Client, int, Parameters], Awaitable[None]]
WAYS: Mapping[str, Way] = {"read": _read, "unread": _unread, "dropped": _dropped}


async def _row(bench: Bench, way: Way, parameters: Parameters) -> AsyncIterator[tuple[int, int]]:
    """So many sessions, `clients` at a time, each on a connection of its own: how many have been,
    and the server's memory in KiB, at first and after each of the `PARTS`.
    """
    count, begun = int(parameters["sessions"]), 0

    async def user(until: int) -> None:
        nonlocal begun
        while begun < until:
            number, begun = begun, begun + 1
            client = bench.client()
            try:
                await way(bench, client, number, parameters)
            finally:
                client.close()

    yield 0, bench.server.rss_kib()
    for part in range(1, PARTS + 1):
        until = count * part // PARTS
        async with asyncio.TaskGroup() as group:
            for _ in range(int(parameters["clients"])):
                group.create_task(user(until))
        # First in, first out: when this one has its result, nobody waits any more.
        await _users(bench, 1, events=1)
        yield until, bench.server.rss_kib()


async def _timed_users(bench: Bench, parameters: Parameters) -> Figures:
    latencies: list[float] = []
    start = time.perf_counter()
    until = start + parameters["seconds"]
    await _users(bench, int(parameters["clients"]), until=until, latencies=latencies)
    took = time.perf_counter() - start
    return {
        "events_per_s": len(latencies) / took,
        "p50_ms": 1000 * percentile(latencies, 0.5),
        "p99_ms": 1000 * percentile(latencies, 0.99),
    }


async def _users(
    bench: Bench,
    clients: int,
    *,
    events: int | None = None,
    until: float = 0.0,
    latencies: list[float] | None = None,
) -> None:
    """Users at the same time, each with so many `events`, or until a moment has passed."""

    async def user(number: int) -> None:
        client = bench.client()
        done = 0
        try:
            while done < events if events is not None else time.perf_counter() < until:
                text = f"u{number}-{done}"
                start = time.perf_counter()
                await (await bench.dialect.begin(client, "echo", text)).end(text)
                if latencies is not None:
                    latencies.append(time.perf_counter() - start)
                done += 1
        finally:
            client.close()

    async with asyncio.TaskGroup() as group:
        for number in range(clients):
            group.create_task(user(number))


@asynccontextmanager
async def _crowd(
    bench: Bench, function: str, size: int, parameters: Parameters
) -> AsyncIterator[list[Running]]:
    """So many sessions whose streams are open and whose events wait, `joining` at once."""
    clients = [bench.client() for _ in range(size)]
    turn = asyncio.Semaphore(int(parameters["joining"]))

    async def join(number: int, client: Client) -> Running:
        async with turn:
            return await bench.dialect.begin(client, function, f"q{number}")

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(join(*item)) for item in enumerate(clients)]
        yield [task.result() for task in tasks]
    finally:
        for client in clients:
            client.close()


async def _release(bench: Bench) -> None:
    control = bench.client()
    try:
        await bench.dialect.open_gate(control)
    finally:
        control.close()


async def _settled(look: Callable[[], int]) -> int:
    """What a reading has come to rest at; the last one if it does not within `LOOKS` looks."""
    last = look()
    for _ in range(LOOKS):
        await asyncio.sleep(LOOK_S)
        now = look()
        if abs(now - last) <= SETTLED * last:
            return now
        last = now
    return last
