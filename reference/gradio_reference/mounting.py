"""The server as a part of another ASGI app, under a path."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Awaitable
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from typing import Any

if TYPE_CHECKING:
    from gradio_reference.server import Server

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Application = Callable[[Any, Receive, Send], Awaitable[None]]


def mount_gradio_app(app: Any, server: Server, path: str, **options: Any) -> Any:
    """Serve ``server`` under ``path`` of ``app``; returns the app to serve.

    ``app`` is a Starlette or FastAPI app, which is changed and returned, or any other ASGI app,
    around which a new one is returned. ``options`` are those of ``Server.launch`` but for the
    socket's, which are the parent's. The server starts and stops with the parent's lifespan. Where
    a Starlette parent has a ``CORSMiddleware``, that alone sends CORS headers. Raises
    ``ValueError`` for a bad path or option.
    """
    if not path.startswith("/") or path != "/" + path.strip("/") or "//" in path:
        raise ValueError(f"path: {path!r} must begin with '/' and not end with one")
    server.configure(**options)
    router: Any = getattr(app, "router", None)
    if hasattr(app, "mount") and hasattr(router, "lifespan_context"):
        router.lifespan_context = _with_server(router.lifespan_context, server)
        app.mount(path.rstrip("/"), _Below(app, server))
        return app
    if path == "/":
        raise ValueError("path: '/' would leave nothing to the other app")
    return Beside(app, server, path)


def placed(scope: Any, root_path: str) -> Any:
    """The scope as Quart wants it: a path that begins with the mount path, of which there is always
    a rest. Dispatchers differ in whether they take the mount path off.

    The routes answer with and without ``root_path`` (NET-002), below the mount path (NET-003).
    """
    mount = scope.get("root_path", "").rstrip("/")
    prefix = root_path if root_path.startswith("/") else ""
    if not (mount or prefix):
        return scope
    rest = scope["path"]
    if mount:
        rest = _below(rest, mount) or rest
    if prefix:
        rest = _below(rest, prefix) or rest
    return {**scope, "root_path": mount, "path": mount + rest}


def _below(path: str, prefix: str) -> str:
    """The rest of a path, or nothing if it does not begin with the prefix."""
    if path == prefix:
        return "/"
    return path[len(prefix) :] if path.startswith(prefix + "/") else ""


class _Below:
    """The server inside a Starlette app."""

    def __init__(self, parent: Any, server: Server) -> None:
        self._parent = parent
        self._server = server
        self._looked = False

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if not self._looked:  # not before, as middleware may be added after mounting
            self._looked = True
            kinds = (item.cls for item in getattr(self._parent, "user_middleware", ()))
            if any(getattr(kind, "__name__", "") == "CORSMiddleware" for kind in kinds):
                self._server.leave_cors()
        await self._server(scope, receive, send)


Lifespan = Callable[[Any], AbstractAsyncContextManager[Any]]


def _with_server(outer: Lifespan, server: Server) -> Lifespan:
    @asynccontextmanager
    async def lifespan(parent: Any) -> AsyncIterator[Any]:
        async with outer(parent) as state:
            await server.startup()
            try:
                yield state
            finally:
                await server.shutdown()

    return lifespan


class Beside:
    """An ASGI app: the server under a path, another app everywhere else."""

    def __init__(self, app: Application, server: Server, path: str) -> None:
        self._app = app
        self._server = server
        self._path = path

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live([self._app, self._server], scope, receive, send)
            return
        mount = scope.get("root_path", "").rstrip("/")
        path = _below(scope["path"], mount) or scope["path"] if mount else scope["path"]
        if path == self._path and scope["type"] == "http":
            await _redirect(mount + path + "/", scope, send)
        elif _below(path, self._path):
            inner = {**scope, "root_path": mount + self._path, "path": mount + path}
            await self._server(inner, receive, send)
        else:
            await self._app(scope, receive, send)


async def _redirect(path: str, scope: Any, send: Send) -> None:
    """To the slash form, without which relative links of the app's pages would lead elsewhere."""
    query = scope.get("query_string", b"")
    where = path.encode() + (b"?" + query if query else b"")
    headers = [(b"location", where), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 307, "headers": headers})
    await send({"type": "http.response.body"})


async def _live(apps: list[Application], scope: Any, receive: Receive, send: Send) -> None:
    """The lifespan protocol for several apps: they start in order and stop in reverse."""
    await receive()
    lives: list[_Life] = []
    try:
        for app in apps:
            lives.append(_Life(app, scope))
            trouble = await lives[-1].tell("lifespan.startup")
            if trouble is not None:
                await _tell_all(lives[-2::-1], "lifespan.shutdown")
                await send({"type": "lifespan.startup.failed", "message": trouble})
                return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        troubles = await _tell_all(lives[::-1], "lifespan.shutdown")
        if troubles:
            await send({"type": "lifespan.shutdown.failed", "message": "; ".join(troubles)})
        else:
            await send({"type": "lifespan.shutdown.complete"})
    finally:
        for life in lives:
            await life.end()


async def _tell_all(lives: list[_Life], what: str) -> list[str]:
    troubles = [await life.tell(what) for life in lives]
    return [trouble for trouble in troubles if trouble is not None]


class _Life:
    """The lifespan of one app."""

    def __init__(self, app: Application, scope: Any) -> None:
        self._inbox: asyncio.Queue[Any] = asyncio.Queue()
        self._outbox: asyncio.Queue[Any] = asyncio.Queue()
        self._task = asyncio.ensure_future(app(scope, self._inbox.get, self._outbox.put))

    async def tell(self, what: str) -> str | None:
        """Returns what went wrong. An app that ends without an answer has no lifespan, which is
        no mistake.
        """
        if self._task.done():
            return None
        self._inbox.put_nowait({"type": what})
        answer = asyncio.ensure_future(self._outbox.get())
        await asyncio.wait({answer, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            answer.cancel()
            return None
        said = answer.result()
        return said.get("message") or "failed" if said["type"].endswith(".failed") else None

    async def end(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
