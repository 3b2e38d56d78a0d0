"""``app.mcp``: how an app says that a function is a resource or a prompt, or more of a tool."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from typing import Literal
from typing import TypeVar

F = TypeVar("F", bound=Callable[..., Any])
Kind = Literal["tool", "resource", "prompt"]
_ATTRIBUTE = "_gradio_reference_mcp"


@dataclass(frozen=True, slots=True)
class Marks:
    """What ``app.mcp`` was told about a function."""

    kind: Kind = "tool"
    name: str | None = None
    description: str | None = None
    structured_output: bool = False
    meta: Mapping[str, Any] | None = None
    uri_template: str = ""
    mime_type: str = "text/plain"


class Namespace:
    """The decorators of ``app.mcp``. They only mark: it is ``@app.api`` that makes an endpoint of
    the function, above or below, and without a mark every endpoint is a tool.
    """

    @staticmethod
    def tool(
        name: str | None = None,
        description: str | None = None,
        structured_output: bool = False,
        _meta: Mapping[str, Any] | None = None,
    ) -> Callable[[F], F]:
        """Give a tool another name or description than its function's, or ``_meta`` of its own.
        With ``structured_output`` results come as ``{"result": …}`` too, under a declared schema.
        """
        return _marker(Marks("tool", name, description, structured_output, _meta))

    @staticmethod
    def resource(
        uri_template: str, description: str | None = None, mime_type: str | None = None
    ) -> Callable[[F], F]:
        """A resource: ``greeting://{name}`` has a parameter ``name`` of the function."""
        kind = mime_type or "text/plain"
        return _marker(
            Marks("resource", description=description, uri_template=uri_template, mime_type=kind)
        )

    @staticmethod
    def prompt(name: str | None = None, description: str | None = None) -> Callable[[F], F]:
        """A prompt: the function's parameters are its arguments, its result the user's message."""
        return _marker(Marks("prompt", name, description))


def _marker(marks: Marks) -> Callable[[F], F]:
    def mark(fn: F) -> F:
        try:
            setattr(fn, _ATTRIBUTE, marks)
        except AttributeError:
            raise TypeError(f"app.mcp.{marks.kind} cannot mark {fn!r}: give a function") from None
        return fn

    return mark


def marks_of(fn: Callable[..., Any]) -> Marks:
    """What was said of a function; of most, nothing."""
    found = getattr(fn, _ATTRIBUTE, None)
    return found if isinstance(found, Marks) else Marks()
