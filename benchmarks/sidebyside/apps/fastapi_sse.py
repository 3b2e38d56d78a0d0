"""What one writes by hand on FastAPI instead: a POST that answers with a stream of events, and a
lock where Gradio has a queue. No ranks, no reconnect, no cancel, no discovery.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi import FastAPI
from fastapi.concurrency import iterate_in_threadpool
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from sidebyside.apps import functions
from sidebyside.apps.serving import options
from sidebyside.apps.serving import serve

app = FastAPI()
one_at_a_time = asyncio.Lock()


class Text(BaseModel):
    """What `echo` and `queued` take."""

    value: str


class Count(BaseModel):
    """What `tokens` takes."""

    value: int


def event(name: str, data: Any) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"


def stream(events: AsyncIterator[str]) -> StreamingResponse:
    return StreamingResponse(events, media_type="text/event-stream")


@app.post("/echo")
async def echo(body: Text) -> StreamingResponse:
    async def events() -> AsyncIterator[str]:
        yield event("result", await run_in_threadpool(functions.echo, body.value))

    return stream(events())


@app.post("/queued")
async def queued(body: Text) -> StreamingResponse:
    async def events() -> AsyncIterator[str]:
        yield event("waiting", None)
        async with one_at_a_time:
            yield event("result", await run_in_threadpool(functions.queued, body.value))

    return stream(events())


@app.post("/tokens")
async def tokens(body: Count) -> StreamingResponse:
    async def events() -> AsyncIterator[str]:
        sent = 0
        async for text in iterate_in_threadpool(functions.tokens(body.value)):
            yield event("token", text[sent:])
            sent = len(text)

    return stream(events())


@app.post("/open_gate")
async def open_gate() -> str:
    return functions.open_gate()


if __name__ == "__main__":
    serve(app, options())
