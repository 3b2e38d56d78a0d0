"""What a JSON Schema of ``/info`` says (DISC-020), for whoever makes or names its values.

These schemas are written by many hands: a keyword may be missing, or be no schema at all, as in
``{"type": {}, "description": "any valid json"}``. Nothing here raises for that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema import SchemaError
from jsonschema.exceptions import best_match
from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]
from referencing.exceptions import Unresolvable

from gradio_spec.pointers import steps

Schema = Mapping[str, Any]
FILE_TYPE = "gradio.FileData"
UNIONS = ("oneOf", "anyOf")
# What a schema without type can only be about, by a keyword that says so.
_TOLD_BY = {"properties": "object", "items": "array", "prefixItems": "array"}
# Before 4.21 a file's schema has no mark; its title is all there is.
_FILE_TITLES = ("FileData", "ImageData")


def target(root: Any, ref: str) -> Any:
    """What a local ``$ref`` of the document names; any other is any value, ``True``."""
    found = root
    for name in steps(ref.removeprefix("#")):
        found = found.get(name, True) if isinstance(found, Mapping) else True
    return found if ref.startswith("#") else True


def merged(root: Any, schema: Schema) -> Schema:
    """One schema in the place of an ``allOf``; of two bounds the later one counts."""
    whole: dict[str, Any] = {k: v for k, v in schema.items() if k != "allOf"}
    for part in schema["allOf"]:
        refers = isinstance(part, Mapping) and "$ref" in part
        known = target(root, str(part["$ref"])) if refers else part
        for key, value in known.items() if isinstance(known, Mapping) else ():
            if key == "properties":
                whole[key] = {**whole.get(key, {}), **value}
            elif key == "required":
                whole[key] = [*whole.get(key, ()), *value]
            else:
                whole[key] = value
    return whole


def kind(schema: Schema) -> Any:
    """Its ``type``, or the one that its other keywords give away; ``None`` if nothing does."""
    return schema.get("type", next((t for k, t in _TOLD_BY.items() if k in schema), None))


def is_file(root: Any, schema: Any) -> bool:
    """Is the value that the schema describes a file, and not something that has files in it?"""
    if not isinstance(schema, Mapping) or not isinstance(schema.get("properties"), Mapping):
        return False
    parts = schema["properties"]
    if "path" not in parts:
        return False
    return schema.get("title") in _FILE_TITLES or _marks_files(root, parts.get("meta"), depth=4)


def _marks_files(root: Any, meta: Any, depth: int) -> bool:
    if depth and isinstance(meta, Mapping):
        if "$ref" in meta:
            return _marks_files(root, target(root, str(meta["$ref"])), depth - 1)
        mark = (meta.get("properties") or {}).get("_type")
        told = mark.get("const") if isinstance(mark, Mapping) else None
        default = meta.get("default")
        return FILE_TYPE in (told, default.get("_type") if isinstance(default, Mapping) else None)
    return False


class Shape:
    """The values that a schema accepts. One that is no schema, or refers elsewhere, accepts all."""

    def __init__(self, schema: Any) -> None:
        self.schema = schema
        self._validator: Draft202012Validator | None = None
        try:
            Draft202012Validator.check_schema(schema)
        except (SchemaError, RecursionError):
            return
        # With a registry of its own nothing is fetched from where a schema points to.
        self._validator = Draft202012Validator(schema, registry=REGISTRY)

    @property
    def judges(self) -> bool:
        """Is it a schema?"""
        return self._validator is not None

    def accepts(self, value: Any) -> bool:
        return self.complaint(value) is None

    def complaint(self, value: Any) -> str | None:
        """What is wrong with a value, and where in it; ``None`` if nothing is."""
        if self._validator is None:
            return None
        try:
            error = best_match(self._validator.iter_errors(value))
        except (Unresolvable, RecursionError):
            return None
        if error is None:
            return None
        where = "".join(f"[{part!r}]" for part in error.absolute_path)
        return f"{where}: {error.message}" if where else error.message
