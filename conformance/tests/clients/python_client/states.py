"""State that the server keeps for the client's session, and the heartbeat that tells it when the
session has gone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .bench import Bench
from .bench import Json
from .bench import scenario
from .report import outcome
from .report import whole


@scenario
def state(bench: Bench) -> Json:
    """What one job stores the next one sees; State is neither an argument nor a result."""
    client = bench.connect(bench.stateful)
    key = bench.key("steps")
    bench.release(key, 2, server=bench.stateful)
    jobs: dict[str, Callable[[], Any]] = {
        "add": lambda: client.submit(1, api_name="/state_add"),
        "add again": lambda: client.submit(2, api_name="/state_add"),
        "in the middle": lambda: client.submit("a", "!", api_name="/state_collect"),
        "by name": lambda: client.submit(text="b", api_name="/state_collect"),
        "steps": lambda: client.submit(key, 2, api_name="/state_steps"),
        "failure": lambda: client.submit(2, api_name="/state_fail_after"),
        "read": lambda: client.submit(api_name="/state_read"),
        "changed": lambda: client.submit("x", api_name="/state_watch"),
    }
    return {name: whole(bench, submit()) for name, submit in jobs.items()}


@scenario
def state_of_sessions(bench: Bench) -> Json:
    """Each client has State of its own; a new session of the same client starts anew."""
    clients = [bench.connect(bench.stateful) for _ in range(2)]
    found = [outcome(bench, clients[n % 2].submit(10**n, api_name="/state_add")) for n in range(4)]
    clients[0].reset_session()
    return [*found, outcome(bench, clients[0].submit(api_name="/state_read"))]


@scenario
def heartbeat(bench: Bench) -> Json:
    """The server learns that the client has gone when it is closed, and not before."""
    client = bench.connect(bench.stateful)
    added = outcome(bench, client.submit(1, api_name="/state_add"))
    session = client.session_hash
    before = bench.journal(session, server=bench.stateful)
    client.close()
    bench.until_noted(session, "called", server=bench.stateful)
    return {
        "added": added,
        "before": before,
        "after": bench.journal(session, server=bench.stateful),
    }
