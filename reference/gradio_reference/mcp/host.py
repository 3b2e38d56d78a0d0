"""The SDK's session manager, alive for as long as the server is."""

from __future__ import annotations

import asyncio
import contextvars
from typing import Any

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

from gradio_reference.mcp.offers import offers
from gradio_reference.mcp.protocol import make_server
from gradio_reference.mcp.protocol import selected
from gradio_reference.service import Service


class Host:
    """Answers MCP requests on ASGI: stateless, each request a session of its own.

    The manager lives in a task of its own: its task group has to be left by the task that entered
    it, and not every ASGI server runs the lifespan in one, or at all.
    """

    def __init__(self, service: Service, version: str) -> None:
        self._grace = service.settings.grace
        self.offers = offers(service.endpoints)
        self._server = make_server(service, self.offers, version)
        self._manager: StreamableHTTPSessionManager | None = None
        self._life: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self._over = asyncio.Event()
        self._active: set[asyncio.Task[Any]] = set()

    def schema(self, names: str | None) -> list[dict[str, Any]]:
        """The body of GET mcp/schema (MCP-003): tools, resources and prompts."""
        return [
            {
                "name": offer.name,
                "description": offer.description,
                "inputSchema": offer.input_schema,
                "meta": {
                    "file_data_present": offer.takes_files,
                    "mcp_type": offer.marks.kind,
                    "endpoint_name": offer.endpoint.name,
                },
            }
            for offer in selected(self.offers, names)
        ]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._active.add(task)
        try:
            await (await self._alive()).handle_request(scope, receive, send)
        finally:
            self._active.discard(task)

    async def _alive(self) -> StreamableHTTPSessionManager:
        if self._life is None or self._life.done():
            self._ready.clear()
            self._manager = StreamableHTTPSessionManager(self._server, stateless=True)
            # Not in the context of the request that happens to be the first.
            self._life = asyncio.get_running_loop().create_task(
                self._live(self._manager), context=contextvars.Context()
            )
        await self._ready.wait()
        assert self._manager is not None
        return self._manager

    async def _live(self, manager: StreamableHTTPSessionManager) -> None:
        async with manager.run():
            self._ready.set()
            await self._over.wait()

    async def close(self) -> None:
        """Let the requests end that the server's goodbye has answered, then all that is left."""
        if self._active:
            await asyncio.wait(self._active, timeout=self._grace)
        self._over.set()
        if self._life is not None:
            await asyncio.gather(self._life, return_exceptions=True)
