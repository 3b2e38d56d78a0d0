"""Cancelling: what the client says of the cancelled job, and what goes on regardless."""

from __future__ import annotations

from concurrent.futures import CancelledError
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait
from typing import Any

from .bench import DEADLINE
from .bench import Bench
from .bench import Json
from .bench import ScenarioError
from .bench import scenario
from .bench import until
from .report import outcome
from .report import until_code

MANY_STEPS = 1000
STEP = 0.1  # seconds between two releases; how many there are is not reported


@scenario
def cancel_generator(bench: Bench) -> Json:
    """A running generator is cancelled: it ends after a step, and the session goes on working."""
    client, key = bench.connect(), bench.key("cancelled generator")
    job = client.submit(key, MANY_STEPS, api_name="/hold_generator")
    first = next(job)
    with ThreadPoolExecutor(1) as pool:
        # Real Gradio answers the cancel only when the step that runs has ended.
        cancelled = pool.submit(_cancelled, job)
        while not wait([cancelled], timeout=STEP).done or "closed" not in bench.journal(key):
            bench.release(key)
    then = client.predict("text", api_name="/echo")
    return {"first": first, **cancelled.result(), "then": then}


@scenario
def cancel_waiting(bench: Bench) -> Json:
    """A queued job is cancelled behind a running one of another session: it never starts."""
    other, client = bench.connect(), bench.connect()
    ahead, key, after = bench.key("ahead"), bench.key("cancelled"), bench.key("after")
    running = other.submit(ahead, api_name="/hold")
    until_code(running, "PROCESSING")
    job = client.submit(key, api_name="/hold")
    until_code(job, "IN_QUEUE")
    report = _cancelled(job)
    last = client.submit(after, api_name="/hold")
    bench.release(after)
    bench.release(ahead)
    return {
        **report,
        "ahead": outcome(bench, running),
        "after": outcome(bench, last),
        "noted": bench.journal(key),
    }


@scenario
def cancel_running(bench: Bench) -> Json:
    """A running async function is cancelled; the session goes on working."""
    client, key = bench.connect(), bench.key("cancelled async")
    job = client.submit(key, api_name="/hold_async")
    until_code(job, "PROCESSING")  # the client knows the event id, which a cancel needs
    bench.until_noted(key, "start")
    report = _cancelled(job)
    bench.until_noted(key, "cancelled")
    return {**report, "noted": bench.journal(key), "then": client.predict("t", api_name="/echo")}


@scenario
def cancel_one_of_two(bench: Bench) -> Json:
    """Two runs of one function in one session: only the cancelled one ends."""
    client, keys = bench.connect(), [bench.key("cancelled one"), bench.key("other one")]
    job, other = [client.submit(key, api_name="/hold_async") for key in keys]
    until_code(job, "PROCESSING")
    for key in keys:
        bench.until_noted(key, "start")
    report = _cancelled(job)
    bench.until_noted(keys[0], "cancelled")
    bench.release(keys[1])
    until("an end of the other run", lambda: len(bench.journal(keys[1])) > 1)
    noted = bench.journal(keys[1])
    return {**report, "noted": noted, "other": outcome(bench, other) if "end" in noted else None}


@scenario
def cancel_behind_own(bench: Bench) -> Json:
    """A queued job is cancelled behind a running one of its own session, which goes on."""
    client, ahead, key = bench.connect(), bench.key("own ahead"), bench.key("own cancelled")
    running = client.submit(ahead, api_name="/hold")
    until_code(running, "PROCESSING")
    job = client.submit(key, api_name="/hold")
    until_code(job, "IN_QUEUE")
    report = _cancelled(job)
    bench.release(key)
    bench.release(ahead)
    until("an end", lambda: running.done() or "end" in bench.journal(key))
    ended = running.done()
    then = client.predict("text", api_name="/echo_text") if ended else None
    return {
        **report,
        "ahead": outcome(bench, running) if ended else None,
        "noted": bench.journal(key),
        "then": then,
    }


def _cancelled(job: Any) -> Json:
    """Cancel a job and say how it ended for the user.

    The client's own cancellation and the server's last message race to end the job: CancelledError,
    KeyError (that message has no data), or ValueError when both win. All three are reported as one.
    """
    job.cancel()
    until("the client's end of the job", job.done)
    error = CancelledError() if job.cancelled() else job.exception(timeout=DEADLINE)
    if type(error) not in (CancelledError, KeyError, ValueError):
        raise ScenarioError(f"a cancelled job ended with {error!r}")
    status = job.status()
    return {"cancelled": True, "status": [status.code.name, status.success]}
