"""The time machine: an ASGI app before the present server that speaks as an older release did.

It answers what that release did not know itself, moves paths to where the server has them, and
translates bodies, documents and streams. The server behind it is not changed.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from urllib.parse import urlsplit

from gradio_reference.eras import documents
from gradio_reference.eras.era import PREFIX
from gradio_reference.eras.era import Era
from gradio_reference.eras.files import Files
from gradio_reference.eras.ledger import Joined
from gradio_reference.eras.ledger import Ledger
from gradio_reference.eras.reply import Change
from gradio_reference.eras.reply import Heard
from gradio_reference.eras.reply import Receive
from gradio_reference.eras.reply import Reply
from gradio_reference.eras.reply import Say
from gradio_reference.eras.reply import Send
from gradio_reference.eras.reply import as_json
from gradio_reference.eras.reply import ask
from gradio_reference.eras.reply import read
from gradio_reference.eras.reply import refuse
from gradio_reference.eras.single import Connections
from gradio_reference.eras.voice import Voice
from gradio_reference.routes.bare import until_left
from gradio_spec import sse

Application = Callable[[Any, Receive, Send], Awaitable[None]]
Handler = Callable[[Any, Receive, Send], Awaitable[None]]
_PER_EVENT = {("GET", "/queue/join"), ("POST", "/queue/data")}
CANCELLED = "Cancelled"  # the title of what a cancelled call is told
POLL = 0.05  # seconds
LONGEST = 64 * 1024 * 1024  # bytes of a body that is read; the server refuses longer ones


class TimeMachine:
    """``inner`` is the present server's own application."""

    def __init__(
        self, era: Era, inner: Application, connections: Connections | None = None
    ) -> None:
        self.era = era
        self.ledger = Ledger() if connections is None else connections.ledger
        self._connections = connections
        keep = None if connections is None else connections.keep
        self.files = Files(era, keep)
        self._inner = inner
        self._reading: dict[str, asyncio.Event] = {}  # by session: set when it joins an event
        self._voice = Voice(era, self.ledger)  # for what is told outside of streams
        info = self._changed(lambda s, v: (s, documents.info(era, v)))
        self._handlers: dict[str, Handler] = {
            "/config": self._changed(lambda s, v: (s, documents.config(era, v))),
            "/info": info if documents.hides(era) else self._of_all(info),
            "/openapi.json": self._changed(lambda s, v: (s, documents.openapi(era, v))),
            "/queue/join": self._join,
            "/queue/data": self._data,
            "/queue/status": self._changed(self._status),
            "/call/{api_name}": self._call,
            "/call/v2/{api_name}": self._call_by_name,
            "/call/{api_name}/{event_id}": self._result,
            "/call/v2/{api_name}/{event_id}": self._result,
            "/run/{api_name}": self._run,
            "/api/{api_name}": self._run,
            "/reset": self._reset,
            "/upload": self._changed(self._upload, failures=True),
            "/file={path}": self._file,
        }

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        root = scope.get("root_path", "")
        if not scope["path"].startswith("/"):  # NET-016: a whole URL
            scope = {**scope, "path": urlsplit(scope["path"]).path}
        path, method = scope["path"].removeprefix(root), scope["method"]
        if self._connections is not None and (method, path) in _PER_EVENT:
            await self._inner(scope, receive, send)
            return
        operation, here = self.era.routes.find(method, path, self.era.prefix)
        if not here:
            if (path + "/").startswith(f"{PREFIX}/"):
                await refuse(send, 404, "Not Found")
            else:
                await self._inner(scope, receive, as_json(send))  # the app's own, or nothing
        elif operation is None and method not in ("HEAD", "OPTIONS"):
            allowed = ", ".join(sorted({found.method for found in here})).encode()
            await refuse(send, 405, "Method Not Allowed", (b"allow", allowed))
        else:
            handler = self._handlers.get(here[0].path if operation is None else operation.path)
            if here[0].below_prefix:
                scope = _moved(scope, root, self.era.prefix)
            await (handler or self._passed)(scope, receive, send)

    # --- answers in JSON -------------------------------------------------------------------------

    def _changed(self, change: Change, *, failures: bool = False) -> Handler:
        """A handler that changes what is answered; ``failures``: refusals too."""

        async def handle(scope: Any, receive: Receive, send: Send) -> None:
            await self._inner(scope, receive, self._reply(send, change, failures=failures))

        return handle

    @staticmethod
    def _of_all(handler: Handler) -> Handler:
        """A handler of /info that is always asked for what is hidden, too."""

        async def handle(scope: Any, receive: Receive, send: Send) -> None:
            await handler({**scope, "query_string": b"all_endpoints=true"}, receive, send)

        return handle

    async def _passed(self, scope: Any, receive: Receive, send: Send) -> None:
        await self._inner(scope, receive, self._reply(send, _same, passes=True))

    def _reply(
        self,
        send: Send,
        change: Change,
        say: Say | None = None,
        *,
        failures: bool = False,
        pace: float = 0.0,
        passes: bool = False,
    ) -> Reply:
        def answer(status: int, value: Any) -> tuple[int, Any]:
            if status == 401 and self.era.does("detail-of-401-is-text"):
                return status, {"detail": "Not authenticated"}
            return change(status, value) if status == 200 or failures else (status, value)

        return Reply(send, answer, say, pace=pace, passes=passes)

    async def _with_data(self, scope: Any, receive: Receive, send: Send, change: Change) -> None:
        """A request with arguments in ``data``."""
        request = await read(receive, LONGEST)
        if request is None:
            return
        value = request.value
        if isinstance(value, dict) and isinstance(value.get("data"), list):
            scope = request.replaced(scope, {**value, "data": self.files.read(value["data"])})
        reply = self._reply(send, change, failures=True)
        await self._inner(scope, request.receive, reply)

    async def _call(self, scope: Any, receive: Receive, send: Send) -> None:
        await self._with_data(scope, receive, send, _same)

    async def _call_by_name(self, scope: Any, receive: Receive, send: Send) -> None:
        request = await read(receive, LONGEST)
        if request is not None:
            if isinstance(request.value, dict):
                scope = request.replaced(scope, self.files.read(request.value))
            await self._inner(scope, request.receive, self._reply(send, _same))

    async def _run(self, scope: Any, receive: Receive, send: Send) -> None:
        def change(status: int, value: Any) -> tuple[int, Any]:
            if status == 200:
                return status, self._voice.output(value)
            if status == 500 and "error" in value:
                return status, self._voice.error(value)
            return status, value

        await self._with_data(scope, receive, send, change)

    def _status(self, status: int, value: Any) -> tuple[int, Any]:
        if self.era.does("averages"):
            value |= self.ledger.averages(value["queue_size"])
        if self.era.does("status-is-a-message"):
            names = self.era.names("messages", "Estimation")
        else:
            names = self.era.names("http", "QueueStatus")
        return status, {name: part for name, part in value.items() if name in names}

    def _upload(self, status: int, value: Any) -> tuple[int, Any]:
        is_limit = status == 413 and self.era.does("upload-limit-400")
        return (400 if is_limit else status), value

    async def _file(self, scope: Any, receive: Receive, send: Send) -> None:
        path = scope["path"].partition("/file=")[2]

        def change(status: int, value: Any) -> tuple[int, Any]:
            if status == 403 and self.era.does("missing-file-404") and not _is_there(path):
                return 404, {"detail": "Not Found"}
            return status, value

        reply = self._reply(send, change, failures=True, passes=True)
        await self._inner(scope, receive, reply)

    # --- the queue -------------------------------------------------------------------------------

    async def _join(self, scope: Any, receive: Receive, send: Send) -> None:
        request = await read(receive, LONGEST)
        if request is None:
            return
        sent, simple = request.value, False
        if isinstance(sent, dict) and isinstance(sent.get("simple_format", False), bool):
            # The server tells full values, of which the encoder of the era makes its edits.
            knows = "simple_format" in self.era.names("http", "PredictBody")
            simple = knows and sent.get("simple_format", False)
            scope = request.replaced(scope, self.joining(sent))

        def change(status: int, value: Any) -> tuple[int, Any]:
            if status == 200:
                self.note(value["event_id"], sent, simple=simple)
            return (500 if self._fails(status) else status), value

        await self._inner(scope, request.receive, self._reply(send, change, failures=True))

    def _fails(self, status: int) -> bool:
        return status == 503 and self.era.does("queue-full-500")

    def joining(self, sent: dict[str, Any]) -> dict[str, Any]:
        """What a client joined with, for the present server."""
        data = sent.get("data")
        read = {"data": self.files.read(data)} if isinstance(data, list) else {}
        return {**sent, **read, "simple_format": True}

    def note(self, event_id: str, sent: Any, *, simple: bool = False) -> None:
        """An event was joined."""
        if (joined := self._reading.get(sent["session_hash"])) is not None:
            joined.set()
        self.ledger.joined(event_id, Joined(sent["session_hash"], int(sent["fn_index"]), simple))

    async def _data(self, scope: Any, receive: Receive, send: Send) -> None:
        voice = Voice(self.era, self.ledger)

        def say(event: sse.Event) -> Iterable[bytes]:
            said = voice.say(_value(event))
            reply.ends = not voice.hangs
            return [sse.encode(voice.text(message)) for message in said]

        reply = self._reply(send, _same, say, pace=POLL if self.era.does("polled") else 0.0)
        session, joined, heard = _session(scope), asyncio.Event(), Heard(receive)
        self._reading[session] = joined
        try:
            await self._inner(scope, heard, reply)
            while voice.hangs and not heard.left and await _set(joined, heard):
                # Whoever reset an event is never told of its end: the stream waits for more.
                joined.clear()
                reply.go_on()
                await self._inner(scope, heard, reply)
        finally:
            if self._reading.get(session) is joined:
                del self._reading[session]

    async def _result(self, scope: Any, receive: Receive, send: Send) -> None:
        def say(event: sse.Event) -> Iterable[bytes]:
            value = _value(event)
            if event.event in ("generating", "complete") and isinstance(value, list):
                value = self.files.told(value)
            elif event.event == "error" and isinstance(value, dict):
                if not self.era.does("call-error-object"):
                    # A cancelled call was one without a value.
                    name = "complete" if value.get("title") == CANCELLED else "error"
                    yield sse.encode("null", event=name)
                    return
                value = self._voice.error(value)
            yield sse.encode(self._voice.text(value), event=event.event)

        await self._inner(scope, receive, self._reply(send, _same, say))

    async def _reset(self, scope: Any, receive: Receive, send: Send) -> None:
        if not self.era.does("reset-cancels"):
            await self._changed(_same)(scope, receive, send)
            return
        request = await read(receive, LONGEST)
        if request is None:
            return
        sent = request.value
        if self._connections is not None:
            await self._connections.reset(sent)
            if isinstance(sent, dict):
                scope = request.replaced(scope, {"event_id": "", **sent})
        elif isinstance(sent, dict) and isinstance(sent.get("event_id"), str):
            await self.reset(scope, sent["event_id"])
        await self._inner(scope, request.receive, self._reply(send, _same))

    async def reset(self, scope: Any, event_id: str) -> bool:
        """Stop an event, of whose end nobody is told; whether there is one of this caller."""
        event = self.ledger.find(event_id)
        if event is None:
            return False
        event.silent = True
        body = {"session_hash": event.session, "fn_index": event.fn, "event_id": event_id}
        await ask(self._inner, scope, f"{PREFIX}/cancel", body)
        return True


