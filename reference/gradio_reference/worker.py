"""The worker: takes jobs from the broker, runs their functions, reports what became of them."""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from typing import Any

from gradio_reference import context
from gradio_reference.brokers import Broker
from gradio_reference.chunks import ChunkedExecution
from gradio_reference.context import Chunk
from gradio_reference.context import RunContext
from gradio_reference.core import messages
from gradio_reference.core.messages import Failure
from gradio_reference.core.messages import Log
from gradio_reference.core.model import Event
from gradio_reference.core.model import Job
from gradio_reference.core.model import Result
from gradio_reference.endpoint import Endpoint
from gradio_reference.executor import Execution
from gradio_reference.executor import Outcome
from gradio_reference.executor import Stoppable
from gradio_reference.failures import explain
from gradio_reference.failures import out_of_time
from gradio_reference.failures import told
from gradio_reference.media import Media
from gradio_reference.media import MediaRun
from gradio_reference.monitoring import Monitoring
from gradio_reference.progress import Progress
from gradio_reference.recalls import Recalls
from gradio_reference.request import Request
from gradio_reference.runs import Run
from gradio_reference.runs import RunsAhead
from gradio_reference.runs import Shape
from gradio_reference.runs import Stash
from gradio_reference.runs import stash_of
from gradio_reference.sessions import Sessions
from gradio_reference.signature import Kind
from gradio_reference.signature import MissingInput
from gradio_reference.store import FileNotAllowed
from gradio_reference.store import Store
from gradio_reference.threads import ThreadPool
from gradio_reference.validators import Invalid

PATIENCE = 120.0  # seconds that a job waits for a reader that does not read
UNREAD = f"Nobody has read the messages of this event for {PATIENCE:g} seconds."


@dataclass(frozen=True, slots=True)
class Call:
    """What a caller sent: positional data, the request it came with, the URL under which it
    reaches the server (FILE-040), and the bytes of the body.
    """

    data: Sequence[Any]
    request: Request
    root: str = ""
    size: int = 0


