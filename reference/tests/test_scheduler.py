"""The scheduler by hand: order, limits, estimates, cancel, batches, mailboxes."""

from __future__ import annotations

from typing import Any

import pytest

from gradio_reference.core.mailbox import Address
from gradio_reference.core.mailbox import Mailbox
from gradio_reference.core.messages import Failure
from gradio_reference.core.messages import ProgressUnit
from gradio_reference.core.model import Function
from gradio_reference.core.model import Haste
from gradio_reference.core.model import Job
from gradio_reference.core.model import Limits
from gradio_reference.core.model import QueueFull
from gradio_reference.core.scheduler import Scheduler


class Desk:
    """A scheduler with one function per limit, events named by number, and a hand-set clock."""

    def __init__(self, *functions: Function, **options: Any) -> None:
        self.now = 0.0
        self.scheduler = Scheduler(functions or [Function(0, "g")], **options)
        self.count = 0

    def join(self, fn: int = 0, session: str = "s", **options: Any) -> str:
        self.count += 1
        return self.scheduler.join(fn, session, f"e{self.count}", **options).id

    def idle(self) -> bool:
        """Nothing may start now."""
        return self.scheduler.next_runnable(self.now) is None

    def start(self) -> Job:
        job = self.scheduler.next_runnable(self.now)
        assert job is not None
        self.scheduler.started(job)
        return job

    def attach(self, session: str, reader: object) -> Mailbox:
        mailbox = self.scheduler.attach(Address(session), reader)
        assert mailbox is not None
        return mailbox

    def finish(self, job: Job, *rows: list[Any], seconds: float = 1.0) -> None:
        self.now = job.started + seconds
        self.scheduler.completed(job, rows or [[None]] * len(job.events), self.now)
        self.scheduler.ended(job)

    def read(self, session: str = "s", reader: object = "reader") -> list[dict[str, Any]]:
        return self.scheduler.take(self.attach(session, reader), self.now).messages


def kinds(messages: list[dict[str, Any]], event: str | None = None) -> list[str]:
    return [m["msg"] for m in messages if event is None or m["event_id"] == event]


def ids(job: Job) -> list[str]:
    return [event.id for event in job.events]


def test_one_event_from_join_to_close() -> None:
    desk = Desk()
    event = desk.join()
    job = desk.start()
    assert ids(job) == [event]
    assert desk.idle()
    desk.finish(job, [["hi"]][0])
    messages = desk.read()
    assert kinds(messages) == ["estimation", "process_starts", "process_completed", "close_stream"]
    assert messages[0] == {
        "msg": "estimation",
        "event_id": event,
        "rank": 0,
        "queue_size": 1,
        "rank_eta": None,
    }
    assert messages[2]["output"]["data"] == ["hi"]
    assert messages[2]["output"]["average_duration"] == 1.0


def test_a_group_starts_in_join_order_and_keeps_its_limit() -> None:
    desk = Desk(Function(0, "g", 2), Function(1, "g", 3))
    events = [desk.join(fn) for fn in (0, 1, 0, 1)]
    first, second = desk.start(), desk.start()
    assert ids(first) + ids(second) == events[:2]
    assert desk.idle()  # QUEUE-005: the lowest of both limits, from the start
    desk.scheduler.ended(second)
    assert ids(desk.start()) == [events[2]]


def test_groups_take_turns_and_do_not_block_each_other() -> None:
    desk = Desk(Function(0, "a", None), Function(1, "b", None))
    for fn in (0, 0, 0, 1):
        desk.join(fn)
    assert [ids(desk.start())[0] for _ in range(4)] == ["e1", "e4", "e2", "e3"]


def test_no_more_jobs_than_max_running() -> None:
    desk = Desk(Function(0, "a", None), max_running=1)
    desk.join()
    desk.join()
    job = desk.start()
    assert desk.idle()
    desk.scheduler.ended(job)
    desk.start()


def test_a_full_queue_refuses_and_keeps_nothing() -> None:
    desk = Desk(max_size=1)
    desk.join()
    desk.start()  # QUEUE-012: a running event does not count
    desk.join()
    with pytest.raises(QueueFull, match="Max size is 1 and size is 1"):
        desk.join(session="other")
    assert desk.scheduler.attach(Address("other"), "r") is None


def test_estimations_go_to_the_joining_event_and_to_those_that_moved_up() -> None:
    desk = Desk()
    desk.join()
    job = desk.start()
    desk.join()
    desk.join()
    desk.read()
    desk.join(session="t")
    mailbox = desk.attach("s", "reader")
    desk.scheduler.take(mailbox, 0.0)
    desk.join(session="t")
    assert not desk.scheduler.take(mailbox, 0.0).messages  # QUEUE-021
    desk.scheduler.ended(job)
    desk.start()
    moved = desk.scheduler.take(mailbox, 0.0).messages
    assert [(m["msg"], m["event_id"]) for m in moved] == [
        ("process_starts", "e2"),
        ("estimation", "e3"),
    ]
    assert (moved[1]["rank"], moved[1]["queue_size"]) == (0, 3)


