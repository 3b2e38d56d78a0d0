"""What the routes serve: the endpoints, the broker and the worker of one running server."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import os
import secrets
import time
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from typing import Any
from typing import Literal

from gradio_reference import extras
from gradio_reference.auth import Accounts
from gradio_reference.auth import Asked
from gradio_reference.auth import Logins
from gradio_reference.brokers import Broker
from gradio_reference.brokers.memory import MemoryBroker
from gradio_reference.core.model import Function
from gradio_reference.core.scheduler import Scheduler
from gradio_reference.core.sessions import SessionStore
from gradio_reference.endpoint import Endpoint
from gradio_reference.media import Media
from gradio_reference.metrics import Exposition
from gradio_reference.metrics import Gauge
from gradio_reference.monitoring import Monitoring
from gradio_reference.request import Request
from gradio_reference.sessions import Listener
from gradio_reference.sessions import Sessions
from gradio_reference.state import State
from gradio_reference.store import Store
from gradio_reference.uploads import Uploads
from gradio_reference.worker import Worker

logger = logging.getLogger("gradio_reference")
API_PREFIX = "/gradio_api"
# DISC-004: what the Python client compares to choose its routes, so the Gradio release whose wire
# this is.
COMPATIBLE_VERSION = "6.31.0"
MOST_WAITING = 100_000  # events, if ``max_size`` says nothing else

Depends = Callable[[Request], str | Awaitable[str | None] | None]


@dataclass(frozen=True, slots=True)
class Settings:
    """Options of a running server. ``heartbeat`` in seconds; ``max_size`` None: ``MOST_WAITING``;
    ``max_file_size`` in bytes, None: no limit. At most ``state_session_capacity`` sessions
    keep State, for ``state_linger`` seconds after their last heartbeat ended. ``grace``: seconds
    that open responses, unload listeners and coroutines have to end when the server stops.
    ``enable_monitoring``: answer at /monitoring; ``metrics``: at /monitoring/metrics;
    ``mcp_server``: speak MCP, at /gradio_api/mcp (None: if GRADIO_MCP_SERVER says so). With
    ``auth`` users log in, with ``auth_dependency`` the app tells who they are; ``auth_message`` is
    for the others.
    """

    title: str = "Gradio"
    show_error: bool = False
    max_size: int | None = None
    max_threads: int = 40
    root_path: str = ""
    heartbeat: float = 15.0
    default_concurrency_limit: int | Literal["not_set"] | None = "not_set"
    state_session_capacity: int = 10_000
    state_linger: float = 3600.0
    max_file_size: int | None = None
    allowed_paths: tuple[str, ...] = ()
    blocked_paths: tuple[str, ...] = ()
    grace: float = 5.0
    enable_monitoring: bool | None = None
    metrics: bool = False
    mcp_server: bool | None = None
    auth: Accounts | Asked | None = None
    auth_message: str | None = None
    auth_dependency: Depends | None = None

    def __post_init__(self) -> None:
        for name in ("max_size", "max_threads", "state_session_capacity"):
            value = getattr(self, name)
            if value is not None and not _positive(value):
                raise ValueError(f"{name}: {value!r} is not a positive number")
        limit = self.default_concurrency_limit
        if limit not in (None, "not_set") and not _positive(limit):
            raise ValueError(f"default_concurrency_limit: {limit!r} is no positive number or None")
        for name in ("state_linger", "grace"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name}: {getattr(self, name)!r} is not a positive number")
        if self.max_file_size is not None and self.max_file_size < 0:
            raise ValueError(f"max_file_size: {self.max_file_size!r} is negative")
        self._require_extras()
        if self.root_path and not self.root_path.startswith(("/", "http://", "https://")):
            raise ValueError(
                f"root_path: {self.root_path!r} must begin with '/', http:// or https://"
            )
        if self.auth is not None and self.auth_dependency is not None:
            raise ValueError("auth_dependency: cannot be used together with auth")

    def _require_extras(self) -> None:
        if self.metrics:
            extras.require("metrics", "prometheus_client", "metrics")
        if self.mcp_server:
            # Gradio starts without it, prints a line and answers 404: an agent that finds no tools
            # is far from the one who could install them.
            extras.require("mcp_server", "mcp", "mcp")

    def with_environment(self) -> Settings:
        """With Gradio's environment variables applied. Raises ``ValueError`` naming a bad one."""
        heartbeat, limit = self.heartbeat, self.default_concurrency_limit
        name = "GRADIO_HEARTBEAT_INTERVAL"
        if text := os.environ.get(name):
            heartbeat = _number(name, text)
        name = "GRADIO_DEFAULT_CONCURRENCY_LIMIT"
        if limit == "not_set" and (text := os.environ.get(name)):
            limit = None if text.lower() == "none" else int(_number(name, text, least=1))
        mcp_server = self.mcp_server
        if mcp_server is None:
            mcp_server = os.environ.get("GRADIO_MCP_SERVER", "").lower() == "true"
        return replace(
            self, heartbeat=heartbeat, default_concurrency_limit=limit, mcp_server=mcp_server
        )

    @property
    def default_limit(self) -> int | None:
        """How many events of a function without a limit of its own run at once; None: any number
        (QUEUE-001).
        """
        limit = self.default_concurrency_limit
        return 1 if limit == "not_set" else limit


