"""Names of the reference server that gradio has not: how the testbed marks a media stream."""

from __future__ import annotations

import types
from typing import Any

import gradio as gr


class MediaStream:
    """Marks an output in annotations, as that of the reference server does."""

    def __init__(self, kind: str) -> None:
        self.kind = kind


class Library(types.SimpleNamespace):
    """gradio with what the reference server calls a MediaStream."""

    MediaStream = MediaStream

    def __getattr__(self, name: str) -> Any:
        return getattr(gr, name)