def test_undelivered_estimations_collapse_into_the_latest() -> None:
    desk = Desk(Function(0, "g", None))
    for _ in range(3):
        desk.join()
    desk.join(session="t")
    for _ in range(3):
        desk.start()
    [estimate] = desk.read("t")
    assert (estimate["rank"], estimate["queue_size"]) == (0, 1)


def test_rank_eta_is_own_mean_plus_wait_plus_time_till_a_slot() -> None:
    desk = Desk(Function(0, "g", 1))
    desk.join()
    desk.finish(desk.start(), seconds=4.0)
    desk.join()
    desk.start()
    desk.now += 1.0
    desk.join(session="t")
    desk.join(session="t")
    desk.join(session="t")
    etas = [message["rank_eta"] for message in desk.read("t")]
    assert etas == [4 + 3, 4 + 4 + 3, 4 + 8 + 3]


def test_rank_eta_is_unknown_without_history() -> None:
    desk = Desk(Function(0, "g", 1), Function(1, "g", 1))
    desk.join(0)
    desk.finish(desk.start(), seconds=4.0)
    desk.join(1)  # never ran yet
    desk.join(0, session="t")
    assert desk.read("t")[0]["rank_eta"] is None
    desk.start()
    assert desk.read("t")[0]["rank_eta"] is None


def test_a_free_slot_makes_rank_eta_the_mean() -> None:
    desk = Desk()
    desk.join()
    desk.finish(desk.start(), seconds=3.0)
    desk.join(session="t")
    desk.start()
    estimate, starts = desk.read("t")
    assert estimate["rank_eta"] == starts["eta"] == 3.0  # QUEUE-020


def test_generator_chunks_are_full_then_edits_then_full() -> None:
    desk = Desk()
    event = desk.join()
    job = desk.start()
    for value in ("a", "ab", "ab", {"k": [1]}):
        desk.scheduler.emitted(event, [value], 0.5)
    desk.finish(job, [{"k": [1]}])
    outputs = [m["output"]["data"] for m in desk.read() if "output" in m]
    assert outputs == [
        ["a"],
        [[["append", [], "b"]]],
        [[]],
        [[["replace", [], {"k": [1]}]]],
        [{"k": [1]}],
    ]


def test_full_chunks_are_never_edits() -> None:
    desk = Desk()
    event = desk.join(full_chunks=True)
    desk.start()
    desk.scheduler.emitted(event, ["a"], 0.5)
    desk.scheduler.emitted(event, ["ab"], 0.5)
    assert [m["output"]["data"] for m in desk.read() if "output" in m] == [["a"], ["ab"]]


def test_progress_that_nobody_read_gives_way_to_newer_progress_only() -> None:
    desk = Desk()
    event = desk.join()
    desk.start()
    units = [(ProgressUnit(n, 4, "steps", None, None),) for n in range(4)]
    desk.scheduler.progressed(event, units[0])
    desk.scheduler.progressed(event, units[1])
    desk.scheduler.emitted(event, [1], 0.5)
    desk.scheduler.progressed(event, units[2])
    messages = desk.read()
    assert kinds(messages)[2:] == ["progress", "process_generating", "progress"]
    assert messages[2]["progress_data"][0]["index"] == 1
    desk.scheduler.progressed(event, units[3])
    assert [m["progress_data"][0]["index"] for m in desk.read()] == [3]


def test_cancel_of_a_waiting_event_removes_it() -> None:
    desk = Desk()
    desk.join()
    job = desk.start()
    waiting = desk.join()
    behind = desk.join()
    assert desk.scheduler.cancelled(waiting, "s", 0) is None
    desk.finish(job)
    assert ids(desk.start()) == [behind]
    [marker] = [m for m in desk.read() if m["event_id"] == waiting]
    assert (marker["msg"], marker["success"], marker["output"]) == ("process_completed", True, {})


def test_cancel_of_a_running_event_keeps_the_slot_until_it_ends() -> None:
    desk = Desk()
    event = desk.join()
    job = desk.start()
    desk.join()
    assert desk.scheduler.cancelled(event, "s", 0) is job
    assert desk.scheduler.cancelled(event, "s", 0) is None  # CANCEL-011
    assert desk.idle()  # CANCEL-015
    desk.finish(job)
    desk.start()
    assert kinds(desk.read(), event).count("process_completed") == 1


@pytest.mark.parametrize(("session", "fn"), [("other", 0), ("s", 1)])
def test_cancel_by_a_stranger_has_no_effect(session: str, fn: int) -> None:
    desk = Desk(Function(0, "g"), Function(1, "h"))
    event = desk.join()
    job = desk.start()
    assert desk.scheduler.cancelled(event, session, fn) is None
    assert job.live == 1


def test_cancel_of_a_finished_event_says_nothing() -> None:
    desk = Desk()
    event = desk.join()
    desk.finish(desk.start())
    assert desk.scheduler.cancelled(event, "s", 0) is None  # CANCEL-010, undelivered
    assert kinds(desk.read()).count("process_completed") == 1


