"""What a server sends that is newer than the version it is judged by: members, messages and routes
that the complete document dates after that release. They break no clause, for clients ignore them,
but they say that the server is not what it announces. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from gradio_spec.model import Spec
from gradio_spec.releases import begin
from gradio_spec.releases import number

JSON = "application/json"


class Sightings:
    """Collects, for a run by ``view``, what only later versions have; ``found`` is the place in
    ``newest`` and since when it is there.
    """

    def __init__(self, view: Spec, newest: Spec) -> None:
        self._at = number(view.release.number)
        self._newest = newest
        self._documents = newest.schemas.documents
        self.found: dict[str, str] = {}

    def answer(self, method: str, path: str, prefix: str, status: int, body: Any) -> None:
        """The JSON body of an answer to one request (``None``: it has none)."""
        operation, _ = self._newest.routes.find(method, path, prefix)
        if operation is None or status != 200:
            return
        item = self._newest.routes.document["paths"][operation.path][operation.method.lower()]
        self._dated(f"openapi#/paths/{operation.name}", item)
        case = operation.responses.get("200", {}).get("content", {}).get(JSON, {}).get("schema")
        if body is not None and isinstance(case, Mapping) and "$ref" in case:
            self.instance(case["$ref"].replace(".schema.json", ""), body)

    def message(self, message: Any) -> None:
        """One message of a session stream."""
        self.instance("messages#/$defs/ServerMessage", message)

    def instance(self, ref: str, instance: Any) -> None:
        """An instance of a definition, such as ``config#/$defs/Config``."""
        for place, part in self._parts(ref, instance):
            self._dated(place, part)

    def _dated(self, place: str, part: Any) -> None:
        since = part.get("x-since")
        if since is not None and begin(since) > self._at:
            self.found.setdefault(place, since)

    def _parts(self, ref: str, instance: Any) -> Iterator[tuple[str, Any]]:
        """Every definition and member that an instance is made of, with its place."""
        document, _, pointer = ref.partition("#")
        schema = self._documents[document]
        for step in pointer.split("/")[1:]:
            schema = schema[step]
        yield from self._inside(f"{document}#{pointer}", schema, instance)

    def _inside(self, place: str, schema: Any, instance: Any) -> Iterator[tuple[str, Any]]:
        if not isinstance(schema, Mapping):
            return
        if not place.rpartition("/")[0].endswith("/allOf"):  # a mere constraint is nothing sent
            yield place, schema
        if isinstance(instance, str) and instance in schema.get("x-enum-since", {}):
            yield f"{place}={instance}", {"x-since": schema["x-enum-since"][instance]}
        target = self._newest.schemas.target(place, schema, instance)
        if target is not None:
            yield from self._parts(target, instance)
        for step, part, value in _steps(schema, instance):
            yield from self._inside(f"{place}/{step}", part, value)


def _steps(schema: Mapping[str, Any], instance: Any) -> Iterator[tuple[str, Any, Any]]:
    """The sub-schemas of an instance or of its parts, where they stand, with what they speak of."""
    for index, part in enumerate(schema.get("allOf", ())):
        yield f"allOf/{index}", part, instance
    if isinstance(instance, Mapping):
        for name, part in schema.get("properties", {}).items():
            if name in instance:
                yield f"properties/{name}", part, instance[name]
        for value in instance.values():
            yield "additionalProperties", schema.get("additionalProperties"), value
    elif isinstance(instance, list):
        for value in instance:
            yield "items", schema.get("items"), value
