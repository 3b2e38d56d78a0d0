"""Endpoints that keep State: what each session has for itself between its events.

A State is named in the annotation, `Annotated[type of its value, the State]`; on gradio,
`on_gradio` makes inputs and outputs of a Blocks event out of that. No postponed annotations here:
the libraries evaluate them, and the States are local.
"""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Annotated
from typing import Any
from typing import cast

from gradio_conformance.testbed.kit import F
from gradio_conformance.testbed.kit import Kit

NOTE_LIVES = 1  # seconds
BATCH: dict[str, Any] = {"batch": True, "max_batch_size": 4}


def register(kit: Kit) -> None:
    total = kit.gr.State(0)
    _sums(kit, total)
    _steps(kit, total)
    _holds(kit, total)
    _words(kit)
    _watched(kit)
    _note(kit)
    _ends(kit)


def _sums(kit: Kit, total: Any) -> None:
    Total = Annotated[int, total]  # noqa: N806

    @kit.api(name="state_add")
    def state_add(n: int, total: Total) -> tuple[int, Total]:
        return total + n, total + n

    @kit.api(name="state_read", concurrency_limit=None)
    def state_read(total: Total) -> int:
        return total

    @kit.api(name="state_batch", **BATCH)
    def state_batch(key: str, n: int, total: Total) -> tuple[int, Total]:
        keys, numbers, totals = (cast(Sequence[Any], column) for column in (key, n, total))
        kit.journal.write(keys[0], "state_batch", "start", len(keys))
        kit.gates.wait(keys[0])
        sums = [a + b for a, b in zip(numbers, totals, strict=True)]
        return cast(tuple[int, int], [sums, sums])


def _steps(kit: Kit, total: Any) -> None:
    Total = Annotated[int, total]  # noqa: N806

    @kit.api(name="state_steps", concurrency_limit=None)
    def state_steps(key: str, steps: int, total: Total) -> Iterator[tuple[int, Total]]:
        for step in range(1, steps + 1):
            yield total + step, total + step
            kit.gates.wait(key)

    @kit.api(name="state_fail_after")
    def state_fail_after(steps: int, total: Total) -> Iterator[tuple[int, Total]]:
        for step in range(1, steps + 1):
            yield total + step, total + step
        raise ValueError("the steps are over")


def _holds(kit: Kit, total: Any) -> None:
    Total = Annotated[int, total]  # noqa: N806

    @kit.api(name="state_hold", concurrency_limit=None)
    async def state_hold(key: str, n: int, total: Total) -> tuple[int, Total]:
        kit.journal.write(key, "state_hold", "start")
        await kit.gates.wait_async(key)
        kit.journal.write(key, "state_hold", "end")
        return total + n, total + n


def _words(kit: Kit) -> None:
    words = kit.gr.State([])
    Words = Annotated[list[str], words]  # noqa: N806

    @kit.api(name="state_collect")
    def state_collect(text: str, words: Words, suffix: str = ".") -> tuple[list[str], Words, int]:
        found = [*words, text + suffix]
        return found, found, len(found)


def _watched(kit: Kit) -> None:
    watched, unwatched = kit.gr.State(""), kit.gr.State("")
    Watched = Annotated[str, watched]  # noqa: N806
    Unwatched = Annotated[str, unwatched]  # noqa: N806
    listens: Callable[..., Callable[[F], F]] = (
        kit.api
    )  # Server mode has no State, so its decorator has no on_change

    @kit.api(name="state_watch")
    def state_watch(text: str) -> tuple[str, Watched, Unwatched]:
        return text, text, text

    @listens(name="state_noticed", on_change=watched)
    def state_noticed(watched: Watched) -> None:
        kit.journal.write(watched, "state_noticed", "called")


def _note(kit: Kit) -> None:
    def deleted(key: str | None) -> None:
        if key:
            kit.journal.write(key, "state_note", "deleted")

    note = kit.gr.State("", time_to_live=NOTE_LIVES, delete_callback=deleted)
    Note = Annotated[str, note]  # noqa: N806

    @kit.api(name="state_note")
    def state_note(key: str, note: Note) -> tuple[str, Note]:
        return note, key


def _ends(kit: Kit) -> None:
    gr = kit.gr

    def gone(request: gr.Request) -> None:  # type: ignore[name-defined]
        kit.journal.write(request.session_hash, "unload", "called")

    kit.unload(gone)