def test_a_batch_takes_what_waits_and_each_event_its_own_slice() -> None:
    desk = Desk(Function(0, "g", 1, batch=2), Function(1, "g", 1))
    events = [desk.join(fn) for fn in (0, 1, 0, 0)]
    job = desk.start()
    assert ids(job) == [events[0], events[2]]
    desk.finish(job, ["A"], ["B"])
    messages = desk.read()
    results = {m["event_id"]: m["output"]["data"] for m in messages if "output" in m}
    assert results == {events[0]: ["A"], events[2]: ["B"]}
    assert ids(desk.start()) == [events[1]]


def test_a_cancelled_member_of_a_batch_leaves_the_others_running() -> None:
    desk = Desk(Function(0, "g", 1, batch=4))
    one, two = desk.join(), desk.join()
    job = desk.start()
    assert desk.scheduler.cancelled(one, "s", 0) is None
    assert desk.scheduler.cancelled(two, "s", 0) is job


def test_a_failed_batch_fails_every_member() -> None:
    desk = Desk(Function(0, "g", 1, batch=4))
    desk.join()
    desk.join()
    desk.scheduler.failed(desk.start(), Failure({"error": None}))
    completed = [m for m in desk.read() if m["msg"] == "process_completed"]
    assert [(m["success"], m["title"]) for m in completed] == [(False, "Error")] * 2


def test_a_dropped_session_is_forgotten_and_can_come_back() -> None:
    desk = Desk()
    running = desk.join()
    job = desk.start()
    desk.join()
    other = desk.join(session="t")
    assert desk.scheduler.dropped(Address("s")) == [job]
    assert desk.scheduler.attach(Address("s"), "r") is None
    desk.scheduler.emitted(running, [1], 0.5)  # a dead event reports to nobody
    desk.scheduler.ended(job)
    assert ids(desk.start()) == [other]  # the waiting one is gone (SSE-020)
    again = desk.join()
    assert kinds(desk.read(), again) == ["estimation"]


def test_a_stream_with_nothing_outstanding_closes_at_once() -> None:
    desk = Desk()
    desk.join()
    desk.finish(desk.start())
    desk.read()
    assert kinds(desk.read()) == ["close_stream"]  # SSE-023


def test_no_close_while_anything_is_outstanding() -> None:
    desk = Desk(Function(0, "g", None))
    desk.join()
    desk.join()
    desk.finish(desk.start())
    assert "close_stream" not in kinds(desk.read())  # SSE-012
    desk.finish(desk.start())
    assert kinds(desk.read())[-1] == "close_stream"


def test_a_call_has_a_mailbox_of_its_own_that_is_forgotten_once_read() -> None:
    desk = Desk(Function(0, "g", None))
    event = desk.join(call=True)
    desk.join(call=True)  # same session, another mailbox (CALL-019)
    desk.finish(desk.start(), ["x"])
    assert desk.scheduler.attach(Address("s"), "r") is None
    address = Address(event, call=True)
    mailbox = desk.scheduler.attach(address, "r")
    assert mailbox is not None
    delivery = desk.scheduler.take(mailbox, 0.0)
    assert kinds(delivery.messages) == ["process_completed"]
    assert delivery.finished
    assert desk.scheduler.attach(address, "r") is None  # CALL-010


def test_idle_mailboxes_are_bounded_and_busy_ones_are_kept() -> None:
    desk = Desk(Function(0, "g", None), limits=Limits(idle=2))
    desk.join(session="busy")
    busy = desk.start()
    for name in ("a", "b", "c"):
        desk.join(session=name)
        desk.finish(desk.start())
    known = [name for name in ("busy", "a", "b", "c") if desk.scheduler.attach(Address(name), "r")]
    assert known == ["busy", "b", "c"]
    assert busy.live == 1


def test_readers_are_woken_when_there_is_something_to_take() -> None:
    desk = Desk()
    desk.join()
    mailbox = desk.attach("s", "r")
    assert desk.scheduler.woken() == {"r": Haste.NOW}
    assert desk.scheduler.woken() == {}
    desk.scheduler.take(mailbox, 0.0)
    job = desk.start()
    assert desk.scheduler.woken() == {"r": Haste.SOON}  # more often than not something follows
    desk.scheduler.completed(job, [["x"]], 1.0)
    desk.scheduler.emitted("unknown", ["x"], 1.0)
    assert desk.scheduler.woken() == {"r": Haste.NOW}


def test_a_newer_reader_wakes_and_replaces_the_older() -> None:
    desk = Desk()
    desk.join()
    desk.scheduler.attach(Address("s"), "old")
    desk.scheduler.woken()
    mailbox = desk.attach("s", "new")
    assert list(desk.scheduler.woken()) == ["old", "new"]
    assert mailbox.reader == "new"
    assert desk.scheduler.readers() == ["new"]
