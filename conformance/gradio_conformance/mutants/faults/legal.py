"""Changes of the reference server that break nothing, for the legal variants."""

from __future__ import annotations

import json
import uuid
from typing import Any

from gradio_conformance.mutants.patching import Patches
from gradio_conformance.mutants.patching import fault
from gradio_reference.brokers import memory
from gradio_reference.core.mailbox import Address
from gradio_reference.core.mailbox import Mailbox
from gradio_reference.core.scheduler import Scheduler
from gradio_reference.routes import streams


@fault
def json_in_another_style(patch: Patches) -> None:
    def text(value: Any) -> str:
        return json.dumps(value, ensure_ascii=True, sort_keys=True, allow_nan=False)

    patch(streams, "_json", text)


@fault
def event_ids_in_another_style(patch: Patches) -> None:
    patch(memory, "new_id", lambda: f"Event_{uuid.uuid4()}.~")


@fault
def finished_sessions_are_forgotten(patch: Patches) -> None:
    """A session with nothing outstanding and nothing undelivered is unknown (SSE-023)."""
    original = Scheduler.attach

    def attach(scheduler: Scheduler, address: Address, reader: Any) -> Mailbox | None:
        mailbox = scheduler._mailboxes.get(address)
        if mailbox is not None and mailbox.finished:
            return None
        return original(scheduler, address, reader)

    patch(Scheduler, "attach", attach)
