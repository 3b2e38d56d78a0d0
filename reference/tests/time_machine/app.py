# Endpoints name what they yield, as the Server API has it.
# mypy: disable-error-code="misc, return-value"
"""An app with a bit of everything, and one that goes on until it is stopped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Iterator

import gradio_reference as gr

SHRINKING = ([[1, 2, 3], [4, 5, 6]], [[1], [4]])


def echo(text: str) -> str:
    return text


def words(text: str) -> Iterator[str]:
    told = ""
    for word in text.split():
        told += word
        yield told


def shrinking() -> Iterator[list[list[int]]]:
    yield from SHRINKING


def without_key() -> Iterator[list[dict[str, int]]]:
    yield [{"a": 1, "b": 2}]
    yield [{"a": 1}]


def raising() -> str:
    raise gr.Error("boom")


def failing() -> str:
    raise ValueError("secret")


def telling(progress: gr.Progress = gr.Progress()) -> str:  # noqa: B008
    progress(0.5, desc="half")
    gr.Info("begun")
    gr.Success("done")
    return "told"


def keep(file: gr.FileData) -> gr.FileData:
    return file


@gr.cache
def cached(text: str) -> str:
    return text


FUNCTIONS = (echo, words, shrinking, without_key, raising, failing, telling, keep, cached)


def make() -> gr.Server:
    app = gr.Server(__name__)
    for function in FUNCTIONS:
        app.api(function)
    return app


class Endless:
    """An app with a function that goes on until it is stopped."""

    def __init__(self) -> None:
        self.app = make()
        self.stopped = asyncio.Event()

        @self.app.api
        async def endless() -> AsyncIterator[int]:
            try:
                yield 0
                await asyncio.Event().wait()
            finally:
                self.stopped.set()
