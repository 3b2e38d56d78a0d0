"""The testbed on gradio. Differs from on_reference in the import and in the second server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr  # type: ignore[import-not-found,import-untyped,unused-ignore]

from gradio_conformance.testbed.endpoints import register
from gradio_conformance.testbed.kit import F
from gradio_conformance.testbed.kit import Settings


def launch_main(settings: Settings, port: int) -> Callable[[], None]:
    """Serve `main` on 127.0.0.1:`port` in the background; returns what stops it."""
    app = gr.Server()
    kit = register(app.api, gr, settings)
    app.launch(
        server_name="127.0.0.1",
        server_port=port,
        show_error=settings.show_error,
        prevent_thread_lock=True,
        quiet=True,
    )

    def stop() -> None:
        kit.gates.close()
        app.get_blocks().close(verbose=False)

    return stop


def launch_second(settings: Settings, port: int) -> Callable[[], None]:
    """Serve `second`: Blocks, because gradio's Server mode cannot bound the queue."""
    with gr.Blocks() as demo:
        kit = register(_api, gr, settings)
    demo.queue(max_size=settings.max_size)
    demo.launch(
        server_name="127.0.0.1",
        server_port=port,
        show_error=settings.show_error,
        prevent_thread_lock=True,
        quiet=True,
        ssr_mode=False,
    )

    def stop() -> None:
        kit.gates.close()
        demo.close(verbose=False)

    return stop


def _api(*, name: str, description: str | None = None, **options: Any) -> Callable[[F], F]:
    def registered(function: F) -> F:
        add = gr.api  # type: ignore[attr-defined,unused-ignore]
        add(function, api_name=name, api_description=description, **options)
        return function

    return registered