def _same(status: int, value: Any) -> tuple[int, Any]:
    return status, value


def _value(event: sse.Event) -> Any:
    return json.loads(event.data)


def _session(scope: Any) -> str:
    query = parse_qs(str(scope["query_string"], "latin-1"), keep_blank_values=True)
    return query.get("session_hash", [""])[-1]


async def _set(joined: asyncio.Event, receive: Receive) -> bool:
    """Wait for it; False if the client leaves."""
    waits = {asyncio.ensure_future(joined.wait()), asyncio.ensure_future(until_left(receive))}
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        return joined.is_set()
    finally:
        for wait in waits:
            wait.cancel()


def _is_there(path: str) -> bool:
    try:
        return Path(path).exists()
    except (OSError, ValueError):
        return False


def _moved(scope: Any, root: str, prefix: str) -> Any:
    """The scope of a request below ``prefix``, for the server that has its routes elsewhere."""
    if prefix == PREFIX:
        return scope
    path = scope["path"].removeprefix(root).removeprefix(prefix)
    raw = scope.get("raw_path")
    moved = {**scope, "path": f"{root}{PREFIX}{path}"}
    if raw is not None:
        start = len((root + prefix).encode()) if raw.startswith(root.encode()) else 0
        moved["raw_path"] = raw[:start] + PREFIX.encode() + raw[start:]
    return moved
