"""Logs and progress as the client shows them."""

from __future__ import annotations

from .bench import Bench
from .bench import Json
from .bench import scenario
from .report import in_company
from .report import until_progress
from .report import unwatched
from .report import value
from .report import whole


@scenario
def logs(bench: Bench) -> Json:
    return {
        "logs": whole(bench, bench.client.submit("text", api_name="/logs")),
        "between": whole(bench, bench.client.submit("text", api_name="/logs_between")),
    }


@scenario
def progress(bench: Bench) -> Json:
    key = bench.key("progress")
    job = bench.client.submit(key, api_name="/progress")
    until_progress(job, "index", 1)
    bench.release(key)
    until_progress(job, "progress", 0.5)
    bench.release(key)
    return whole(bench, job)


@scenario
def progress_nested(bench: Bench) -> Json:
    """The stack of units each time the function waits; what lies between may be left out."""
    key = bench.key("nested")
    job = bench.client.submit(key, api_name="/progress_nested")
    resting = []
    for outer in range(2):
        for inner in range(2):
            until_progress(job, "index", outer + 1, inner)
            resting.append([value(bench, vars(unit)) for unit in job.status().progress_data])
            bench.release(key)
    return {"resting": resting, **unwatched(whole(bench, job))}


@scenario
def own_messages_only(bench: Bench) -> Json:
    """Two jobs of one session at once: each shows its own logs and progress."""
    keys = [bench.key("one"), bench.key("two")]
    jobs = [bench.client.submit(key, bench.hide(key), api_name="/hold_logs") for key in keys]
    for key, job in zip(keys, jobs, strict=True):
        until_progress(job, "desc", bench.hide(key))
    for key in keys:
        bench.release(key)
    return [in_company(whole(bench, job)) for job in jobs]
