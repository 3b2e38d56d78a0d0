"""The testbed on the reference server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import gradio_reference as gr
from gradio_conformance.testbed.endpoints import register
from gradio_conformance.testbed.kit import Settings
from gradio_reference import serving
from gradio_reference.adapters import DEFAULT
from gradio_reference.adapters import adapter
from gradio_reference.serving import Plan


@dataclass(frozen=True, slots=True)
class OnWebServer:
    """The testbed on a web server that the reference server knows by name. Raises `ValueError` for
    one that is none or is not installed.
    """

    web_server: str

    def __post_init__(self) -> None:
        adapter(self.web_server)

    def __str__(self) -> str:
        return f"reference with {self.web_server}"

    def launch(self, settings: Settings, port: int) -> Callable[[], None]:
        return launch(settings, port, web_server=self.web_server)


def launch(
    settings: Settings,
    port: int,
    prepare: Callable[[gr.Server], None] | None = None,
    web_server: str = DEFAULT,
) -> Callable[[], None]:
    """Serve one of the servers on 127.0.0.1:`port` in the background; returns what stops it.

    `prepare` may change the app before it serves.
    """
    app = gr.Server()
    kit = register(app.api, gr, settings, app.unload)
    if prepare is not None:
        prepare(app)
    app.configure(
        show_error=settings.show_error,
        max_file_size=settings.max_file_size,
        allowed_paths=[str(kit.places.allowed)],
        blocked_paths=[str(kit.places.blocked)],
        max_size=settings.max_size,
        auth=settings.auth,
        auth_message=settings.auth_message,
        root_path=settings.root_path,
        mcp_server=settings.mcp_server,
    )
    plan = Plan("127.0.0.1", port, background=True, quiet=True, web_server=web_server)
    serving.launch(app, plan)

    def stop() -> None:
        kit.gates.close()
        app.close()
        kit.close()

    return stop
