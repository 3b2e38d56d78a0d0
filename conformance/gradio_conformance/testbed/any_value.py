"""Components that take and give any JSON value as it is, for releases that have none.

Gradio 5 has one, for `gr.api`. Before it, each is made here in the way in which apps make their
own; gradio 3 has files in a shape of its own, which these functions do not see.
"""

from __future__ import annotations

from abc import ABCMeta
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr

Schema = dict[str, Any]
Make = Callable[[Any, Schema, str], Any]  # the default, the JSON Schema, the label
META = {"_type": "gradio.FileData"}


def value_component() -> Make:
    """What makes a component for any JSON value, as this release has components."""
    try:
        from gradio.components.api_component import Api
    except ImportError:
        return _of_gradio_4() if hasattr(gr.components, "base") and _has_meta() else _of_gradio_3()
    made: Make = Api
    return made


def _has_meta() -> bool:
    from importlib.util import find_spec

    return find_spec("gradio.component_meta") is not None


def _of_gradio_4() -> Make:
    from gradio.component_meta import ComponentMeta
    from gradio.component_meta import updateable
    from gradio.components.base import Component

    def init(self: Any, value: Any, _api_info: Schema, label: str = "API") -> None:
        self._api_info = _api_info
        Component.__init__(self, value=value, label=label)

    members = {
        "EVENTS": [],
        "__module__": __name__,
        "__init__": updateable(init),
        "preprocess": _as_it_is,
        "postprocess": _as_it_is,
        "api_info": _schema,
        "example_inputs": _example,
        "example_payload": _example,
        "example_value": _example,
    }
    # No class statement: for that gradio would write a stub file beside this module.
    made: Make = ABCMeta.__new__(ComponentMeta, "Api", (Component,), members)
    return made


def _as_it_is(_self: Any, value: Any) -> Any:
    return value


def _schema(self: Any) -> Any:
    return self._api_info


def _example(self: Any) -> Any:
    return self.value if self.value is not None else "..."


# -- gradio 3 -----------------------------------------------------------------------------------


def _of_gradio_3() -> Make:
    """Text boxes and files by what clients take them for: they convert values by the component."""

    class Plain(gr.Textbox):  # type: ignore[misc,unused-ignore]
        """Any value; that it is a text box makes clients leave it alone."""

        _schema: Schema

        def get_block_name(self) -> str:
            return "textbox"

        def preprocess(self, x: Any) -> Any:
            return x

        def postprocess(self, y: Any) -> Any:
            return _files_out(self, y)

        def api_info(self) -> dict[str, Any]:
            return {"info": _plainly(self._schema), "serialized_info": False}

    class File(gr.File):  # type: ignore[misc,unused-ignore]
        """A file; the functions see it as later releases show it."""

        def get_block_name(self) -> str:
            return "file"

        def preprocess(self, x: Any) -> Any:
            return _files_in(self, x)

        def postprocess(self, y: Any) -> Any:
            return _files_out(self, y)

    def made(value: Any, schema: Schema, label: str) -> Any:
        if _is_file(schema) or _is_file(schema.get("items")):
            count = "single" if _is_file(schema) else "multiple"
            return File(label=label, file_count=count)
        component = Plain(label=label)
        component._schema = schema
        component.value = value
        return component

    return made


def _plainly(schema: Schema) -> Schema:
    """A schema that gradio 3 can write down as a type of Python: it fails for most others."""
    simple = schema.get("type") in ("string", "integer", "number", "boolean")
    return schema if simple else {"type": {}, "description": "any value"}


def _is_file(schema: Any) -> bool:
    return isinstance(schema, dict) and {"path", "meta"} <= set(schema.get("properties", ()))


def _files_in(component: Any, value: Any) -> Any:
    if isinstance(value, list):
        return [_files_in(component, item) for item in value]
    if not isinstance(value, dict) or "name" not in value:
        return value
    path = component.make_temp_copy_if_needed(value["name"])
    name = value.get("orig_name") or Path(path).name
    return {"path": path, "orig_name": name, "meta": META}


def _files_out(component: Any, value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_files_out(component, item) for item in value]
    if not isinstance(value, dict):
        return value
    if not isinstance(value.get("path"), str):
        return {key: _files_out(component, item) for key, item in value.items()}
    path = component.make_temp_copy_if_needed(value["path"])
    return {
        "orig_name": value.get("orig_name") or Path(path).name,
        "name": path,
        "size": Path(path).stat().st_size,
        "data": None,
        "is_file": True,
    }