class DirectFailure(Exception):
    """A direct call failed; ``failure`` is what the caller may know."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.title)
        self.failure = failure


class Worker:
    """Runs functions for one server. Queued and direct calls have separate threads, so that a
    full queue
    never blocks the direct ones."""

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        broker: Broker,
        sessions: Sessions,
        files: Store,
        monitoring: Monitoring,
        media: Media,
        *,
        max_threads: int,
        show_error: bool,
        base: contextvars.Context,
    ) -> None:
        self._endpoints = endpoints
        self._broker = broker
        self._sessions = sessions
        self._files = files
        self._monitoring = monitoring
        self._media = media
        self._show_error = show_error
        self._base = base
        self._queued = ThreadPool(max_threads, "queue")
        self._direct = ThreadPool(max_threads, "direct")
        self._runs: dict[int, Run] = {}
        self._recalls = Recalls(endpoints, files, self._direct)
        self.recall = self._recalls.recall

    # --- jobs of the queue -----------------------------------------------------------------------

    def start(self, job: Job) -> None:
        """Run a job in the background. It reports to the broker and always ends with ``ended``."""
        loop = asyncio.get_running_loop()
        run_context = RunContext(loop, lambda reports: self._relay(job, reports))
        prepared = self._execution(job, run_context)
        if prepared is None:
            loop.call_soon(self._broker.ended, job)
            return
        run = self._runs[job.id] = prepared
        # A context of its own: the request whose handler happened to start this job is none of
        # its business.
        run.task = loop.create_task(self._work(job, run, run_context), context=self._base.copy())

    def stop(self, job: Job) -> None:
        """Nobody waits for this job any more."""
        run = self._runs.get(job.id)
        if run is not None:
            run.execution.stop()
            run.over()

    def stop_all(self) -> None:
        for run in self._runs.values():
            run.execution.stop()

    @property
    def running(self) -> int:
        """How many events of the queue run now, those that nobody waits for any more included."""
        return sum(run.events for run in self._runs.values())

    @property
    def ends(self) -> set[asyncio.Task[None]]:
        """The jobs on the loop that are not over: after ``stop_all`` they are cleaning up."""
        runs = self._runs.values()
        return {run.task for run in runs if run.task is not None and run.execution.interruptible}

    def _execution(self, job: Job, run_context: RunContext) -> Run | None:
        """The run of a job; None if every event of it had to be refused."""
        endpoint = self._endpoints[job.fn]
        # STATE-009, STATE-010: State as it is now, for each event that of its own session.
        rows = [self._row(event, endpoint) for event in job.events]
        calls = [_owned(event.payload, event.session) for event in job.events if event.live]
        taken = [row for row in rows if row is not None]
        if not taken:
            return None
        places = [place for place, row in enumerate(rows) if row is not None]
        media = self._media_of(endpoint, calls[0])
        stash = stash_of(endpoint, places, len(rows), media)
        if endpoint.options.batch:
            values: list[Any] = list(zip(*taken, strict=True))
            requests: Any = tuple(call.request for call in calls)
        else:
            values, requests = taken[0], calls[0].request
        roots = {place: call.root for place, call in zip(places, calls, strict=True)}

        def publish(results: list[Any]) -> list[Any]:
            if not endpoint.options.batch:
                return self._publish(results, roots[0], media)
            return [
                self._files.publish(row, roots[place]) if place in roots else row
                for place, row in enumerate(results)
            ]

        # A step whose State or segments are stored before it is told (STATE-006) comes alone.
        ahead = None
        alone = endpoint.streams or endpoint.signature.keeps_state or media
        if endpoint.signature.kind is Kind.GENERATOR and not alone:
            ahead = RunsAhead(run_context, lambda: self._pause(job))

        def prepare(values: Sequence[Any]) -> Execution:
            return self._prepare(
                endpoint, values, requests, run_context, self._queued, stash, publish, ahead
            )

        first = prepare(values)
        execution: Stoppable = first
        if endpoint.streams:
            execution = self._chunked(endpoint, job.events[0], first, prepare)
        recording = self._recalls.record(endpoint, taken[0], calls[0])
        started = time.monotonic()
        return Run(execution, stash, len(taken), started, run_context, recording, media)

    def _media_of(self, endpoint: Endpoint, call: Call) -> MediaRun | None:
        outputs = endpoint.signature.media
        return self._media.begin(endpoint.index, outputs, call.request, call.root)

    def _publish(self, results: list[Any], root: str, media: MediaRun | None) -> list[Any]:
        if media is not None:
            media.read()
        return list(self._files.publish(results, root))

    def _chunked(
        self,
        endpoint: Endpoint,
        event: Event,
        first: Execution,
        prepare: Callable[[Sequence[Any]], Execution],
    ) -> ChunkedExecution:
        """The run of a streaming-input event. Whatever a chunk says, its request, its session and
        its State are those of the join (STREAM-017).
        """
        call, feeds = event.payload, self._broker.feeds
        assert event.feed is not None

        def again(data: Sequence[Any]) -> Execution:
            return prepare(self._arguments(endpoint, replace(call, data=data)))

        return ChunkedExecution(first, again, lambda: feeds.next(event), event.feed)

    def _arguments(self, endpoint: Endpoint, call: Call) -> list[Any]:
        """One value per input. Raises ``MissingInput`` or ``FileNotAllowed``."""
        row = self._files.admit(endpoint.signature.complete(call.data))
        return self._sessions.fill(endpoint, row, call.request.session_key)

    def _row(self, event: Event, endpoint: Endpoint) -> list[Any] | None:
        """The arguments of one event, or None after it has been failed: not the others of a
        batch, which did nothing wrong (FILE-036).
        """
        try:
            return self._arguments(endpoint, event.payload)
        except (MissingInput, FileNotAllowed) as error:
            failure = told(str(error))
        except Exception as error:  # of a State's first value
            failure = explain(error, self._show_error)
        self._broker.rejected(event.id, failure)
        return None

    def _store(self, job: Job, stash: Stash) -> None:
        """Keep the State outputs of a step, before anybody is told of it (STATE-006)."""
        for event, values in zip(job.events, stash.take(), strict=False):
            if values and event.live:  # STATE-008: of a cancelled event nothing more is kept
                owner = event.payload.request.session_key
                self._broker.stored(event.id, self._sessions.keep(values, owner))

    def _prepare(
        self,
        endpoint: Endpoint,
        values: Sequence[Any],
        request: Any,
        run_context: RunContext | None,
        pool: ThreadPool,
        shape: Shape,
        publish: Shape = lambda values: values,
        ahead: RunsAhead | None = None,
    ) -> Execution:
        signature = endpoint.signature
        args, kwargs = signature.bind(values, request, Progress())
        inner = self._base.copy()
        inner.run(context.current.set, run_context)
        return Execution(
            signature.kind, lambda: endpoint.fn(*args, **kwargs), shape, inner, pool, publish, ahead
        )

    async def _work(self, job: Job, run: Run, run_context: RunContext) -> None:
        endpoint = self._endpoints[job.fn]
        stash = run.stash
        limit = endpoint.deadline
        timer = None
        if limit is not None:
            timer = asyncio.get_running_loop().call_later(limit, self._expire, job, limit)

        def emit(values: list[Any]) -> Awaitable[object] | None:
            run_context.flush()  # EVT-022: logs come before the result of their step
            self._store(job, stash)
            if run.media is not None and (full := run.media.take()) is not None:
                self._broker.failed(job, told(full))
                self.stop(job)
                return None
            self._emit(job, run, values)
            pause = self._pause(job)
            return None if pause is None else asyncio.wait({pause})

        try:
            outcome = await run.execution.run(emit)
            run.over()
            run_context.flush()
            if outcome.error is None and not outcome.stopped:
                self._store(job, stash)
                if run.recording is not None:
                    run.recording.keep(_single(endpoint, outcome))
            self._report(job, endpoint, outcome)
        except Exception as error:
            # Not the function's doing, but its caller must not wait for ever.
            self._broker.failed(job, explain(error, self._show_error))
        finally:
            if timer is not None:
                timer.cancel()
            run.over()
            del self._runs[job.id]
            self._broker.ended(job)

    def _emit(self, job: Job, run: Run, values: list[Any]) -> None:
        if run.recording is not None:
            run.recording.add(values)
        self._broker.emitted(job.events[0].id, values)

    def _report(self, job: Job, endpoint: Endpoint, outcome: Outcome) -> None:
        if outcome.error is not None:
            if job.live:
                self._broker.failed(job, explain(outcome.error, self._show_error))
        elif not outcome.stopped:
            results = outcome.values
            if not endpoint.options.batch:
                # EVT-011: a generator without a yield has nothing to show for its outputs.
                empty = [None] * len(endpoint.signature.outputs)
                results = [empty if results is None else results]
            seconds = time.monotonic() - self._runs[job.id].started
            self._monitoring.took(job.fn, seconds, job.live)
            self._broker.completed(job, results)

    def _expire(self, job: Job, limit: float) -> None:
        # QUEUE-019. The events are over now; the slot is free when the function has really ended.
        self._broker.failed(job, out_of_time(limit))
        self.stop(job)

    def _relay(self, job: Job, reports: list[context.Report]) -> None:
        run = self._runs.get(job.id)
        for report in reports:
            if isinstance(report, Chunk):
                if run is not None:
                    self._emit(job, run, report.values)
                continue
            for event in job.events:
                if isinstance(report, Log):
                    self._broker.logged(event.id, report)
                else:
                    self._broker.progressed(event.id, report)
        self._pause(job)

    def _pause(self, job: Job) -> asyncio.Task[None] | None:
        """If the readers of a job are behind: what ends when it may go on. No message may be lost
        (SSE-034), and memory for them is bounded. Threads of the job wait with their next log.
        """
        run = self._runs.get(job.id)
        if run is None or not self._broker.held(job):
            return None
        if run.pause is None:
            run.context.pause()
            run.pause = asyncio.get_running_loop().create_task(
                self._until_read(job, run), context=self._base.copy()
            )
        return run.pause

    async def _until_read(self, job: Job, run: Run) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await self._broker.room(job)
        except TimeoutError:
            self._broker.failed(job, told(UNREAD))
            self.stop(job)
        finally:
            run.pause = None
            run.context.resume()

    # --- direct calls ----------------------------------------------------------------------------

    async def validate(self, endpoint: Endpoint, call: Call) -> None:
        """Ask the validator of an endpoint, if it has one. Raises ``Invalid`` if it refuses the
        call, ``DirectFailure`` if it fails. Data that no function can be called with are for
        the call itself to refuse.
        """
        validator = endpoint.validator
        if validator is None:
            return
        try:
            values = self._arguments(endpoint, call)
        except Exception:
            return
        args, kwargs = validator.signature.bind(values, call.request, Progress())
        execution = Execution(
            validator.signature.kind,
            lambda: validator.fn(*args, **kwargs),
            validator.judge,
            self._base.copy(),
            self._direct,
        )
        outcome = await execution.run(lambda step: None)
        if isinstance(outcome.error, Invalid):
            raise outcome.error
        if outcome.error is not None:
            raise DirectFailure(explain(outcome.error, self._show_error))

    async def direct(self, endpoint: Endpoint, call: Call) -> dict[str, Any]:
        """Run outside the queue; the answer is an output object. Of a generator only the first
        yield counts (RUN-005).

        Raises ``MissingInput`` for too few data, ``FileNotAllowed`` for a file that is not here,
        ``DirectFailure`` if the function fails.
        """
        started = time.monotonic()
        if (known := await self.recall(endpoint, call)) is not None:
            self._monitoring.direct(endpoint.index, "cached")
            return self._recalled(endpoint, known, time.monotonic() - started)
        try:
            answer = await self._directly(endpoint, call)
        except DirectFailure:
            self._monitoring.direct(endpoint.index, "failed")
            raise
        self._monitoring.direct(endpoint.index, "success")
        self._monitoring.took(endpoint.index, answer["duration"])
        return answer

    async def _directly(self, endpoint: Endpoint, call: Call) -> dict[str, Any]:
        owner = call.request.session_key
        row = self._files.admit(endpoint.signature.complete(call.data))
        recording = self._recalls.record(endpoint, row, call)
        try:
            values: Sequence[Any] = self._sessions.fill(endpoint, row, owner)
        except Exception as error:  # of a State's first value
            raise DirectFailure(explain(error, self._show_error)) from error
        request: Any = call.request
        media = self._media_of(endpoint, call)
        stash = stash_of(endpoint, [0], 1, media)
        if endpoint.options.batch:  # QUEUE-018: a single sample in, a single sample out
            values, request = [(value,) for value in values], (request,)
        execution = self._prepare(
            endpoint,
            values,
            request,
            None,
            self._direct,
            stash,
            lambda results: self._publish(results, call.root, media),
        )
        chunks: list[list[Any]] = []
        full: list[str | None] = []

        def emit(chunk: list[Any]) -> None:
            chunks.append(chunk)
            full.append(None if media is None else media.take())
            execution.stop()

        started = time.monotonic()
        try:
            outcome = await self._until_limit(endpoint, execution, emit)
        finally:
            if media is not None:
                media.end()
        duration = time.monotonic() - started
        if any(full):
            raise DirectFailure(told(str(full[0])))
        if outcome.error is not None and not chunks:
            raise DirectFailure(explain(outcome.error, self._show_error))
        changed = [n for stored in stash.take() for n in self._sessions.keep(stored, owner)]
        if not endpoint.signature.kind.generates:
            self._broker.observed(endpoint.index, duration)
            if recording is not None:
                recording.keep(_single(endpoint, outcome))
        return messages.output(
            chunks[0] if chunks else _single(endpoint, outcome),
            is_generating=bool(chunks),
            duration=duration,
            average=self._broker.mean_duration(endpoint.index),
            changed=changed,
        )

    def _recalled(self, endpoint: Endpoint, known: Result, seconds: float) -> dict[str, Any]:
        return messages.output(
            known.chunks[0] if known.chunks else known.final,
            is_generating=bool(known.chunks),
            duration=seconds,
            average=self._broker.mean_duration(endpoint.index),
            cached=True,
        )

    async def _until_limit(
        self, endpoint: Endpoint, execution: Execution, emit: Callable[[list[Any]], None]
    ) -> Outcome:
        limit = endpoint.deadline
        try:
            async with asyncio.timeout(limit):
                return await execution.run(emit)
        except TimeoutError:
            raise DirectFailure(out_of_time(limit or 0)) from None


def _single(endpoint: Endpoint, outcome: Outcome) -> list[Any]:
    """The outputs of a direct call that did not yield."""
    if outcome.values is None:
        return [None] * len(endpoint.signature.outputs)
    values: list[Any] = outcome.values[0] if endpoint.options.batch else outcome.values
    return values


def _owned(call: Call, session: str) -> Call:
    """A simple call without a session hash is a session of its own, named like its event."""
    if call.request.session_hash is not None:
        return call
    return replace(call, request=replace(call.request, session_hash=session))
