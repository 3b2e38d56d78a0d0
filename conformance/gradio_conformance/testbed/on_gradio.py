"""The testbed on gradio. Differs from on_reference in the import, and where Server mode has not
what the contract wants: some servers are Blocks.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from collections.abc import Iterator
from typing import Annotated
from typing import Any
from typing import get_args
from typing import get_origin
from typing import get_type_hints

import gradio as gr
from gradio.components.api_component import Api
from gradio_client.utils import python_type_to_json_schema

from gradio_conformance.testbed.endpoints import register
from gradio_conformance.testbed.gradio_media import Library
from gradio_conformance.testbed.gradio_media import MediaStream
from gradio_conformance.testbed.gradio_media import Pieces
from gradio_conformance.testbed.kit import F
from gradio_conformance.testbed.kit import Kit
from gradio_conformance.testbed.kit import Settings


def launch(settings: Settings, port: int) -> Callable[[], None]:
    """Serve one of the servers on 127.0.0.1:`port` in the background; returns what stops it."""
    return BUILT.get(settings.server, _server_mode)(settings, port)


def _server_mode(settings: Settings, port: int) -> Callable[[], None]:
    app = gr.Server()
    kit = register(app.api, gr, settings)
    app.launch(**_options(kit, settings, port))
    return _stopping(kit, lambda: app.get_blocks().close(verbose=False))


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
    demo.launch(**_options(kit, settings, port), ssr_mode=False)
    return _stopping(kit, lambda: demo.close(verbose=False))


def _options(kit: Kit, settings: Settings, port: int) -> dict[str, Any]:
    return {
        "server_name": "127.0.0.1",
        "server_port": port,
        "show_error": settings.show_error,
        "max_file_size": settings.max_file_size,
        "allowed_paths": [str(kit.places.allowed)],
        "blocked_paths": [str(kit.places.blocked)],
        "auth": settings.auth,
        "auth_message": settings.auth_message,
        "root_path": settings.root_path,
        "mcp_server": settings.mcp_server,
        "prevent_thread_lock": True,
        "quiet": True,
    }


def _stopping(kit: Kit, close: Callable[[], None]) -> Callable[[], None]:
    def stop() -> None:
        kit.gates.close()
        close()
        kit.close()

    return stop


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

    def registered(function: F) -> F:
        hints = get_type_hints(function, include_extras=True)
        parameters = inspect.signature(function).parameters.values()
        inputs = [
            _component(hints[item.name], place, item.default)
            for place, item in enumerate(parameters, 1)
            if hints[item.name] is not gr.Request
        ]
        returns = [_component(hint, place) for place, hint in enumerate(_yielded(hints), 1)]
        listen(
            function,
            inputs,
            returns,
            api_name=name,
            api_description=description or False,
            **options,
        )
        return function

    return registered


def _component(hint: Any, place: int, default: Any = inspect.Parameter.empty) -> Any:
    plain, *extras = get_args(hint) if get_origin(hint) is Annotated else (hint,)
    state = next((item for item in extras if isinstance(item, gr.State)), None)
    if state is not None:
        return state
    if any(isinstance(item, MediaStream) for item in extras):
        return Pieces(None, python_type_to_json_schema(gr.FileData), f"{place}.")
    value = None if default is inspect.Parameter.empty else default
    return Api(value, python_type_to_json_schema(plain), f"{place}.")


def _yielded(hints: dict[str, Any]) -> tuple[Any, ...]:
    """What a function returns or a generator yields, one hint for each output."""
    hint = hints["return"]
    if isinstance(get_origin(hint), type) and issubclass(get_origin(hint), Iterator):
        hint = get_args(hint)[0]
    if hint is type(None):
        return ()
    return get_args(hint) if get_origin(hint) is tuple else (hint,)
