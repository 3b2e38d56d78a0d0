"""``State``: a value that the server keeps for each session between its events."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any
from typing import Generic
from typing import TypeVar
from typing import cast
from typing import overload

T = TypeVar("T")


class State(Generic[T]):
    """A value per session, which never travels: clients see ``null`` in its place (STATE-002).

    Name it in the annotation of a parameter to receive the caller's value, and in the return
    annotation to store a new one::

        words = State[list[str]]([])


        @app.api
        def collect(
            word: str, so_far: Annotated[list[str], words]
        ) -> tuple[int, Annotated[list[str], words]]:
            return len(so_far) + 1, [*so_far, word]

    ``value`` is every session's first value: a copy of it, or what it returns if it can be called
    (on the event loop, so it must not block). ``time_to_live`` in seconds since the value was
    stored last; None: as long as the session. ``delete_callback`` is called with a value that was
    dropped, in a thread. Raises ``TypeError`` for a value that cannot be copied, ``ValueError`` for
    a bad time.
    """

    @overload
    def __init__(
        self,
        value: Callable[[], T],
        *,
        time_to_live: float | None = None,
        delete_callback: Callable[[T], object] | None = None,
    ) -> None: ...

    @overload
    def __init__(
        self,
        value: T,
        *,
        time_to_live: float | None = None,
        delete_callback: Callable[[T], object] | None = None,
    ) -> None: ...

    @overload
    def __init__(
        self: State[Any],
        *,
        time_to_live: float | None = None,
        delete_callback: Callable[[T], object] | None = None,
    ) -> None: ...

    def __init__(
        self,
        value: Any = None,
        *,
        time_to_live: float | None = None,
        delete_callback: Callable[[T], object] | None = None,
    ) -> None:
        if time_to_live is not None and not time_to_live > 0:
            raise ValueError(f"time_to_live: {time_to_live!r} is not a positive number of seconds")
        if not callable(value):
            try:
                value = copy.deepcopy(value)
            except Exception as error:
                kind = type(value).__name__
                message = f"value: a {kind} cannot be copied; give a function that makes one"
                raise TypeError(message) from error
        self.value = value
        self.time_to_live = time_to_live
        self.delete_callback = delete_callback

    def make(self) -> T:
        """A session's first value."""
        value: Any = self.value() if callable(self.value) else copy.deepcopy(self.value)
        return cast(T, value)
