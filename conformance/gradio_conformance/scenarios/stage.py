"""What a scripted server does by itself: documents, uploads, cancels, heartbeats. What the script
decides (joins and streams) is laid out for the player.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import defaultdict
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs
from urllib.parse import urlsplit
from uuid import uuid4

from gradio_conformance.scenarios import app as documents
from gradio_conformance.scenarios.messages import dumped
from gradio_conformance.scenarios.messages import message
from gradio_conformance.scenarios.messages import session_text
from gradio_conformance.scenarios.model import Framing
from gradio_conformance.scenarios.model import Scenario
from gradio_conformance.scenarios.sockets import Exchange
from gradio_conformance.traffic.model import Headers

JSON = (("content-type", "application/json"),)
TEXT = (("content-type", "text/plain; charset=utf-8"),)
EVENT_STREAM = (
    ("content-type", "text/event-stream; charset=utf-8"),
    ("cache-control", "no-store"),
)
COOKIE = "access-token-scripted"
UPLOADED = "/tmp/gradio/0123456789abcdef"  # noqa: S108  # a name on the wire, no file
PARTS = re.compile(rb'filename="([^"]*)"')
CALLED = re.compile(r"/call/(?:v2/)?([^/]+)")
FOLLOWED = re.compile(r"/call/([^/]+)/([^/]+)")
# To who reads on when the script is over: that session is no more.
LOST = message({"say": "unexpected_error", "with": {"session_not_found": True}}, None)
ALIVE_S = 0.5  # between two signs of life on the heartbeat


class Stage:
    """One scripted server as its client sees it. Exchanges that the script decides wait in
    ``waiting`` under what they are (``join``, ``stream`` …); ``changed`` is told of each.
    """

    def __init__(self, scenario: Scenario, changed: Callable[[], None]) -> None:
        self.scenario = scenario
        self.url = ""
        self.foreign = ""  # another origin, which answers but is somebody else's
        self.closed = False  # the script is over
        self.waiting: dict[str, list[Exchange]] = defaultdict(list)
        # What was refused is refused again: arguments as text → status, headers, body.
        self.refusals: dict[str, tuple[int, Headers, bytes]] = {}
        self._arguments = [r["arguments"] for r in scenario.task if r["step"] == "call"]
        self._changed = changed
        self._token = uuid4().hex

    async def handle(self, exchange: Exchange) -> None:
        """Answer one request, at once or when the script does."""
        request, app = exchange.request, self.scenario.app
        method = "GET" if request.method == "HEAD" else request.method
        route = exchange.path
        if route.startswith(f"{app.prefix}/"):
            route = route[len(app.prefix) :]
        elif route not in ("/config", "/login"):
            return await self.say(exchange, 404, {"detail": "Not Found"})
        if route == "/login" and method == "POST":
            return await self._login(exchange)
        if app.login and self._token not in dict(request.headers).get("cookie", ""):
            return await self.say(exchange, 401, {"detail": "Not authenticated"})
        return await self._route(exchange, method, route)

    async def handle_foreign(self, exchange: Exchange) -> None:
        """Another origin: it takes everything, so that what it was sent can be seen."""
        await exchange.answer(200, TEXT, b"so it goes")

    async def say(self, exchange: Exchange, status: int, body: Any) -> None:
        """An answer as JSON."""
        await exchange.answer(status, JSON, json.dumps(body).encode())

    async def _route(self, exchange: Exchange, method: str, route: str) -> None:
        scenario = self.scenario
        if (method, route) == ("GET", "/config"):
            root = self.foreign if scenario.app.foreign_root else self.url
            await self.say(exchange, 200, documents.config(scenario.slug, scenario.app, root))
        elif (method, route) == ("GET", "/info"):
            await self.say(exchange, 200, documents.info(scenario.app))
        elif method == "POST" and route in ("/cancel", "/reset"):
            self._lay_out(route[1:], exchange)
            await self.say(exchange, 200, {"success": True})
        elif (method, route) == ("POST", "/upload"):
            await self._upload(exchange)
        elif method == "GET" and route.startswith("/file="):
            await exchange.answer(200, TEXT, b"so it goes")
        elif method == "GET" and route.startswith("/heartbeat/"):
            await self._heartbeat(exchange)
        else:
            await self._scripted(exchange, method, route)

    async def _scripted(self, exchange: Exchange, method: str, route: str) -> None:
        simple = self.scenario.surface == "call"
        if (method, route) == ("POST", "/queue/join") and not simple:
            await self._held(exchange, "join")
        elif (method, route) == ("GET", "/queue/data") and not simple:
            if not parse_qs(urlsplit(exchange.request.target).query).get("session_hash"):
                return await self.say(exchange, 422, {"detail": "session_hash is missing"})
            await exchange.begin(200, EVENT_STREAM)
            await self._held(exchange, "stream")
        elif method == "GET" and simple and (found := FOLLOWED.fullmatch(route)):
            await exchange.begin(200, EVENT_STREAM)
            await self._held(exchange, f"stream {found[2]}")
        elif method == "POST" and simple and CALLED.fullmatch(route):
            await self._held(exchange, "join")
        else:
            await self.say(exchange, 404, {"detail": "Not Found"})
        return None

    async def _held(self, exchange: Exchange, what: str) -> None:
        """Until the script has answered it, the client has left, or there is no script any more."""
        if what == "join":
            asked = sent(exchange)
            if asked == [] and asked not in self._arguments:  # a probe (CLIENT-024)
                return await self.say(exchange, 200, {"event_id": uuid4().hex})
            if (again := self.refusals.get(dumped(asked))) is not None:
                return await exchange.answer(*again)
        if self.closed:
            return await self._too_late(exchange, what)
        self._lay_out(what, exchange)
        await exchange.done.wait()
        self._changed()
        return None

    async def _too_late(self, exchange: Exchange, what: str) -> None:
        if what == "join":
            await self.say(exchange, 503, {"detail": "The script of this scenario is over."})
        else:
            if what == "stream":
                await exchange.piece(session_text(LOST, Framing()).encode())
            await exchange.finish()

    async def _heartbeat(self, exchange: Exchange) -> None:
        await exchange.begin(200, EVENT_STREAM)
        self._lay_out("heartbeat", exchange)
        while not exchange.over:
            await exchange.piece(b"data: ALIVE\n\n")
            try:
                await asyncio.wait_for(exchange.done.wait(), ALIVE_S)
            except TimeoutError:
                pass

    async def _upload(self, exchange: Exchange) -> None:
        names = [name.decode("utf-8", "replace") for name in PARTS.findall(exchange.request.body)]
        self._lay_out("upload", exchange)
        await self.say(exchange, 200, [f"{UPLOADED}/{name.rpartition('/')[2]}" for name in names])

    async def _login(self, exchange: Exchange) -> None:
        self._lay_out("login", exchange)
        cookie = f"{COOKIE}={self._token}; HttpOnly; Path=/; SameSite=Lax"
        body = b'{"success": true}'
        await exchange.answer(200, (*JSON, ("set-cookie", cookie)), body)

    def _lay_out(self, what: str, exchange: Exchange) -> None:
        self.waiting[what].append(exchange)
        self._changed()


def sent(exchange: Exchange) -> Any:
    """The arguments of a request that starts a call, if it has any."""
    try:
        body = json.loads(exchange.request.body)
    except ValueError:
        return None
    if isinstance(body, dict) and "data" not in body:
        return list(body.values())  # call/v2
    return body.get("data") if isinstance(body, dict) else None
