"""Faults of session streams: who reads, what is kept, when it ends."""

from __future__ import annotations

import asyncio
from typing import Any

from gradio_conformance.mutants.patching import Patches
from gradio_conformance.mutants.patching import fault
from gradio_reference.brokers import StreamLost
from gradio_reference.brokers.memory import MemoryBroker
from gradio_reference.brokers.memory import MemoryStream
from gradio_reference.core.mailbox import Address
from gradio_reference.core.mailbox import Delivery
from gradio_reference.core.mailbox import Mailbox
from gradio_reference.core.mailbox import Slot
from gradio_reference.core.messages import Message
from gradio_reference.core.model import Event
from gradio_reference.core.model import Job
from gradio_reference.core.model import State
from gradio_reference.core.scheduler import Scheduler
from gradio_reference.routes import streams


@fault
def a_late_stream_loses_the_past(patch: Patches) -> None:
    original = Mailbox.attach

    def attach(mailbox: Mailbox, reader: Any) -> None:
        mailbox.slots.clear()
        original(mailbox, reader)

    patch(Mailbox, "attach", attach)


@fault
def a_stream_for_each_event(patch: Patches) -> None:
    original = Mailbox.drain
    shown: dict[int, Event] = {}  # by reader

    def drain(mailbox: Mailbox) -> list[Message]:
        if not mailbox.slots:
            return []
        event = shown.setdefault(id(mailbox.reader), mailbox.slots[0].event)
        others = [slot for slot in mailbox.slots if slot.event is not event]
        for slot in others:
            mailbox.slots.remove(slot)
        told = original(mailbox)
        mailbox.slots.extend(others)
        return told

    patch(Mailbox, "drain", drain)


@fault
def everybody_hears_everything(patch: Patches) -> None:
    original = Scheduler._put

    def put(
        scheduler: Scheduler, event: Event, message: Message, *, replaceable: bool = False
    ) -> None:
        original(scheduler, event, message, replaceable=replaceable)
        for mailbox in scheduler._mailboxes.values():
            if mailbox is not event.mailbox and mailbox.outstanding and not mailbox.address.call:
                mailbox.slots.append(Slot(event, message))
                scheduler._wake(mailbox)

    patch(Scheduler, "_put", put)


@fault
def everybody_hears_what_came_before(patch: Patches) -> None:
    """The messages of an event go to every session that still has something to read."""
    original = Scheduler._put

    def put(
        scheduler: Scheduler, event: Event, message: Message, *, replaceable: bool = False
    ) -> None:
        original(scheduler, event, message, replaceable=replaceable)
        for mailbox in scheduler._mailboxes.values():
            if mailbox is not event.mailbox and mailbox.slots and not mailbox.address.call:
                mailbox.slots.append(Slot(event, message))

    patch(Scheduler, "_put", put)


@fault
def heartbeats_too_rare(patch: Patches) -> None:
    original = streams.Pace.__init__
    patch(streams.Pace, "__init__", lambda pace, interval: original(pace, 5 * interval))


@fault
def sessions_are_used_once(patch: Patches) -> None:
    attach, retire = Scheduler.attach, Scheduler._retire
    used: set[Address] = set()

    def attach_once(scheduler: Scheduler, address: Address, reader: Any) -> Mailbox | None:
        return None if address in used else attach(scheduler, address, reader)

    def retire_for_good(scheduler: Scheduler, mailbox: Mailbox) -> None:
        used.add(mailbox.address)
        retire(scheduler, mailbox)

    patch(Scheduler, "attach", attach_once)
    patch(Scheduler, "_retire", retire_for_good)


