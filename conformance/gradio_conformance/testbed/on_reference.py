"""The testbed on the reference server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import gradio_reference as gr
from gradio_conformance.testbed.endpoints import register
from gradio_conformance.testbed.kit import Settings
from gradio_reference import serving
from gradio_reference.adapters import DEFAULT
from gradio_reference.adapters import adapter
from gradio_reference.eras import era
from gradio_reference.eras import speak_as
from gradio_reference.serving import Plan


@dataclass(frozen=True, slots=True)
class OnWebServer:
    """The testbed on a web server that the reference server knows by name, speaking as a release
    did. Raises `ValueError` for a server that is none or is not installed, and for a release of
    which there is no specification.
    """

    web_server: str = DEFAULT
    release: str | None = None

    def __post_init__(self) -> None:
        adapter(self.web_server)
        if self.release is not None:
            era(self.release)

    def __str__(self) -> str:
        told = "reference" if self.web_server == DEFAULT else f"reference with {self.web_server}"
        return told if self.release is None else f"{told}, as {era(self.release).release.id}"

    def launch(self, settings: Settings, port: int) -> Callable[[], None]:
        prepare = None if self.release is None else partial(speak_as, name=self.release)
        return launch(settings, port, prepare, web_server=self.web_server)


def launch(
    settings: Settings,
    port: int,
    prepare: Callable[[gr.Server], object] | None = None,
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
