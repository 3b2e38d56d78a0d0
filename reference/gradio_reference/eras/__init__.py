"""The reference server as older releases spoke: for testing clients against every era.

``speak_as`` puts a :class:`TimeMachine` before a server. Which release did what is data: the views
of ``gradio_spec``, and ``behaviours.yaml`` and ``members.yaml`` beside them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradio_reference.eras.era import Era
from gradio_reference.eras.era import era
from gradio_reference.eras.ledger import Ledger
from gradio_reference.eras.machine import TimeMachine
from gradio_reference.eras.routes import streams
from gradio_reference.eras.routes import websockets
from gradio_reference.eras.single import Connections

if TYPE_CHECKING:
    from gradio_reference.server import Server

__all__ = ["Era", "TimeMachine", "era", "speak_as"]


def speak_as(server: Server, name: str) -> Era:
    """Let a server speak as a release (``gradio-4.44.1``), or as a dialect or family did; once,
    and before it serves. Raises ``SpecError``, a ``ValueError``, for a name that is none or a
    release of which there is no specification.
    """
    found = era(name)
    connections = None
    if found.per_event:
        connections = Connections(found, Ledger(), server._provide)
        made = websockets if found.announced is None else streams
        server._add(made(connections))
    server.asgi_app = TimeMachine(  # type: ignore[method-assign]
        found, server.asgi_app, connections
    )
    server.speaks_as = found.release.id
    if found.does("any-origin"):
        server.admit_all_origins()
    return found
