"""gradio's own names as the testbed uses them, on a release that has not all of them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

import gradio as gr

from gradio_conformance.testbed.gradio_media import Library

TOLD = ("Error", "Info", "Warning", "Success")  # take more arguments from release to release


class Older(Library):
    """gradio, where a message that is told more than the release takes says what it can, and a
    kind of message that there is not is not sent.
    """

    def __getattr__(self, name: str) -> Any:
        found = getattr(gr, name, None)
        if name in TOLD:
            return _telling(found)
        if name == "FileData" and found is None:
            return _file_data()
        if found is None:
            raise AttributeError(f"gradio {gr.__version__} has no {name}")
        return found

    def State(self, value: Any, **options: Any) -> Any:  # noqa: N802 - gradio's name
        return gr.State(value, **accepted(gr.State.__init__, options))


def parameters_of(function: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(function).parameters


def accepted(function: Callable[..., Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the named arguments that a function of this release takes."""
    there = parameters_of(function)
    return {name: value for name, value in options.items() if name in there}


def _telling(found: Any) -> Callable[..., Any]:
    def tell(message: str, **options: Any) -> Any:
        return None if found is None else found(message, **accepted(found, options))

    return tell


def _file_data() -> Any:
    """The file type, before it had a name at the top; a plain object with a path on gradio 3."""
    from gradio import data_classes

    return getattr(data_classes, "FileData", dict)
