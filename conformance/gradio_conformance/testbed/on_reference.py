"""The testbed on the reference server."""

from __future__ import annotations

from collections.abc import Callable

import gradio_reference as gr
from gradio_conformance.testbed.endpoints import register
from gradio_conformance.testbed.kit import Settings


def launch(
    settings: Settings, port: int, prepare: Callable[[gr.Server], None] | None = None
) -> Callable[[], None]:
    """Serve one of the servers on 127.0.0.1:`port` in the background; returns what stops it.

    `prepare` may change the app before it serves.
    """
    app = gr.Server()
    kit = register(app.api, gr, settings, app.unload)
    if prepare is not None:
        prepare(app)
    app.launch(
        server_name="127.0.0.1",
        server_port=port,
        show_error=settings.show_error,
        max_file_size=settings.max_file_size,
        allowed_paths=[str(kit.places.allowed)],
        blocked_paths=[str(kit.places.blocked)],
        max_size=settings.max_size,
        auth=settings.auth,
        auth_message=settings.auth_message,
        prevent_thread_lock=True,
        quiet=True,
    )

    def stop() -> None:
        kit.gates.close()
        app.close()
        kit.close()

    return stop
