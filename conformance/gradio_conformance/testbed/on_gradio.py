"""The testbed on a gradio that has Server mode. Differs from on_reference in the import, and where
Server mode has not what the contract wants: some servers are Blocks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr
from gradio.components.api_component import Api
from gradio_client.utils import python_type_to_json_schema

from gradio_conformance.testbed.blocks import NONE
from gradio_conformance.testbed.blocks import add_event
from gradio_conformance.testbed.blocks import launch_options
from gradio_conformance.testbed.blocks import split
from gradio_conformance.testbed.blocks import state_of
from gradio_conformance.testbed.blocks import stopping
from gradio_conformance.testbed.endpoints import register
from gradio_conformance.testbed.gradio_media import Library
from gradio_conformance.testbed.gradio_media import MediaStream
from gradio_conformance.testbed.kit import F
from gradio_conformance.testbed.kit import Kit
from gradio_conformance.testbed.kit import Settings
from gradio_conformance.testbed.media_pieces import pieces_of


def launch(settings: Settings, port: int) -> Callable[[], None]:
    """Serve one of the servers on 127.0.0.1:`port` in the background; returns what stops it."""
    return BUILT.get(settings.server, _server_mode)(settings, port)


def _server_mode(settings: Settings, port: int) -> Callable[[], None]:
    app = gr.Server()
    kit = register(app.api, gr, settings)
    app.launch(**launch_options(kit, settings, port))
    return stopping(kit, lambda: app.get_blocks().close(verbose=False))


def _bounded(settings: Settings, port: int) -> Callable[[], None]:
    """Blocks, because gradio's Server mode cannot bound the queue."""
    with gr.Blocks() as demo:
        kit = register(_api, gr, settings)
    demo.queue(max_size=settings.max_size)
    return _launch(demo, kit, settings, port)


def _with_state(settings: Settings, port: int) -> Callable[[], None]:
    """Blocks, because gradio's Server mode has no State."""
    with gr.Blocks() as demo:
        button = gr.Button()

        def registering(*, on_change: Any = None, **options: Any) -> Callable[[F], F]:
            return _event(button.click if on_change is None else on_change.change, **options)

        kit = register(registering, gr, settings, demo.unload)
    return _launch(demo, kit, settings, port)


def _with_media(settings: Settings, port: int) -> Callable[[], None]:
    """Blocks, because gradio's Server mode has no streaming input and no media streams."""
    with gr.Blocks() as demo:
        button, camera = gr.Button(), gr.Image(streaming=True)

        def registering(*, connection: str = "sse", **options: Any) -> Callable[[F], F]:
            return _event(camera.stream if connection == "stream" else button.click, **options)

        kit = register(registering, Library(), settings)
    return _launch(demo, kit, settings, port)


def _launch(demo: Any, kit: Kit, settings: Settings, port: int) -> Callable[[], None]:
    demo.launch(**launch_options(kit, settings, port), ssr_mode=False)
    return stopping(kit, lambda: demo.close(verbose=False))


Builder = Callable[[Settings, int], Callable[[], None]]
BUILT: dict[str, Builder] = {
    "second": _bounded,
    "stateful": _with_state,
    "guarded": _with_state,
    "media": _with_media,
}


def _api(*, name: str, description: str | None = None, **options: Any) -> Callable[[F], F]:
    def registered(function: F) -> F:
        add = gr.api  # type: ignore[attr-defined,unused-ignore]
        add(function, api_name=name, api_description=description, **options)
        return function

    return registered


def _event(
    listen: Callable[..., Any], *, name: str, description: str | None = None, **options: Any
) -> Callable[[F], F]:
    """An endpoint whose State stands in its annotations, as an event of Blocks."""
    told = {"api_name": name, "api_description": description or False, **options}

    def registered(function: F) -> F:
        return add_event(listen, function, _component, _component, told)

    return registered


def _component(hint: Any, place: int, default: Any) -> Any:
    if (state := state_of(hint)) is not None:
        return state
    plain, extras = split(hint)
    if any(isinstance(item, MediaStream) for item in extras):
        return pieces_of(Api)(None, python_type_to_json_schema(gr.FileData), f"{place}.")
    return Api(None if default is NONE else default, python_type_to_json_schema(plain), f"{place}.")
