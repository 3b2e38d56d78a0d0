"""Requests made from the protocol's own OpenAPI document, good and bad, by Schemathesis.

Each operation belongs to the profile of the first clause that it names, so that a new one is
covered as soon as it stands in the document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradio_conformance.binding import check
from gradio_conformance.hostility import require_alive
from gradio_conformance.probe import Probe

if TYPE_CHECKING:
    from gradio_conformance.fuzz import Fuzz

# Profiles whose operations have a check of their own.
CALLS = ("call",)
QUEUE = ("queue", "stream")


def _fuzzed(probe: Probe, clause: str, profiles: tuple[str, ...]) -> Fuzz:
    # Not at the top: Schemathesis takes a while to load, and `list` reads this module, too.
    from gradio_conformance.fuzz import Fuzz
    from gradio_conformance.fuzz import Group

    fuzz = Fuzz(probe, Group(clause, profiles))
    fuzz.run()
    return fuzz


@check("NET-024")
def check_answers_are_those_of_the_document(probe: Probe) -> None:
    """Whatever is asked of the routes of discovery, and of all that are no call, is answered as
    documented.
    """
    others = tuple(p for p in probe.profiles if p not in (*CALLS, *QUEUE))
    _fuzzed(probe, "NET-024", others)
    require_alive(probe, "NET-024")


@check("NET-025", "NET-004")
def check_answers_to_calls_are_those_of_the_document(probe: Probe) -> None:
    """Whatever is asked of the routes of calls is answered as documented."""
    _fuzzed(probe, "NET-025", CALLS)
    require_alive(probe, "NET-025")


@check("NET-026", "JOIN-016")
def check_answers_of_the_queue_are_those_of_the_document(probe: Probe) -> None:
    """Whatever is asked of the queue is answered as documented, and what it refuses leaves
    nothing.
    """
    fuzz = _fuzzed(probe, "NET-026", QUEUE)
    probe.verify()  # of a queue that answers otherwise nobody knows what it refused
    fuzz.require_nothing_left("JOIN-016")
