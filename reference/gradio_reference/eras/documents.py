"""/config, /info and openapi.json as an era had them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradio_reference.eras import components
from gradio_reference.eras.era import PREFIX
from gradio_reference.eras.era import Era
from gradio_reference.filedata import TYPE


def config(era: Era, present: Mapping[str, Any]) -> dict[str, Any]:
    """/config of the present server, told by the era."""
    document = {**present, "version": era.release.number, "protocol": era.announced}
    if era.announced is None:
        del document["protocol"]
    result: dict[str, Any] = era.reshaped(document, "config", "Config", "config")
    result["components"] = [_component(era, item) for item in present["components"]]
    result["dependencies"] = [_dependency(era, item) for item in present["dependencies"]]
    return result


def _component(era: Era, present: Mapping[str, Any]) -> dict[str, Any]:
    item: dict[str, Any] = era.reshaped(present, "config", "Component", "component")
    if era.does("serializers") and present["type"] != "state":
        return components.component(item, present["api_info"])
    for name in ("api_info", "api_info_as_input", "api_info_as_output"):
        if name in item:
            item[name] = _type(era, item[name])
    return item


def _dependency(era: Era, present: Mapping[str, Any]) -> dict[str, Any]:
    types = era.documents["config"]["$defs"]["Dependency"]["properties"]["types"]["properties"]
    item = {**present, "types": {name: present["types"].get(name, False) for name in types}}
    had = era.names("config", "Dependency")
    if "show_api" in had:
        item["show_api"] = present["api_visibility"] == "public"
    if "api_visibility" not in had and present["api_visibility"] == "private":
        item["api_name"] = False
    result: dict[str, Any] = era.reshaped(item, "config", "Dependency", "dependency")
    return result


def hides(era: Era) -> bool:
    """Whether an endpoint with a name can be left out of /info."""
    return not era.names("config", "Dependency").isdisjoint({"show_api", "api_visibility"})


def info(era: Era, present: Mapping[str, Any]) -> dict[str, Any]:
    """/info of the present server, told by the era."""
    named = present["named_endpoints"].items()
    return {**present, "named_endpoints": {name: _endpoint(era, item) for name, item in named}}


def _endpoint(era: Era, present: Mapping[str, Any]) -> dict[str, Any]:
    had = era.names("info", "Endpoint")
    item = {name: part for name, part in present.items() if name in had}
    if "show_api" in had:
        item["show_api"] = present["api_visibility"] == "public"
    for side, definition in (("parameters", "Parameter"), ("returns", "Return")):
        item[side] = [_value(era, row, definition) for row in present[side]]
    return item


def _value(era: Era, row: Mapping[str, Any], definition: str) -> dict[str, Any]:
    item: dict[str, Any] = era.reshaped(row, "info", definition, definition.lower())
    if era.does("serializers"):
        return components.value(item, row["type"])
    return {**item, "type": _type(era, item["type"])}


def _type(era: Era, schema: Any) -> Any:
    """A type in which files have the members of the era, and need no mark where it wanted none;
    where there was none, the title tells them.
    """
    if isinstance(schema, list):
        return [_type(era, part) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    if not _is_file(schema):
        return {key: _type(era, part) for key, part in schema.items()}
    members = era.names("files", "FileOutput")
    properties = {name: part for name, part in schema["properties"].items() if name in members}
    required = [name for name in schema.get("required", ()) if name in properties]
    if not era.does("marked-inputs"):
        required = [name for name in required if name != "meta"]
    title = {} if "meta" in members else {"title": "FileData"}
    return {**schema, **title, "properties": properties, "required": required}


def _is_file(schema: Mapping[str, Any]) -> bool:
    properties = schema.get("properties")
    if not isinstance(properties, Mapping) or "meta" not in properties:
        return False
    mark = properties["meta"].get("properties", {}).get("_type", {})
    return bool(mark.get("const") == TYPE)


def openapi(era: Era, present: Mapping[str, Any]) -> dict[str, Any]:
    """openapi.json of the present server: of the calls that there were."""
    stem = f"{PREFIX}/call/v2/"
    document = {**present, "info": {**present["info"], "version": era.release.number}}
    if "/call/v2/{api_name}" in era.documents["openapi"]["paths"]:
        return document
    paths = {}
    for path, item in present["paths"].items():
        if path.startswith(stem):
            post = {**item["post"], "requestBody": _positional()}
            paths[f"{era.prefix}/call/{path.removeprefix(stem)}"] = {"post": post}
        else:
            paths[era.prefix + path.removeprefix(PREFIX)] = item
    return {**document, "paths": paths}


def _positional() -> dict[str, Any]:
    body = {"type": "object", "properties": {"data": {"type": "array"}}, "required": ["data"]}
    return {"required": True, "content": {"application/json": {"schema": body}}}
