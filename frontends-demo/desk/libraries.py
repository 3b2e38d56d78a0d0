"""The two libraries that Desk runs on. All that differs is here: the import, how pages are served,
how a server is started.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from desk.app import register

HOST = "127.0.0.1"
TITLE = "Desk"


@dataclass(frozen=True, slots=True)
class Settings:
    """``port`` None: the first free one from 7860. ``pages``: a folder with index.html, served at
    ``/``. ``login``: name and password. ``web_server``: the reference server's, by name.
    """

    port: int | None = None
    pages: Path | None = None
    login: tuple[str, str] | None = None
    web_server: str | None = None


def on_reference(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM. Raises ``ValueError`` for an unknown web server."""
    from quart import send_from_directory

    import gradio_reference as gr
    from gradio_reference import serving
    from gradio_reference.adapters import DEFAULT

    app = gr.Server(title=TITLE, static_folder=None)
    register(app.api, gr)
    if (pages := settings.pages) is not None:

        @app.get("/", defaults={"name": "index.html"})
        @app.get("/<path:name>")
        async def page(name: str) -> Any:
            return await send_from_directory(pages, name)

    app.configure(auth=settings.login)
    plan = serving.Plan(HOST, settings.port, web_server=settings.web_server or DEFAULT)
    serving.launch(app, plan)


def on_gradio(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM."""
    import gradio as gr
    from fastapi.responses import FileResponse
    from fastapi.staticfiles import StaticFiles

    if settings.web_server is not None:
        raise ValueError(f"web server {settings.web_server}: Gradio runs on its own")
    app = gr.Server(title=TITLE)
    register(app.api, gr)
    if (pages := settings.pages) is not None:
        app.get("/")(lambda: FileResponse(pages / "index.html"))
        # Not one mount at "/": it would take the routes of the protocol, which come after it.
        for item in sorted(pages.iterdir()):
            if item.is_dir():
                app.mount(f"/{item.name}", StaticFiles(directory=item))
            else:
                app.get(f"/{item.name}")(lambda item=item: FileResponse(item))
    app.launch(server_name=HOST, server_port=settings.port, auth=settings.login)


LIBRARIES: dict[str, Callable[[Settings], None]] = {
    "reference": on_reference,
    "gradio": on_gradio,
}
