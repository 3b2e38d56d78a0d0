"""Faults that only a sequence brings about: each needs things to happen one after the other that no
single rule puts together.
"""

from __future__ import annotations

from typing import Any

from gradio_conformance.mutants.patching import Patches
from gradio_conformance.mutants.patching import fault
from gradio_reference.brokers.memory import MemoryBroker
from gradio_reference.core.mailbox import Address
from gradio_reference.core.mailbox import Mailbox
from gradio_reference.core.messages import Message
from gradio_reference.core.model import Event
from gradio_reference.core.model import Job
from gradio_reference.core.model import State
from gradio_reference.core.scheduler import Scheduler


def _never_finished(patch: Patches, unfinished: set[Address]) -> None:
    """The streams of these mailboxes do not end by themselves."""
    original = Mailbox.finished.fget  # type: ignore[attr-defined]

    def finished(mailbox: Mailbox) -> bool:
        return bool(original(mailbox)) and mailbox.address not in unfinished

    patch(Mailbox, "finished", property(finished))


@fault
def a_session_left_twice_never_closes(patch: Patches) -> None:
    original = MemoryBroker.drop
    left: list[Address] = []
    unfinished: set[Address] = set()

    def drop(broker: MemoryBroker, address: Address) -> None:
        if address in left and not address.call:
            unfinished.add(address)
        left.append(address)
        original(broker, address)

    patch(MemoryBroker, "drop", drop)
    _never_finished(patch, unfinished)


@fault
def the_cancel_of_a_waiting_event_ends_running_ones(patch: Patches) -> None:
    """All that its session has running, of whatever function."""
    original = MemoryBroker.cancel

    async def cancel(broker: MemoryBroker, event_id: str, session: str, fn: int) -> None:
        events = broker.scheduler._events
        named = events.get(event_id)
        waits = named is not None and named.state is State.WAITING
        await original(broker, event_id, session, fn)
        for event in list(events.values()) if waits else []:
            if event.session == session and event.state is State.RUNNING:
                await original(broker, event.id, session, event.fn)

    patch(MemoryBroker, "cancel", cancel)


@fault
def whoever_waits_behind_a_cancelled_event_is_forgotten(patch: Patches) -> None:
    original = Scheduler.cancelled

    def cancelled(scheduler: Scheduler, event_id: str, session: str, fn: int) -> Job | None:
        named = scheduler._events.get(event_id)
        waits = named is not None and named.state is State.WAITING
        job = original(scheduler, event_id, session, fn)
        if named is not None and waits and named.state is State.DONE and len(named.group):
            behind = named.group.head()
            if behind.seq > named.seq:
                named.group.remove(behind)
                behind.mailbox.stop_waiting(behind)
                behind.state = State.DONE
                scheduler.waiting -= 1
                scheduler._settle(named.group)
        return job

    patch(Scheduler, "cancelled", cancelled)


@fault
def a_replaced_reader_doubles_the_end(patch: Patches) -> None:
    """After a newer reader took over, events that had joined before end twice."""
    attach, finish = Mailbox.attach, Scheduler._finish
    replaced: dict[Address, int] = {}

    def noted(mailbox: Mailbox, reader: Any) -> None:
        if mailbox.reader is not None and not mailbox.address.call:
            replaced[mailbox.address] = max(e.seq for e in mailbox.outstanding.values())
        attach(mailbox, reader)

    def twice(scheduler: Scheduler, event: Event, message: Message | None) -> None:
        last = replaced.get(event.mailbox.address, 0)
        finish(scheduler, event, message)
        if message is not None and event.seq <= last:
            scheduler._put(event, message)

    patch(Mailbox, "attach", noted)
    patch(Scheduler, "_finish", twice)


@fault
def events_that_end_in_reverse_keep_the_stream_open(patch: Patches) -> None:
    original = Scheduler._finish
    newest: dict[Address, int] = {}
    unfinished: set[Address] = set()

    def finish(scheduler: Scheduler, event: Event, message: Message | None) -> None:
        address = event.mailbox.address
        if event.seq < newest.get(address, 0) and not address.call and message is not None:
            unfinished.add(address)
        newest[address] = max(event.seq, newest.get(address, 0))
        original(scheduler, event, message)

    patch(Scheduler, "_finish", finish)
    _never_finished(patch, unfinished)


@fault
def a_second_reading_after_a_failure_hangs(patch: Patches) -> None:
    """The result of a failed call may be read once; the second response never ends."""
    finish, attach = Scheduler._finish, Scheduler.attach
    failed: set[Address] = set()

    def noted(scheduler: Scheduler, event: Event, message: Message | None) -> None:
        is_call = event.mailbox.address.call
        if is_call and message is not None and message.get("success") is False:
            failed.add(event.mailbox.address)
        finish(scheduler, event, message)

    def attached(scheduler: Scheduler, address: Address, reader: Any) -> Mailbox | None:
        mailbox = attach(scheduler, address, reader)
        if mailbox is None and address in failed:
            mailbox = Mailbox(address)
            mailbox.outstanding["never"] = None  # type: ignore[assignment]
            mailbox.attach(reader)
        return mailbox

    patch(Scheduler, "_finish", noted)
    patch(Scheduler, "attach", attached)
