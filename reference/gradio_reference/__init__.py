"""A server that keeps the Gradio event protocol, on Quart and Hypercorn."""

from __future__ import annotations

from gradio_reference import _installed  # noqa: F401 - first, for its message
from gradio_reference.cache import cache
from gradio_reference.core.playlists import Segment
from gradio_reference.fields import Header
from gradio_reference.filedata import FileData
from gradio_reference.media import MediaStream
from gradio_reference.mounting import mount_gradio_app
from gradio_reference.progress import Progress
from gradio_reference.request import Request
from gradio_reference.server import Server
from gradio_reference.state import State
from gradio_reference.user_messages import Error
from gradio_reference.user_messages import Info
from gradio_reference.user_messages import Success
from gradio_reference.user_messages import Warning  # noqa: A004 - Gradio's name
from gradio_reference.validators import validate

__version__ = "0.1.0"
__all__ = [
    "Error",
    "FileData",
    "Header",
    "Info",
    "MediaStream",
    "Progress",
    "Request",
    "Segment",
    "Server",
    "State",
    "Success",
    "Warning",
    "cache",
    "mount_gradio_app",
    "validate",
]
