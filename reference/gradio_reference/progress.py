"""``Progress``: how a running function tells how far it is."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sized
from dataclasses import replace
from typing import TypeVar

from gradio_reference.context import current
from gradio_reference.core.messages import ProgressUnit
from gradio_reference.encoding import clean_number
from gradio_reference.encoding import clean_text

T = TypeVar("T")


class Progress:
    """Reports progress of the running event; outside one, calls do nothing and ``tqdm`` just
    iterates.

    Make it in the body or give it as a parameter default (``progress=Progress()``).
    ``track_tqdm`` does nothing, as in Gradio's Server mode: loops of the tqdm library itself are
    not reported.
    """

    def __init__(self, track_tqdm: bool = False) -> None:
        self.track_tqdm = track_tqdm

    def __call__(
        self,
        progress: float | tuple[float, float | None] | None,
        desc: str | None = None,
        total: float | None = None,
        unit: str = "steps",
    ) -> None:
        """Report a fraction (0…1), or ``(done, total)``, or ``None`` for "unknown", inside any
        running ``tqdm``.
        """
        context = current.get()
        if context is None:
            return
        if isinstance(progress, tuple):
            index, total = progress
            leaf = _unit(index, total, unit, None, desc)
        else:
            leaf = _unit(None, total, unit, progress, desc)
        context.report((*context.stack, leaf))

    def tqdm(
        self,
        iterable: Iterable[T],
        desc: str | None = None,
        total: float | None = None,
        unit: str = "steps",
    ) -> Iterator[T]:
        """Iterate and report one unit per item; nested calls report the outer loops first
        (EVT-025).
        """
        context = current.get()
        if context is None:
            yield from iterable
            return
        length = len(iterable) if isinstance(iterable, Sized) else total
        stack = context.stack
        level = len(stack)
        stack.append(_unit(0, length, unit, None, desc))
        try:
            for done, item in enumerate(iterable):
                # An inner loop that was left by ``break`` or an exception is over here.
                del stack[level + 1 :]
                stack[level] = replace(stack[level], index=done)
                context.report(tuple(stack))
                stack[level] = replace(stack[level], index=done + 1)
                yield item
            context.report(tuple(stack))
        finally:
            del stack[level:]


def _unit(
    index: float | None,
    length: float | None,
    unit: str | None,
    progress: float | None,
    desc: str | None,
) -> ProgressUnit:
    """A unit that is strict JSON, whatever the function gave (SSE-006)."""
    return ProgressUnit(
        clean_number(index),
        clean_number(length),
        None if unit is None else clean_text(unit),
        clean_number(progress),
        None if desc is None else clean_text(desc),
    )
