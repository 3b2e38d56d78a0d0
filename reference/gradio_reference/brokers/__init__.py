"""Where accepted calls wait and messages are kept. ``memory`` keeps both in this process.

Routes and worker know a broker only by the protocols below.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from typing import Protocol

from gradio_reference.core.mailbox import Address
from gradio_reference.core.messages import Failure
from gradio_reference.core.messages import Log
from gradio_reference.core.messages import Message
from gradio_reference.core.messages import Progress
from gradio_reference.core.model import Event
from gradio_reference.core.model import Job
from gradio_reference.core.model import Result


class BrokerClosed(Exception):
    """The server is stopping: it accepts no more calls."""


class Batch(Protocol):
    """Messages that are due now. ``finished``: they are the last of this stream."""

    @property
    def messages(self) -> list[Message]: ...

    @property
    def finished(self) -> bool: ...


class StreamLost(Exception):
    """The stream cannot go on. The message says why; ``unknown``: there is no such mailbox
    (SSE-017).
    """

    def __init__(self, message: str, *, unknown: bool = False) -> None:
        super().__init__(message)
        self.unknown = unknown


class Stream(Protocol):
    """One reader of one mailbox."""

    async def next(self, timeout: float) -> Batch:
        """What is due; nothing after ``timeout`` seconds of silence. Raises ``StreamLost``."""

    def close(self) -> None:
        """The reader is gone. Before the end of the stream this drops what its mailbox waits
        for.
        """


class Feeds(Protocol):
    """The chunks that clients send to streaming-input events."""

    def find(self, event_id: str) -> Event | None:
        """The live event of this id, if it takes chunks."""

    def of(self, session: str) -> list[Event]:
        """The live events of a session that take chunks."""

    def put(self, event: Event, chunk: Any, weight: int = 0) -> None:
        """Replace the chunk that waits, if any, and wake the job. Raises ``Refused`` if there is no
        room for so many bytes.
        """

    def close(self, event: Event) -> None:
        """No further chunk will come."""

    async def next(self, event: Event) -> Any:
        """The next chunk; None if there will be none."""


class Broker(Protocol):
    """Accepts calls, hands out streams, and takes the reports of the worker. Used on the loop
    only.
    """

    async def join(
        self,
        fn: int,
        session: str | None,
        payload: Any,
        *,
        weight: int = 0,
        call: bool = False,
        full_chunks: bool = False,
    ) -> str:
        """Accept a call, whose payload has ``weight`` bytes; return its event id. Raises
        ``Refused`` or ``BrokerClosed``.
        """

    async def answered(
        self,
        fn: int,
        session: str | None,
        result: Result,
        seconds: float,
        *,
        call: bool = False,
        full_chunks: bool = False,
    ) -> str:
        """Accept a call whose result is known (EVT-029); ``seconds``: how long it took to find
        it. Raises ``BrokerClosed``.
        """

    async def require_room(self, weight: int = 0) -> None:
        """Raises ``Refused`` if no call of so many bytes can wait now."""

    async def cancel(self, event_id: str, session: str, fn: int) -> None:
        """End one event, if this session owns it and the function matches."""

    async def waiting(self) -> int:
        """How many events wait, over all groups (QUEUE-011)."""

    def stream(self, address: Address) -> Stream:
        """A new reader; it takes the mailbox over from an older one."""

    @property
    def feeds(self) -> Feeds: ...

    def stored(self, event_id: str, changed: Iterable[int]) -> None:
        """The next output of this event tells that these States changed (STATE-013)."""

    def emitted(self, event_id: str, values: list[Any]) -> None: ...

    def logged(self, event_id: str, entry: Log) -> None: ...

    def progressed(self, event_id: str, units: Progress) -> None: ...

    def completed(self, job: Job, results: list[list[Any]]) -> None: ...

    def failed(self, job: Job, failure: Failure) -> None: ...

    def rejected(self, event_id: str, failure: Failure) -> None:
        """One event of a job that is being started cannot be run; the others go on."""

    def ended(self, job: Job) -> None: ...

    def held(self, job: Job) -> bool:
        """Whether the job should wait before it tells more, for its readers are behind."""

    async def room(self, job: Job) -> None:
        """Wait until the job is not held any more: it may go on, or nobody waits for it. One
        caller at a time for each job.
        """

    def mean_duration(self, fn: int) -> float | None: ...

    def observed(self, fn: int, seconds: float) -> None:
        """A successful run outside the queue took this long."""

    def close(self) -> None:
        """Stop accepting calls, end all streams with a message (SSE-026), stop all jobs."""
