"""Profile mcp: the Model Context Protocol at /gradio_api/mcp/, and what it offers as one list.

The requests pass Quart, so that they are subject to the same log-in, limits and CORS as all others;
the SDK is an ASGI application behind it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from collections.abc import Awaitable
from collections.abc import Callable
from typing import TYPE_CHECKING
from typing import Any
from typing import cast

from quart import Blueprint
from quart import Response
from quart import request
from werkzeug.exceptions import NotFound

from gradio_reference.mcp.asked import ASKED
from gradio_reference.mcp.asked import Asked
from gradio_reference.routes.answers import get_only
from gradio_reference.routes.answers import json_answer
from gradio_reference.routes.answers import public_root
from gradio_reference.routes.answers import snapshot
from gradio_reference.service import API_PREFIX
from gradio_reference.service import Service

if TYPE_CHECKING:
    from gradio_reference.mcp.host import Host

Provider = Callable[[], Service]
Application = Callable[[Any, Any, Any], Awaitable[None]]
PARSE_ERROR = -32700


def blueprint(provide: Provider, host_of: Callable[[], Host | None]) -> Blueprint:
    routes = Blueprint("gradio_mcp", __name__)

    def host() -> Host:
        found = host_of()
        if found is None:
            raise NotFound  # MCP-002
        return found

    @routes.post("/mcp/")
    async def rpc() -> Response:
        speaker = host()
        body = cast(bytes, await request.get_data(cache=False))
        fault = _fault(body)
        if fault is not None:
            error = {"code": PARSE_ERROR, "message": f"Parse error: {fault}"}
            return json_answer({"jsonrpc": "2.0", "id": None, "error": error}, 400)
        asked = Asked(snapshot(None), public_root(provide().settings.root_path), len(body))
        return await _forwarded(_Relay(speaker, asked, body))

    @routes.route("/mcp", methods=["GET", "POST"])
    async def without_slash() -> Response:
        host()
        query = request.query_string.decode("latin-1")
        answer = Response(b"", status=307)
        root = public_root(provide().settings.root_path)
        answer.headers["Location"] = f"{root}{API_PREFIX}/mcp/" + (f"?{query}" if query else "")
        return answer

    @routes.get("/mcp/schema")
    async def schema() -> Response:
        get_only()
        return json_answer(host().schema(request.args.get("tools")))

    return routes


def _fault(body: bytes) -> str | None:
    """What is wrong with a body that is no strict JSON (MCP-018): the SDK would take NaN, and
    answer 500 for what is nested too deeply or no UTF-8.
    """

    def refuse(name: str) -> Any:
        raise ValueError(f"{name} is not a JSON value")

    try:
        json.loads(body.decode("utf-8"), parse_constant=refuse)
    except RecursionError:
        return "nested too deeply"
    except ValueError as error:
        return str(error)
    return None


async def _forwarded(relay: _Relay) -> Response:
    """The answer of an ASGI application, as it comes."""
    start = await relay.next()
    if start is None:
        raise RuntimeError("the MCP application did not answer")
    response = Response(relay, status=start["status"])
    response.timeout = None
    del response.headers["Content-Type"]
    for name, value in start["headers"]:
        if name.lower() != b"connection":
            response.headers.add(name.decode("latin-1"), value.decode("latin-1"))
    return response


class _Relay:
    """Runs an ASGI application, and is the body of its answer. Closed early, it cancels it: nobody
    is left to read the result, and there is no session to keep it in.
    """

    def __init__(self, app: Application, asked: Asked, body: bytes) -> None:
        self._asked = asked
        self._outbox: asyncio.Queue[Any] = asyncio.Queue(1)  # so that a slow reader slows it down
        self._unread: bytes | None = body
        self._task = asyncio.get_running_loop().create_task(
            self._run(app, {**request.scope, ASKED: asked})
        )

    async def _run(self, app: Application, scope: Any) -> None:
        await app(scope, self._receive, self._outbox.put)
        await self._outbox.put(None)

    async def _receive(self) -> Any:
        if self._unread is None:
            await asyncio.Event().wait()  # a disconnect cancels all of this
        body, self._unread = self._unread, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def next(self) -> Any:
        """The next message, or None after the last."""
        got = asyncio.ensure_future(self._outbox.get())
        try:
            await asyncio.wait({got, self._task}, return_when=asyncio.FIRST_COMPLETED)
            if got.done():
                return got.result()
            if not self._outbox.empty():
                return await got
            self._task.result()  # raises what went wrong
            return None
        except asyncio.CancelledError:
            self._give_up()
            raise
        finally:
            got.cancel()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        message = await self.next()
        if message is None:
            raise StopAsyncIteration
        return message.get("body", b"") or b""

    async def aclose(self) -> None:
        self._give_up()
        await asyncio.wait({self._task})

    def _give_up(self) -> None:
        self._asked.go()
        self._task.cancel()
