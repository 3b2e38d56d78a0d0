"""What an operation of the queue costs, in lines of the core that it executes: no clock, no noise.

Work inside one line (a copy of a list, say) does not show here; ``benchmarks`` sees it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from gradio_reference.core.mailbox import Address
from gradio_reference.core.model import Function
from gradio_reference.core.model import Job
from gradio_reference.core.scheduler import Scheduler

FEW, MANY = 2**8, 2**13
DOUBLINGS = 5
PER_DOUBLING = 16  # lines; a step of a search takes three or four, an operation does a few searches


def lines(work: Callable[[], Any]) -> int:
    count = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        if "gradio_reference" not in frame.f_code.co_filename:
            return None
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


class Depth:
    """A scheduler in which this many events of as many sessions wait, each with a reader."""

    def __init__(self, depth: int) -> None:
        self.scheduler = Scheduler([Function(0, "g", None)], max_running=2)
        self.count = 0
        for _ in range(depth):
            self.read(self.join())
        self.first = self.start()
        self.scheduler.woken()

    def join(self) -> str:
        self.count += 1
        self.scheduler.join(0, f"s{self.count}", f"e{self.count}")
        return f"s{self.count}"

    def read(self, session: str) -> list[dict[str, Any]]:
        mailbox = self.scheduler.attach(Address(session), session)
        assert mailbox is not None
        return self.scheduler.take(mailbox, 0.0).messages

    def start(self) -> Job:
        job = self.scheduler.next_runnable(0.0)
        assert job is not None
        self.scheduler.started(job)
        return job

    def complete(self) -> None:
        self.scheduler.completed(self.first, [[1]], 1.0)
        self.scheduler.ended(self.first)

    def cancel(self) -> None:
        number = self.count // 2
        self.scheduler.cancelled(f"e{number}", f"s{number}", 0)

    def estimate(self) -> None:
        assert self.read(f"s{self.count // 2}")[0]["msg"] == "estimation"

    def announce(self) -> None:
        self.scheduler.announce(1000.0)


@pytest.mark.parametrize("name", ["join", "start", "complete", "cancel", "estimate", "announce"])
def test_no_operation_looks_at_all_that_wait(name: str) -> None:
    few, many = Depth(FEW), Depth(MANY)
    cost = [lines(getattr(depth, name)) for depth in (few, many)]
    assert cost[1] <= cost[0] + DOUBLINGS * PER_DOUBLING


def test_past_events_cost_nothing() -> None:
    scheduler = Scheduler([Function(0, "g", None)])

    def event(number: int) -> None:
        scheduler.join(0, f"s{number}", f"e{number}")
        job = scheduler.next_runnable(0.0)
        assert job is not None
        scheduler.started(job)
        scheduler.completed(job, [[1]], 1.0)
        scheduler.ended(job)
        mailbox = scheduler.attach(Address(f"s{number}"), "reader")
        assert mailbox is not None
        assert scheduler.take(mailbox, 1.0).finished

    event(0)
    first = lines(lambda: event(1))
    for number in range(2, 5000):
        event(number)
    assert lines(lambda: event(5000)) <= first + PER_DOUBLING