def _positive(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _number(name: str, text: str, *, least: float = 0.0) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf") or value < least:
        raise ValueError(f"environment variable {name}: {text!r} is not a positive number")
    return value


class Service:
    """One running server. Made on first use, when all endpoints are registered."""

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        settings: Settings,
        base: contextvars.Context,
        unloads: Sequence[Listener] = (),
    ) -> None:
        self.endpoints = tuple(endpoints)
        self.states = component_ids(endpoints)
        # STATE-016: a server that need not know when a session has gone wants no heartbeats.
        # STREAM-015: an open input ends with it.
        streams = any(endpoint.streams for endpoint in endpoints)
        self.wants_heartbeats = bool(self.states or unloads or streams)
        self.by_name = {endpoint.name: endpoint for endpoint in endpoints}
        self.settings = settings
        self.app_id = secrets.randbelow(2**53)  # DISC-023
        self.started_up = False
        self.closed = asyncio.Event()
        self._deadline = 0.0
        self.logins = Logins()
        self.guarded = settings.auth is not None or settings.auth_dependency is not None
        self.files = Store(f"{API_PREFIX}/file=", settings.allowed_paths, settings.blocked_paths)
        self.uploads = Uploads()
        ids = output_ids(endpoints, self.states)
        self.media = Media(ids, f"{API_PREFIX}/stream/", self.files.read)
        self.monitoring_key = secrets.token_urlsafe(16)
        scheduler = Scheduler(
            [function(endpoint, settings.default_limit) for endpoint in endpoints],
            max_size=MOST_WAITING if settings.max_size is None else settings.max_size,
            max_running=settings.max_threads,
        )
        self.monitoring = Monitoring(self.endpoints, scheduler.ends)
        broker = MemoryBroker(scheduler)
        self.broker: Broker = broker
        watched = {e.options.on_change for e in endpoints if e.options.on_change is not None}
        store = SessionStore(
            capacity=settings.state_session_capacity,
            linger=settings.state_linger,
            watched=watched,
        )
        self.sessions = Sessions(store, self.states, unloads, base, gone=self._gone)
        self.worker = Worker(
            self.endpoints,
            broker,
            self.sessions,
            self.files,
            self.monitoring,
            self.media,
            max_threads=settings.max_threads,
            show_error=settings.show_error,
            base=base,
        )
        broker.employ(self.worker.start, self.worker.stop)
        gauges: dict[str, Gauge] = {
            "gradio_waiting_events": ("Events that wait.", lambda: scheduler.waiting),
            "gradio_running_events": ("Events that run.", lambda: scheduler.running),
            "gradio_abandoned_events": (
                "Events that are over while their function still runs.",
                lambda: self.worker.running - scheduler.running,
            ),
            "gradio_sessions": ("Sessions that keep State.", lambda: len(store)),
        }
        self.exposition = Exposition(self.monitoring, gauges) if settings.metrics else None

    def close(self) -> None:
        """Say goodbye on all streams, stop what runs. On the loop only."""
        if not self.closed.is_set():
            self._deadline = time.monotonic() + self.settings.grace
        self.closed.set()
        self.broker.close()
        self.sessions.close()
        self.worker.stop_all()

    def _gone(self, session: str) -> None:
        """A session has no heartbeat any more: nobody sends it input (STREAM-015) or plays its
        streams.
        """
        self.media.playlists.drop(session)
        for event in self.broker.feeds.of(session):
            self.broker.feeds.close(event)

    async def drain(self) -> None:
        """Wait until all that ``close`` has brought about is over: coroutines that clean up, unload
        listeners, delete callbacks. No longer than ``grace`` seconds after ``close``: who does
        not end is left alone. Functions in threads cannot be ended and are not waited for.
        """
        while ends := self.worker.ends | self.sessions.ends:
            left = self._deadline - time.monotonic()
            if left <= 0:
                logger.warning("Stopped without waiting for %d functions", len(ends))
                return
            await asyncio.wait(ends, timeout=left)


def component_ids(endpoints: Sequence[Endpoint]) -> dict[State[Any], int]:
    """The component id of every State, in the order in which endpoints name them."""
    ids: dict[State[Any], int] = {}
    for endpoint in endpoints:
        listened = endpoint.options.on_change
        for state in (*endpoint.signature.states, *([listened] if listened else ())):
            ids.setdefault(state, len(ids) + 1)
    return ids


def output_ids(endpoints: Sequence[Endpoint], states: Mapping[State[Any], int]) -> list[list[int]]:
    """The component ids of the outputs of each endpoint: after those of the States, all inputs and
    outputs are numbered in their order.
    """
    number = len(states)
    ids = []
    for endpoint in endpoints:
        number += len(endpoint.signature.parameters)
        row = []
        for output in endpoint.signature.outputs:
            number += not isinstance(output, State)
            row.append(states[output] if isinstance(output, State) else number)
        ids.append(row)
    return ids


def function(endpoint: Endpoint, default_limit: int | None) -> Function:
    """How an endpoint is scheduled: alone in its group, or with all that share its
    concurrency_id.
    """
    options = endpoint.options
    limit = options.concurrency_limit
    own = default_limit if limit == "default" else limit
    shared = options.concurrency_id
    group = f"fn {endpoint.index}" if shared is None else f"id {shared}"
    batch = options.max_batch_size if options.batch else None
    return Function(
        endpoint.index, group, own, batch, endpoint.streams, endpoint.options.time_limit
    )
