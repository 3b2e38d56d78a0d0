"""The worker: takes jobs from the broker, runs their functions, reports what became of them."""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from typing import Any

from gradio_reference import context
from gradio_reference.brokers import Broker
from gradio_reference.context import RunContext
from gradio_reference.core import messages
from gradio_reference.core.messages import Failure
from gradio_reference.core.messages import Log
from gradio_reference.core.model import Job
from gradio_reference.endpoint import Endpoint
from gradio_reference.executor import Execution
from gradio_reference.executor import Outcome
from gradio_reference.failures import explain
from gradio_reference.failures import out_of_time
from gradio_reference.failures import told
from gradio_reference.progress import Progress
from gradio_reference.request import Request
from gradio_reference.signature import MissingInput
from gradio_reference.threads import ThreadPool


@dataclass(frozen=True, slots=True)
class Call:
    """What a caller sent: positional data, and the request it came with."""

    data: Sequence[Any]
    request: Request


class DirectFailure(Exception):
    """A direct call failed; ``failure`` is what the caller may know."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.title)
        self.failure = failure


@dataclass(slots=True)
class _Run:
    """A job being executed."""

    execution: Execution
    task: asyncio.Task[None] | None = field(default=None)


class Worker:
    """Runs functions for one server. Queued and direct calls have separate threads, so that a
    full queue
    never blocks the direct ones."""

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        broker: Broker,
        *,
        max_threads: int,
        show_error: bool,
        base: contextvars.Context,
    ) -> None:
        self._endpoints = endpoints
        self._broker = broker
        self._show_error = show_error
        self._base = base
        self._queued = ThreadPool(max_threads, "queue")
        self._direct = ThreadPool(max_threads, "direct")
        self._runs: dict[int, _Run] = {}

    # --- jobs of the queue -----------------------------------------------------------------------

    def start(self, job: Job) -> None:
        """Run a job in the background. It reports to the broker and always ends with ``ended``."""
        loop = asyncio.get_running_loop()
        run_context = RunContext(loop, lambda reports: self._relay(job, reports))
        try:
            execution = self._execution(job, run_context)
        except MissingInput as error:
            self._broker.failed(job, told(str(error)))
            loop.call_soon(self._broker.ended, job)
            return
        run = self._runs[job.id] = _Run(execution)
        # A context of its own: the request whose handler happened to start this job is none of
        # its business.
        run.task = loop.create_task(
            self._work(job, execution, run_context), context=self._base.copy()
        )

    def stop(self, job: Job) -> None:
        """Nobody waits for this job any more."""
        run = self._runs.get(job.id)
        if run is not None:
            run.execution.stop()

    def stop_all(self) -> None:
        for run in self._runs.values():
            run.execution.stop()

    def _execution(self, job: Job, run_context: RunContext) -> Execution:
        endpoint = self._endpoints[job.fn]
        calls = [_owned(event.payload, event.session) for event in job.events]
        rows = [endpoint.signature.complete(call.data) for call in calls]
        if endpoint.options.batch:
            size = len(rows)
            columns: list[Any] = list(zip(*rows, strict=True))
            requests: Any = tuple(call.request for call in calls)
            return self._prepare(
                endpoint,
                columns,
                requests,
                run_context,
                self._queued,
                lambda returned: endpoint.batch_outputs(returned, size),
            )
        return self._prepare(
            endpoint, rows[0], calls[0].request, run_context, self._queued, endpoint.outputs
        )

    def _prepare(
        self,
        endpoint: Endpoint,
        values: Sequence[Any],
        request: Any,
        run_context: RunContext | None,
        pool: ThreadPool,
        shape: Callable[[Any], Any],
    ) -> Execution:
        signature = endpoint.signature
        args, kwargs = signature.bind(values, request, Progress())
        inner = self._base.copy()
        inner.run(context.current.set, run_context)
        return Execution(signature.kind, lambda: endpoint.fn(*args, **kwargs), shape, inner, pool)

    async def _work(self, job: Job, execution: Execution, run_context: RunContext) -> None:
        endpoint = self._endpoints[job.fn]
        limit = endpoint.options.time_limit
        timer = None
        if limit is not None:
            timer = asyncio.get_running_loop().call_later(limit, self._expire, job, limit)

        def emit(values: list[Any]) -> None:
            run_context.flush()  # EVT-022: logs come before the result of their step
            self._broker.emitted(job.events[0].id, values)

        try:
            outcome = await execution.run(emit)
            run_context.flush()
            self._report(job, endpoint, outcome)
        except Exception as error:
            # Not the function's doing, but its caller must not wait for ever.
            self._broker.failed(job, explain(error, self._show_error))
        finally:
            if timer is not None:
                timer.cancel()
            del self._runs[job.id]
            self._broker.ended(job)

    def _report(self, job: Job, endpoint: Endpoint, outcome: Outcome) -> None:
        if outcome.error is not None:
            if job.live:
                self._broker.failed(job, explain(outcome.error, self._show_error))
        elif not outcome.stopped:
            results = outcome.values
            if not endpoint.options.batch:
                # EVT-011: a generator without a yield has nothing to show for its outputs.
                empty = [None] * len(endpoint.signature.returns)
                results = [empty if results is None else results]
            self._broker.completed(job, results)

    def _expire(self, job: Job, limit: float) -> None:
        # QUEUE-019. The events are over now; the slot is free when the function has really ended.
        self._broker.failed(job, out_of_time(limit))
        self.stop(job)

    def _relay(self, job: Job, reports: list[context.Report]) -> None:
        for report in reports:
            for event in job.events:
                if isinstance(report, Log):
                    self._broker.logged(event.id, report)
                else:
                    self._broker.progressed(event.id, report)

    # --- direct calls ----------------------------------------------------------------------------

    async def direct(self, endpoint: Endpoint, call: Call) -> dict[str, Any]:
        """Run outside the queue; the answer is an output object. Of a generator only the first
        yield counts (RUN-005).

        Raises ``MissingInput`` for too few data, ``DirectFailure`` if the function fails.
        """
        values: Sequence[Any] = endpoint.signature.complete(call.data)
        request: Any = call.request
        shape: Callable[[Any], Any] = endpoint.outputs
        if endpoint.options.batch:  # QUEUE-018: a single sample in, a single sample out
            values, request = [(value,) for value in values], (request,)
            shape = lambda returned: endpoint.batch_outputs(returned, 1)[0]  # noqa: E731
        execution = self._prepare(endpoint, values, request, None, self._direct, shape)
        chunks: list[list[Any]] = []

        def emit(chunk: list[Any]) -> None:
            chunks.append(chunk)
            execution.stop()

        started = time.monotonic()
        limit = endpoint.options.time_limit
        try:
            async with asyncio.timeout(limit):
                outcome = await execution.run(emit)
        except TimeoutError:
            raise DirectFailure(out_of_time(limit or 0)) from None
        duration = time.monotonic() - started
        if outcome.error is not None and not chunks:
            raise DirectFailure(explain(outcome.error, self._show_error))
        if not endpoint.signature.kind.generates:
            self._broker.observed(endpoint.index, duration)
        empty = [None] * len(endpoint.signature.returns)
        data = chunks[0] if chunks else outcome.values if outcome.values is not None else empty
        return messages.output(
            data,
            is_generating=bool(chunks),
            duration=duration,
            average=self._broker.mean_duration(endpoint.index),
        )


def _owned(call: Call, session: str) -> Call:
    """A simple call without a session hash is a session of its own, named like its event."""
    if call.request.session_hash is not None:
        return call
    return replace(call, request=replace(call.request, session_hash=session))
