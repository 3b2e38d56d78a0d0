"""What the testbed needs of gradio for media streams: an output that takes pieces as they are.

Gradio's own Audio and Video convert pieces with ffmpeg. This component, made in the way in which
apps make their own, gives them on; playlists, routes and messages are gradio's.
"""

from __future__ import annotations

from abc import ABCMeta
from functools import cache
from typing import Any

from gradio.component_meta import ComponentMeta
from gradio.components.base import StreamingOutput

SECONDS = 0.5  # about the length of each piece


class _AsTheyAre(StreamingOutput):  # type: ignore[misc,unused-ignore]
    """Each value is a segment of AAC."""

    streaming = True

    async def stream_output(
        self, value: Any, output_id: str, first_chunk: bool
    ) -> tuple[Any, dict[str, Any]]:
        file = {
            "path": output_id,
            "is_stream": True,
            "orig_name": "audio-stream.aac",
            "meta": {"_type": "gradio.FileData"},
        }
        if value is None:
            return None, file
        return {"data": value, "duration": SECONDS, "extension": ".aac"}, file

    async def combine_stream(
        self, stream: list[bytes], desired_output_format: str | None = None, only_file: bool = False
    ) -> Any:
        raise NotImplementedError("the testbed downloads no stream as one file")


@cache
def pieces_of(value: type) -> Any:
    """The component for pieces; ``value`` is the component for any value."""
    # No class statement: for that gradio would write a stub file beside this module.
    return ABCMeta.__new__(ComponentMeta, "Pieces", (_AsTheyAre, value), {"__module__": __name__})
