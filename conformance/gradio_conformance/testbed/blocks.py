"""What the testbed needs of Blocks, whatever release of gradio they are of: endpoints as events."""

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

from gradio_conformance.testbed.kit import F
from gradio_conformance.testbed.kit import Kit
from gradio_conformance.testbed.kit import Settings

Component = Any
# Makes the component of a parameter or a return: its hint, its place from 1 on, its default.
Components = Callable[[Any, int, Any], Component]
NONE = inspect.Parameter.empty


def launch_options(kit: Kit, settings: Settings, port: int) -> dict[str, Any]:
    """What ``launch`` is told, in the words of the newest release."""
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


def stopping(kit: Kit, close: Callable[[], None]) -> Callable[[], None]:
    """What stops a server: nothing waits any more, then ``close``, then nothing is left behind."""

    def stop() -> None:
        kit.gates.close()
        close()
        kit.close()

    return stop


def add_event(
    listen: Callable[..., Any],
    function: F,
    inputs: Components,
    outputs: Components,
    options: dict[str, Any],
) -> F:
    """Register a function whose State stands in its annotations as an event of Blocks."""
    hints = get_type_hints(function, include_extras=True)
    parameters = inspect.signature(function).parameters.values()
    takes = [item for item in parameters if hints[item.name] is not gr.Request]
    given = [inputs(hints[item.name], place, item.default) for place, item in enumerate(takes, 1)]
    returned = [outputs(hint, place, NONE) for place, hint in enumerate(_yielded(hints), 1)]
    listen(function, given, returned, **options)
    return function


def split(hint: Any) -> tuple[Any, list[Any]]:
    """A hint without its annotations, and these."""
    plain, *extras = get_args(hint) if get_origin(hint) is Annotated else (hint,)
    return plain, extras


def state_of(hint: Any) -> gr.State | None:
    """The State that a hint names, if it does."""
    return next((item for item in split(hint)[1] if isinstance(item, gr.State)), None)


def is_plain(function: Callable[..., Any]) -> bool:
    """Whether its annotations are nothing but types: no State, no media stream."""
    hints = get_type_hints(function, include_extras=True)
    return not any(split(hint)[1] for hint in (*hints.values(), *_yielded(hints)))


def _yielded(hints: dict[str, Any]) -> tuple[Any, ...]:
    """What a function returns or a generator yields, one hint for each output."""
    hint = hints["return"]
    if isinstance(get_origin(hint), type) and issubclass(get_origin(hint), Iterator):
        hint = get_args(hint)[0]
    if hint is type(None):
        return ()
    return get_args(hint) if get_origin(hint) is tuple else (hint,)