@fault
def late_joins_are_not_heard(patch: Patches) -> None:
    accept, drain = Mailbox.accept, Mailbox.drain
    late: set[str] = set()

    def accept_late(mailbox: Mailbox, event: Event) -> None:
        accept(mailbox, event)
        if mailbox.reader is not None:
            late.add(event.id)

    def drain_early(mailbox: Mailbox) -> list[Message]:
        kept = [slot for slot in mailbox.slots if slot.event.id in late]
        for slot in kept:
            mailbox.slots.remove(slot)
        told = drain(mailbox)
        mailbox.slots.extend(kept)
        return told

    patch(Mailbox, "accept", accept_late)
    patch(Mailbox, "drain", drain_early)


@fault
def waiting_events_outlive_their_reader(patch: Patches) -> None:
    def dropped(scheduler: Scheduler, address: Address) -> list[Job]:
        mailbox = scheduler._mailboxes.pop(address, None)
        if mailbox is None:
            return []
        mailbox.detach()
        events = [e for e in mailbox.outstanding.values() if e.state is State.RUNNING]
        jobs = [scheduler._abort(event, None) for event in events]
        return [job for job in jobs if job is not None]

    patch(Scheduler, "dropped", dropped)


@fault
def generators_outlive_their_reader(patch: Patches) -> None:
    def drop(broker: MemoryBroker, address: Address) -> None:
        broker.scheduler.dropped(address)
        broker.pump()

    patch(MemoryBroker, "drop", drop)


@fault
def a_disconnect_spoils_the_session(patch: Patches) -> None:
    original = Scheduler.dropped

    def dropped(scheduler: Scheduler, address: Address) -> list[Job]:
        mailbox = scheduler._mailboxes.get(address)
        lost = dict(mailbox.outstanding) if mailbox is not None else {}
        jobs = original(scheduler, address)
        if mailbox is not None:
            mailbox.outstanding.update(lost)
            scheduler._mailboxes[address] = mailbox
        return jobs

    patch(Scheduler, "dropped", dropped)


@fault
def an_idle_stream_hangs(patch: Patches) -> None:
    original = Scheduler.take

    def take(scheduler: Scheduler, mailbox: Mailbox, now: float) -> Delivery:
        if mailbox.finished and not mailbox.address.call:
            return Delivery([], False)
        return original(scheduler, mailbox, now)

    patch(Scheduler, "take", take)


@fault
def the_older_reader_stays(patch: Patches) -> None:
    original = Scheduler.attach

    def attach(scheduler: Scheduler, address: Address, reader: Any) -> Mailbox | None:
        mailbox = scheduler._mailboxes.get(address)
        if mailbox is not None and mailbox.reader is not None:
            return None
        return original(scheduler, address, reader)

    patch(Scheduler, "attach", attach)


@fault
def the_older_reader_hangs(patch: Patches) -> None:
    original = MemoryStream.next

    async def next_batch(stream: MemoryStream, timeout: float) -> Delivery:
        try:
            return await original(stream, timeout)
        except StreamLost as lost:
            if lost.unknown:
                raise
            return await asyncio.Future()

    patch(MemoryStream, "next", next_batch)


@fault
def told_again_on_the_next_stream(patch: Patches) -> None:
    attach, retire = Mailbox.attach, Scheduler._retire
    finish = Scheduler._finish
    told: dict[Address, list[Slot]] = {}
    again: dict[Address, list[Slot]] = {}

    def finish_and_keep(scheduler: Scheduler, event: Event, message: Message | None) -> None:
        finish(scheduler, event, message)
        if message is not None:
            told.setdefault(event.mailbox.address, []).append(Slot(event, message))

    def retire_and_keep(scheduler: Scheduler, mailbox: Mailbox) -> None:
        again[mailbox.address] = told.pop(mailbox.address, [])
        retire(scheduler, mailbox)

    def attach_again(mailbox: Mailbox, reader: Any) -> None:
        attach(mailbox, reader)
        mailbox.slots[:0] = reversed(again.pop(mailbox.address, []))

    patch(Scheduler, "_finish", finish_and_keep)
    patch(Scheduler, "_retire", retire_and_keep)
    patch(Mailbox, "attach", attach_again)
