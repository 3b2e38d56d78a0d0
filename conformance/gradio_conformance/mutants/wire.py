"""An ASGI wrapper that bends requests, replies and streams by the rules of the catalogue."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

from gradio_conformance.mutants.rules import Rule
from gradio_conformance.mutants.rules import bend
from gradio_conformance.mutants.streams import Stream
from gradio_conformance.traffic.asgi import App
from gradio_conformance.traffic.asgi import CutError
from gradio_conformance.traffic.asgi import Message
from gradio_conformance.traffic.asgi import Receive
from gradio_conformance.traffic.asgi import Scope
from gradio_conformance.traffic.asgi import Send
from gradio_conformance.traffic.asgi import resized
from gradio_conformance.traffic.asgi import route_of
from gradio_conformance.traffic.asgi import whole_body
from gradio_spec import diff


class _EndedError(Exception):
    """Stops the application whose response has been ended for it."""


class Wrapper:
    """``app`` with the rules in force; a request that no rule is about passes untouched.

    ``base`` is the path below which the app's routes begin.
    """

    def __init__(self, app: App, rules: Sequence[Rule], base: str = "") -> None:
        self._app = app
        self._rules = tuple(rules)
        self._base = base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = route_of(scope, self._base)
        method = str(scope.get("method", ""))
        rules = [rule for rule in self._rules if rule.is_at(method, route)]
        if scope["type"] != "http" or not rules:
            await self._app(scope, receive, send)
            return
        content = await whole_body(receive) if method == "POST" else b""
        if content is None:
            return  # the client broke off: nobody was asked anything
        request = _described(scope, content)
        rules = [rule for rule in rules if rule.wants(request)]
        await _Exchange(self._app, rules, content, request).run(scope, receive, send)


def _described(scope: Scope, content: bytes) -> dict[str, Any]:
    """The request as the catalogue's ``when`` sees it; a body that is no JSON is null."""
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        body = None
    headers = {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
    }
    query = dict(
        parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
    )
    return {"body": body, "headers": headers, "query": query, "text": content.decode("latin-1")}


class _Exchange:
    """One request and its response under the rules that are about it."""

    def __init__(
        self, app: App, rules: Sequence[Rule], content: bytes, request: Mapping[str, Any]
    ) -> None:
        self._app = app
        self._rules = rules
        self._content: bytes | None = content
        self._request = request
        self._start: Message = None
        self._body = b""
        self._stream: Stream | None = None

    async def run(self, scope: Scope, receive: Receive, send: Send) -> None:
        for rule in self._rules:
            if "answer" in rule.do:
                await _answer(send, rule.do["answer"])
                return
            if "send" in rule.do and isinstance(self._request["body"], dict):
                body = bend(self._request["body"], rule.do["send"])
                self._content = json.dumps(body).encode()
                scope = resized(scope, len(self._content))

        async def replay() -> Message:
            if self._content is not None:
                content, self._content = self._content, None
                return {"type": "http.request", "body": content, "more_body": False}
            return await receive()

        async def tell(message: Message) -> None:
            await self._tell(message, send)

        try:
            await self._app(scope, replay if scope["method"] == "POST" else receive, tell)
        except _EndedError:
            return
        except CutError:
            if self._start is not None and self._stream is None:  # kept, and never whole
                await send(self._start)
                await send({"type": "http.response.body", "body": self._body, "more_body": True})
            raise

    async def _tell(self, message: Message, send: Send) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            headers = {name.lower(): value for name, value in message["headers"]}
            if headers.get(b"content-type", b"").startswith(b"text/event-stream"):
                about = [rule for rule in self._rules if rule.kinds]
                self._stream = Stream(about)
                await send(_restarted(message, self._reply_actions()))
        elif self._stream is None:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._reply(send)
        else:
            await self._pass(self._stream, message, send)

    def _reply_actions(self, body: Any = None) -> list[dict[str, Any]]:
        status = self._start["status"]
        return [
            dict(rule.do)
            for rule in self._rules
            if not rule.kinds
            and rule.status in (None, status)
            and (rule.body is None or rule.body.is_valid(body))
        ]

    async def _reply(self, send: Send) -> None:
        try:
            body = json.loads(self._body)
        except ValueError:
            body = None
        content = self._body
        actions = self._reply_actions(body)
        for action in actions:
            bent = bend(body, action)
            if not diff.same(bent, body):
                body = bent
                content = json.dumps(body).encode()
            if "body" in action:
                content = json.dumps(action["body"]).encode()
            if "text" in action:
                content = str(action["text"]).encode("latin-1")
        start = _restarted(self._start, actions)
        # An answer to HEAD has the length of another one's body.
        await send(resized(start, len(content)) if content or self._body else start)
        await send({"type": "http.response.body", "body": content, "more_body": False})

    async def _pass(self, stream: Stream, message: Message, send: Send) -> None:
        more = bool(message.get("more_body"))
        content = stream.feed(message.get("body", b""))
        if not more:
            content += stream.finish()
        size = next((a["chunk"] for a in self._reply_actions() if "chunk" in a), None)
        for piece in _pieces(content, size):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        if stream.ending == "cut":
            raise CutError("the response is cut here on purpose")
        if stream.ending == "hang":
            await asyncio.Event().wait()
        if stream.ending == "end" or not more:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        if stream.ending == "end":
            raise _EndedError


def _pieces(content: bytes, size: int | None) -> list[bytes]:
    if size is None:
        return [content] if content else []
    return [content[at : at + size] for at in range(0, len(content), size)]


def _restarted(start: Message, actions: Sequence[Mapping[str, Any]]) -> Message:
    """The start of a response with the status and the headers that the actions ask for."""
    headers = list(start["headers"])
    status = start["status"]
    for action in actions:
        status = action.get("status", status)
        for name, value in action.get("headers", {}).items():
            wanted = name.lower().encode()
            headers = [(n, v) for n, v in headers if n.lower() != wanted]
            if value is not None:
                headers.append((wanted, str(value).encode()))
    return {**start, "status": status, "headers": headers}


async def _answer(send: Send, answer: Mapping[str, Any]) -> None:
    text = answer["text"] if "text" in answer else json.dumps(answer.get("body"))
    content = str(text).encode()
    headers = {"content-type": "application/json", **answer.get("headers", {})}
    raw = [
        (name.encode(), str(value).encode()) for name, value in headers.items() if value is not None
    ]
    raw.append((b"content-length", str(len(content)).encode()))
    start = {"type": "http.response.start", "status": answer.get("status", 200), "headers": raw}
    await send(start)
    await send({"type": "http.response.body", "body": content, "more_body": False})
