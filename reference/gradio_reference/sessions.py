"""The sessions of one running server: their State, their heartbeats, and what their end brings."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import time
from asyncio import TimerHandle
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from functools import partial
from typing import Any

from gradio_reference.core.sessions import SessionStore
from gradio_reference.endpoint import Endpoint
from gradio_reference.executor import Execution
from gradio_reference.progress import Progress
from gradio_reference.request import Request
from gradio_reference.signature import inspect_function
from gradio_reference.state import State
from gradio_reference.threads import ThreadPool

THREADS = 4
logger = logging.getLogger("gradio_reference")

Listener = Callable[..., object]


class Sessions:
    """Reads and stores State for the worker, and follows the heartbeats. On the loop only.

    ``ids``: the component id of each State. ``gone`` is told of each session that has gone. A
    ``session`` of None, or an empty one, is a call without one: it gets first values, and nothing
    it stores is kept (STATE-005).
    """

    def __init__(
        self,
        store: SessionStore,
        ids: Mapping[State[Any], int],
        unloads: Sequence[Listener],
        base: contextvars.Context,
        *,
        gone: Callable[[str], object] = lambda session: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._gone = gone
        self._store = store
        self._ids = ids
        self._unloads = unloads
        self._base = base
        self._clock = clock
        self._pool = ThreadPool(THREADS, "session")
        self._tasks: set[asyncio.Future[Any]] = set()
        self._timer: TimerHandle | None = None
        self._due = 0.0

    def fill(self, endpoint: Endpoint, row: list[Any], session: str | None) -> list[Any]:
        """The inputs of a call with the session's values in the places of State (STATE-001)."""
        wanted = [item for item in endpoint.signature.inputs if isinstance(item, State)]
        if not wanted:
            return row
        found = iter(self._read(wanted, session))
        pairs = zip(endpoint.signature.inputs, row, strict=True)
        return [next(found) if isinstance(item, State) else value for item, value in pairs]

    def keep(self, values: Mapping[State[Any], Any], session: str | None) -> list[int]:
        """Store what an event put into its State outputs; the ids that ``changed_state_ids``
        tells (STATE-013).
        """
        if not values or not session:
            return []
        changed = self._store.store(session, values, self._clock())
        self._settle()
        return [self._ids[state] for state in changed]

    def _read(self, wanted: Sequence[State[Any]], session: str | None) -> list[Any]:
        if not session:
            own: dict[State[Any], Any] = {}
            for state in wanted:
                if state not in own:
                    own[state] = state.make()
            return [own[state] for state in wanted]
        found = self._store.read(session, wanted, self._clock())
        self._settle()
        return found

    # --- heartbeats and ends ---------------------------------------------------------------------

    def opened(self, session: str) -> None:
        """A heartbeat connection of this session was opened."""
        self._store.opened(session)

    def closed(self, request: Request) -> None:
        """A heartbeat connection of the request's session was closed. With the last one the
        session is gone: its unload listeners run (STATE-019).
        """
        session = str(request.session_key)
        if self._store.closed(session, self._clock()):
            self._gone(session)
            for listener in self._unloads:
                self._keep_task(asyncio.ensure_future(self._unload(listener, request)))
        self._settle()

    async def _unload(self, listener: Listener, request: Request) -> None:
        signature = inspect_function(listener)
        args, kwargs = signature.bind([], request, Progress())
        call = partial(listener, *args, **kwargs)
        context = self._base.copy()
        execution = Execution(signature.kind, call, lambda returned: None, context, self._pool)
        outcome = await execution.run(lambda step: None)
        if outcome.error is not None:
            logger.error("An unload listener failed", exc_info=outcome.error)

    def expire(self) -> None:
        """Drop what is due, and look again when more may be."""
        self._timer = None
        self._store.expire(self._clock())
        self._settle()

    @property
    def ends(self) -> set[asyncio.Future[Any]]:
        """The unload listeners and delete callbacks that are still running."""
        return set(self._tasks)

    def close(self) -> None:
        """The server stops: no timer is left behind."""
        if self._timer is not None:
            self._timer.cancel()

    def _settle(self) -> None:
        for state, value in self._store.dropped():
            if state.delete_callback is not None:
                self._keep_task(self._pool.run(partial(_delete, state, value)))
        due = self._store.due
        if due is None or (self._timer is not None and self._due <= due):
            return
        if self._timer is not None:
            self._timer.cancel()
        wait = max(0.0, due - self._clock())
        self._due = due
        self._timer = asyncio.get_running_loop().call_later(wait, self.expire)

    def _keep_task(self, task: asyncio.Future[Any]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _delete(state: State[Any], value: Any) -> None:
    try:
        state.delete_callback(value)  # type: ignore[misc]
    except Exception:
        logger.exception("The delete_callback of a State failed")
