"""`python app.py LIBRARY PORT`: an app behind a login, the same on both; prints its URL."""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import gradio_reference as gr
else:
    library = {"reference": "gradio_reference", "gradio": "gradio"}[sys.argv[1]]
    gr = importlib.import_module(library)

app = gr.Server()
cancelled = threading.Event()


def who(request: gr.Request) -> str:
    return str(request.username)


def words(text: str) -> Iterator[str]:
    yield from text.split()


def endless() -> Iterator[str]:
    try:
        while True:
            yield "again"
            threading.Event().wait(0.01)
    finally:
        cancelled.set()


def was_cancelled() -> bool:
    return cancelled.wait(20)


def size(file: gr.FileData) -> int:
    return Path(file["path"]).stat().st_size


functions: tuple[Callable[..., object], ...] = (who, words, endless, was_cancelled, size)
for function in functions:
    app.api(concurrency_limit=None)(function)

_app, url, _share = app.launch(
    server_name="127.0.0.1",
    server_port=int(sys.argv[2]),
    auth=[("ann", "secret "), ("bob", "öß")],
    auth_message="Members only",
    prevent_thread_lock=True,
    quiet=True,
)
print(f"ready {url.rstrip('/')}", flush=True)
threading.Event().wait()
