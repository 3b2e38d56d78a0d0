"""Several jobs of one session at once, and batches."""

from __future__ import annotations

from .bench import Bench
from .bench import Json
from .bench import scenario
from .report import in_company
from .report import outcome
from .report import until_code
from .report import whole


@scenario
def crowd(bench: Bench) -> Json:
    """30 jobs of one session wait, stream, log and fail at once; each gets what is its own."""
    client = bench.connect()
    held = [bench.key(f"held {n}") for n in range(6)]
    jobs = [client.submit(key, api_name="/hold_unlimited") for key in held]
    for n in range(6):
        jobs += [
            client.submit(f"stream {n} of words", api_name="/tokens"),
            client.submit({"n": n}, api_name="/echo"),
            client.submit(f"told {n}", api_name="/fail_user"),
            client.submit(f"log {n}", api_name="/logs"),
        ]
    rest = [in_company(whole(bench, job)) for job in jobs[len(held) :]]
    for key in reversed(held):
        bench.release(key)
    return [in_company(whole(bench, job)) for job in jobs[: len(held)]] + rest


@scenario
def waiting_in_line(bench: Bench) -> Json:
    """Three of one function: places in the queue, then one after the other."""
    client = bench.connect()
    keys = [bench.key(f"line {n}") for n in range(3)]
    jobs = []
    for place, key in enumerate(keys):
        jobs.append(client.submit(key, api_name="/hold"))
        until_code(jobs[-1], "PROCESSING" if place == 0 else "IN_QUEUE")
    for key in keys:
        bench.until_noted(key, "start")
        bench.release(key)
    return [whole(bench, job) for job in jobs]


@scenario
def batch(bench: Bench) -> Json:
    """While one call of the batch function runs, four more wait; they make the next call."""
    client, key = bench.connect(), bench.key("batch")
    jobs = [client.submit(f"hold:{key}", api_name="/batch_upper")]
    until_code(jobs[0], "PROCESSING")
    for text in "abcd":
        jobs.append(client.submit(text, api_name="/batch_upper"))
        until_code(jobs[-1], "IN_QUEUE")
    bench.release(key)
    return [in_company(whole(bench, job)) for job in jobs]


@scenario
def failing_batch(bench: Bench) -> Json:
    client = bench.connect()
    return [whole(bench, client.submit("text", api_name="/batch_fail"))]


@scenario
def bad_result(bench: Bench) -> Json:
    """A result that no JSON can hold fails its own job only."""
    client, key = bench.connect(), bench.key("beside")
    beside = client.submit(key, api_name="/hold_unlimited")
    until_code(beside, "PROCESSING")
    bad = outcome(bench, client.submit("int-keys", api_name="/unserialisable"))
    bench.release(key)
    return {"bad": bad, "beside": outcome(bench, beside)}
