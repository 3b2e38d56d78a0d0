"""The testbed on a gradio without Server mode: all of its servers are Blocks.

What a release has not is left out: arguments of events, messages and ``launch`` that it does not
take, endpoints that would be nothing without them, and servers of such endpoints.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import gradio as gr

from gradio_conformance.testbed.any_value import value_component
from gradio_conformance.testbed.blocks import NONE
from gradio_conformance.testbed.blocks import Components
from gradio_conformance.testbed.blocks import add_event
from gradio_conformance.testbed.blocks import is_plain
from gradio_conformance.testbed.blocks import launch_options
from gradio_conformance.testbed.blocks import split
from gradio_conformance.testbed.blocks import state_of
from gradio_conformance.testbed.blocks import stopping
from gradio_conformance.testbed.endpoints import register
from gradio_conformance.testbed.gradio_media import MediaStream
from gradio_conformance.testbed.kit import TESTBED
from gradio_conformance.testbed.kit import F
from gradio_conformance.testbed.kit import Settings
from gradio_conformance.testbed.kit import no_unload
from gradio_conformance.testbed.older import Older
from gradio_conformance.testbed.older import accepted
from gradio_conformance.testbed.older import parameters_of
from gradio_spec.releases import number

Options = dict[str, Any]
SETS_HEARTBEAT = "6.16.0"  # the first release that lets GRADIO_HEARTBEAT_INTERVAL decide
HEARTBEAT_S = 15.0  # of all before it
WORKERS = 40  # of gradio 3, where all functions share them
ROWS = {row["name"]: row for row in TESTBED["endpoints"]}
ESSENTIAL = ("connection", "validator")  # an endpoint that is told them is nothing without
# What a server is nothing without: an argument of which method.
NEEDED = {"tools": (gr.Blocks, "launch", "mcp_server"), "media": (gr.Button, "click", "time_limit")}
# Before 6.0, who may see and call an endpoint was told by these.
SHOWN: dict[str, Callable[[str], Options]] = {
    "public": lambda name: {"api_name": name},
    "undocumented": lambda name: {"api_name": name, "show_api": False},
    "private": lambda name: {"api_name": False},
}


def offers(settings: Settings) -> bool:
    """Whether this release can be that server at all."""
    if settings.server not in NEEDED:
        return True
    owner, method, name = NEEDED[settings.server]
    function = getattr(owner, method, None)  # gradio 3 has a button's events in the instance
    return function is not None and name in parameters_of(function)


def launch(settings: Settings, port: int) -> Callable[[], None]:
    """Serve one of the servers on 127.0.0.1:`port` in the background; returns what stops it."""
    if number(gr.__version__) < number(SETS_HEARTBEAT):
        settings = replace(settings, heartbeat_interval=HEARTBEAT_S)
    with gr.Blocks() as demo:
        unload = getattr(demo, "unload", no_unload)
        kit = register(_Events(settings).api, Older(), settings, unload)
    limits = {"max_size": settings.max_size}
    if "default_concurrency_limit" not in parameters_of(demo.queue):
        limits["concurrency_count"] = WORKERS
    demo.queue(**limits)
    options = {**launch_options(kit, settings, port), "ssr_mode": False}
    demo.launch(**accepted(demo.launch, options))
    return stopping(kit, lambda: demo.close(verbose=False))


class _Events:
    """Registers endpoints inside of Blocks."""

    def __init__(self, settings: Settings) -> None:
        self._value = value_component()
        self._button = gr.Button()
        streams = settings.server == "media"
        self._camera = gr.Image(streaming=True) if streams else None

    def api(
        self,
        *,
        name: str,
        description: str | None = None,
        api_visibility: str = "public",
        on_change: Any = None,
        **options: Any,
    ) -> Callable[[F], F]:
        listen = self._listen(options.pop("connection", "sse"), on_change)
        if listen is None or not set(ESSENTIAL) & set(options) <= set(parameters_of(listen)):
            return _leave_alone
        told = {**options, **self._shown(listen, name, api_visibility)}
        if description is not None:
            told["api_description"] = description

        def registered(function: F) -> F:
            return self._registered(listen, name, function, told)

        return registered

    def _listen(self, connection: str, on_change: Any) -> Callable[..., Any] | None:
        if connection == "stream":
            assert self._camera is not None
            return self._camera.stream  # type: ignore[no-any-return,unused-ignore]
        if on_change is not None:
            return getattr(on_change, "change", None)
        return self._button.click  # type: ignore[no-any-return,unused-ignore]

    def _shown(self, listen: Callable[..., Any], name: str, visibility: str) -> Options:
        if "api_visibility" in parameters_of(listen):
            return {"api_name": name, "api_visibility": visibility}
        return SHOWN[visibility](name)

    def _registered(self, listen: Callable[..., Any], name: str, function: F, told: Options) -> F:
        add = getattr(gr, "api", None) if listen == self._button.click else None
        if add is not None and is_plain(function) and set(told) <= set(parameters_of(add)):
            add(function, **told)
            return function
        row = ROWS[name]
        inputs = self._components([part.get("type") for part in row["parameters"]])
        outputs = self._components(row["returns"])
        return add_event(listen, function, inputs, outputs, accepted(listen, told))

    def _components(self, schemas: list[Any]) -> Components:
        def component(hint: Any, place: int, default: Any) -> Any:
            if (state := state_of(hint)) is not None:
                return state
            if any(isinstance(item, MediaStream) for item in split(hint)[1]):
                return self._pieces(place)
            value = None if default is NONE else default
            return self._value(value, schemas[place - 1], f"{place}.")

        return component

    def _pieces(self, place: int) -> Any:
        from gradio_conformance.testbed.media_pieces import pieces_of  # of gradio 5 and newer

        return pieces_of(self._value)(None, ROWS["file_made"]["returns"][0], f"{place}.")


def _leave_alone(function: F) -> F:
    return function
