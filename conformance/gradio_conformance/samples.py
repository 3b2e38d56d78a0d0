"""Sample calls on an app that nobody described, and the answer of those whose answer is known."""

from __future__ import annotations

from typing import Any

from gradio_conformance.faults import require_equal
from gradio_conformance.inputs import some_endpoint
from gradio_conformance.probe import Probe
from gradio_conformance.session import Event
from gradio_conformance.session import Session

ECHO = "echo_text"


def any_call(probe: Probe, session: Session) -> Event:
    """Join some endpoint of the app with sample data."""
    endpoint = some_endpoint(probe.target)
    return session.join(endpoint.name, endpoint.sample)


def answered(event: Event, *, clause: str | None = None) -> None:
    """Wait for the end of a sample call; on the testbed it must have brought the right answer.

    So that a server cannot pass by sending the same messages whatever was asked. ``clause`` as in
    ``Event.result``.
    """
    target = event.session.probe.target
    endpoint = some_endpoint(target)
    if target.is_testbed and endpoint.name == ECHO:
        got: list[Any] = event.result(clause=clause)
        require_equal(got, endpoint.sample, clause or "EVT-008", f"data of {ECHO}")
    else:
        event.completed(clause=clause or "EVT-003")
