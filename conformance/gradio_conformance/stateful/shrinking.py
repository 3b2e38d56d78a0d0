"""Makes a failing script small enough to be read: leaves out steps, waits where it need not hurry,
and puts plain endpoints and one client in the place of others, as long as it still fails.

Hypothesis has shrunk the choices before; this ends what a budget of seconds leaves undone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterator
from dataclasses import replace

from gradio_conformance.stateful.script import GATE
from gradio_conformance.stateful.script import Call
from gradio_conformance.stateful.script import Join
from gradio_conformance.stateful.script import Script
from gradio_conformance.stateful.script import Step

PLAIN = (("echo", [None]), ("hold", [GATE]), ("hold_unlimited", [GATE]))
PLAIN_ENDPOINTS = frozenset(endpoint for endpoint, _ in PLAIN)
Steps = tuple[Step, ...]


def shrunk(
    script: Script,
    fails: Callable[[Script], Script | None],
    seconds: float,
    offered: Collection[str] = PLAIN_ENDPOINTS,
) -> Script:
    """The smallest script that ``fails`` still takes for the same failure; it returns the script
    with what was broken this time. Stops after ``seconds``; uses only endpoints of ``offered``.
    """
    until = time.monotonic() + seconds
    smaller = True
    while smaller:
        smaller = False
        for steps in _simpler(script.steps, offered):
            if time.monotonic() > until:
                return script
            found = fails(replace(script, steps=steps))
            if found is not None:
                script, smaller = found, True
                break
    return script


def _simpler(steps: Steps, offered: Collection[str]) -> Iterator[Steps]:
    """Simpler scripts, the most promising first."""
    for place in reversed(range(len(steps))):
        yield (*steps[:place], *steps[place + 1 :])
    if any(step.hurried for step in steps):
        yield tuple(replace(step, hurried=False) for step in steps)
    if any(getattr(step, "session", "A") not in ("", "A") for step in steps):
        yield tuple(_moved(step) for step in steps)
    for place, step in enumerate(steps):
        for plain in _plainer(step):
            if getattr(plain, "endpoint", None) in (None, *offered):
                yield (*steps[:place], plain, *steps[place + 1 :])


def _moved(step: Step) -> Step:
    """The same step by the first client."""
    return replace(step, session="A") if getattr(step, "session", "") else step  # type: ignore[call-arg]


def _plainer(step: Step) -> Iterator[Step]:
    if step.hurried:
        yield replace(step, hurried=False)
    if isinstance(step, Call) and step.session:
        yield replace(step, session="")
    if isinstance(step, Join | Call):
        now = (step.endpoint, step.data)
        for endpoint, data in PLAIN[: PLAIN.index(now) if now in PLAIN else None]:
            yield replace(step, endpoint=endpoint, data=data)
