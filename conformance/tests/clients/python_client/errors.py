"""Failures: what is raised, and what had arrived before."""

from __future__ import annotations

from .bench import Bench
from .bench import Json
from .bench import scenario
from .report import outcome
from .report import until_code
from .report import whole

CUSTOM = {"title": "Custom", "duration": 2.5, "visible": False}


@scenario
def plain_error(bench: Bench) -> Json:
    return whole(bench, bench.client.submit("secret", api_name="/fail"))


@scenario
def user_error(bench: Bench) -> Json:
    submit = bench.client.submit
    return {
        "defaults": whole(bench, submit("told", api_name="/fail_user")),
        "custom": whole(bench, submit("told", **CUSTOM, api_name="/fail_user")),
        "until dismissed": outcome(bench, submit("told", duration=None, api_name="/fail_user")),
    }


@scenario
def error_in_stream(bench: Bench) -> Json:
    submit = bench.client.submit
    return {
        "plain": whole(bench, submit(3, "secret", api_name="/fail_after")),
        "user": whole(bench, submit(3, "told", api_name="/fail_user_after")),
        "user, no chunk": whole(bench, submit(0, "told", api_name="/fail_user_after")),
    }


@scenario
def shown_error(bench: Bench) -> Json:
    """The second server tells what went wrong (show_error)."""
    client = bench.connect(bench.second)
    return {
        "plain": whole(bench, client.submit("shown", api_name="/fail")),
        "empty": outcome(bench, client.submit("", api_name="/fail")),
        "user": outcome(bench, client.submit("told", api_name="/fail_user")),
    }


@scenario
def works_after_errors(bench: Bench) -> Json:
    client = bench.connect()
    failed = outcome(bench, client.submit("secret", api_name="/fail"))
    return [failed, whole(bench, client.submit("text", api_name="/echo"))]


@scenario
def full_queue(bench: Bench) -> Json:
    """One runs and three wait on the second server, whose queue holds three."""
    client, key = bench.connect(bench.second), bench.key("full")
    running = client.submit(key, api_name="/hold")
    until_code(running, "PROCESSING")
    waiting = []
    for _ in range(3):
        waiting.append(client.submit(key, api_name="/hold"))
        until_code(waiting[-1], "IN_QUEUE")
    refused = outcome(bench, client.submit(key, api_name="/hold"))
    bench.release(key, 4, server=bench.second)
    return {"refused": refused, "others": [outcome(bench, job) for job in [running, *waiting]]}
