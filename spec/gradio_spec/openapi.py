"""One OpenAPI document out of ``openapi.yaml`` and the ``*.schema.json`` files beside it.

The canonical document is OpenAPI 3.2 and refers to the schema files. Most tools want one file
without references to others, and some know 3.1 only: both are built here, never kept.
``python -m gradio_spec.openapi --openapi 3.1.1 -o openapi.json`` writes one.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from gradio_spec.loader import load_spec
from gradio_spec.model import Spec
from gradio_spec.schemas import SUFFIX
from gradio_spec.schemas import Schemas
from gradio_spec.schemas import referred

CANONICAL = "3.2.0"
TWIN = "3.1.1"
_DEFS = "#/$defs/"
_METASCHEMA = "https://json-schema.org/draft/2020-12/schema"
# A reference to the metaschema would send tools to the network; this is what they need of it.
_ANY_SCHEMA: Mapping[str, Any] = {"type": ["object", "boolean"]}


def build(
    version: Spec | Path, openapi: str = CANONICAL, prefix: str | None = None
) -> dict[str, Any]:
    """The whole document, in OpenAPI 3.2.0 or 3.1.1, for a protocol version, or for the files in a
    folder as they stand there.

    With ``prefix`` (``"/gradio_api"``, or ``""`` for a server that has none) it stands in front of
    every path but ``/config``, for tools that take one base URL for all; without it the document
    keeps its servers and their variables. ``ValueError`` if a reference leads nowhere.
    """
    if openapi not in (CANONICAL, TWIN):
        raise ValueError(f"openapi is {openapi!r}, not {CANONICAL} or {TWIN}")
    if isinstance(version, Path):
        source = yaml.safe_load((version / "openapi.yaml").read_text(encoding="utf-8"))
        documents = Schemas(version).documents
    else:
        source, documents = version.routes.document, version.schemas.documents
    bundle = _Bundle(documents, item_schema="itemSchema" if openapi == CANONICAL else "schema")
    result: dict[str, Any] = bundle.rewrite(source, None)
    result["openapi"] = openapi
    result["components"]["schemas"] |= bundle.components()
    return result if prefix is None else _with_prefix(result, prefix)


class _Bundle:
    """Copies parts of the documents, with every reference turned into one to a component."""

    def __init__(self, documents: Mapping[str, Any], item_schema: str) -> None:
        self._documents = documents
        self._item_schema = item_schema

    def components(self) -> dict[str, Any]:
        """All definitions of all documents; ``ValueError`` if two have the same name."""
        found: dict[str, Any] = {}
        for name, document in self._documents.items():
            for key, schema in document["$defs"].items():
                if key in found:
                    raise ValueError(f"{name}{SUFFIX}: the name {key} is taken by another schema")
                found[key] = self.rewrite(schema, name)
        return found

    def rewrite(self, node: Any, document: str | None) -> Any:
        """A copy of ``node``, which stands in ``document`` (``None``: in openapi.yaml)."""
        if isinstance(node, list):
            return [self.rewrite(item, document) for item in node]
        if not isinstance(node, dict):
            return node
        if node.get("$ref") == _METASCHEMA:
            rest = {key: value for key, value in node.items() if key != "$ref"}
            return self.rewrite(rest, document) | _ANY_SCHEMA
        return {
            self._item_schema if key == "itemSchema" else key: self._member(key, value, document)
            for key, value in node.items()
            if key != "x-older"  # what it was before is no part of it
        }

    def _member(self, key: str, value: Any, document: str | None) -> Any:
        if key == "$ref" and isinstance(value, str):
            return self._target(value, document)
        if key == "discriminator":
            mapping = {k: self._target(v, document) for k, v in value["mapping"].items()}
            return value | {"mapping": mapping}
        return self.rewrite(value, document)

    def _target(self, ref: str, document: str | None) -> str:
        if ref.startswith("#/components/"):
            return ref
        name, pointer = referred(ref, document or "")
        key = f"#{pointer}".removeprefix(_DEFS)
        if key not in self._documents.get(name, {}).get("$defs", {}):
            raise ValueError(f"{document or 'openapi.yaml'}: {ref} leads nowhere")
        return f"#/components/schemas/{key}"


def _with_prefix(document: dict[str, Any], prefix: str) -> dict[str, Any]:
    paths = {}
    for path, item in document["paths"].items():
        outside = "servers" in item
        kept = {key: value for key, value in item.items() if key != "servers"}
        paths[path if outside else prefix + path] = kept
    return document | {"servers": [{"url": "/"}], "paths": paths}


def main(arguments: list[str] | None = None) -> None:
    """Write the document to a file or to standard output, as JSON or, by its name, as YAML."""
    parser = argparse.ArgumentParser(
        prog="python -m gradio_spec.openapi", description=build.__doc__
    )
    parser.add_argument(
        "--version", default="sse_v3", help="family, dialect or release (default: sse_v3)"
    )
    parser.add_argument("--openapi", default=CANONICAL, choices=[CANONICAL, TWIN])
    parser.add_argument("--prefix", help="put this in front of the paths, such as /gradio_api")
    parser.add_argument("-o", "--output", type=Path, help="file to write; .yaml gives YAML")
    options = parser.parse_args(arguments)
    document = build(load_spec(options.version), options.openapi, options.prefix)
    if options.output is not None and options.output.suffix in (".yaml", ".yml"):
        text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)
    else:
        text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    if options.output is None:
        sys.stdout.write(text)
    else:
        options.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
