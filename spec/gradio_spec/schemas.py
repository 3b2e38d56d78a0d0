"""The JSON Schemas of one protocol version as an oracle: every error names the clause it breaks.

A sub-schema that enforces a clause carries ``x-clause``; an error belongs to the nearest enclosing
``x-clause`` on its way through the schema, ``$ref`` included. A union with a ``discriminator`` is
judged by the one variant that the discriminating member names, so that the error is about that
variant and not about all of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema import ValidationError
from jsonschema import validators
from jsonschema_specifications import REGISTRY as SPECIFICATIONS  # type: ignore[import-untyped]
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from gradio_spec.pointers import escaped

SUFFIX = ".schema.json"
SERVER_MESSAGE = "messages#/$defs/ServerMessage"
# A later step of a generator: the same message, read as edits (EVT-013).
EDITS = "messages#/$defs/ProcessGeneratingEdits"
# The SSE events of a call stream (CALL-003) and what their data must be.
CALL_EVENTS: Mapping[str, str] = {
    "generating": "messages#/$defs/CallGenerating",
    "complete": "messages#/$defs/CallComplete",
    "error": "messages#/$defs/CallError",
    "heartbeat": "messages#/$defs/CallHeartbeat",
}
_LONGEST_VALUE = 120


def referred(ref: str, document: str) -> tuple[str, str]:
    """The document and the pointer that a ``$ref`` in ``document`` names: by the file
    (``messages.schema.json#/$defs/Log``), by its ``$id``, or in the same document.
    """
    place, _, pointer = ref.partition("#")
    return place.rpartition(":")[2].removesuffix(SUFFIX) or document, pointer


@dataclass(frozen=True, slots=True)
class SchemaError:
    """One place where an instance is not what its schema says.

    ``path`` is a JSON Pointer into the instance (``""`` is the whole), ``clause`` the clause that
    is broken, if any.
    """

    path: str
    message: str
    clause: str | None = None


class Schemas:
    """All schemas of one version, from ``<root>/*.schema.json`` or from loaded documents by name.

    A schema is named by a reference such as ``"messages#/$defs/Estimation"`` or ``"config"``;
    ``KeyError`` if there is none of that name.
    """

    def __init__(self, root: Path | Mapping[str, Any]) -> None:
        self.documents: Mapping[str, Any] = _load(root) if isinstance(root, Path) else dict(root)
        self._registry: Registry[Any] = SPECIFICATIONS.with_resources(
            (document["$id"], DRAFT202012.create_resource(_without_dialect(document)))
            for document in self.documents.values()
        )
        self._validators: dict[str, Any] = {}

    def has(self, ref: str) -> bool:
        """Whether this version has the part that ``ref`` names, such as a member."""
        try:
            self.schema(ref)
        except (KeyError, Unresolvable):
            return False
        return True

    def schema(self, ref: str) -> Any:
        """The schema that ``ref`` names."""
        return self._registry.resolver().lookup(self._uri(ref)).contents

    def check(self, ref: str, instance: Any) -> list[SchemaError]:
        """Everything that is wrong with ``instance``, each thing once; empty if it is valid."""
        validator = self._validator(ref)
        found = (self._explain(validator, error) for error in validator.iter_errors(instance))
        return list(dict.fromkeys(found))

    def is_valid(self, ref: str, instance: Any) -> bool:
        """Whether :meth:`check` would find nothing wrong."""
        return bool(self._validator(ref).is_valid(instance))

    def check_message(self, message: Any) -> list[SchemaError]:
        """One message of a session stream, judged as the kind that its ``msg`` names (SSE-004)."""
        return self.check(SERVER_MESSAGE, message)

    def check_call(self, event: str | None, data: Any) -> list[SchemaError]:
        """The name and the data of one SSE event of a call stream (CALL-003)."""
        ref = CALL_EVENTS.get(event or "")
        if ref is None:
            known = ", ".join(CALL_EVENTS)
            return [SchemaError("", f"event is {event!r}, not one of {known}", "CALL-003")]
        return self.check(ref, data)

    def clauses(self) -> Iterator[tuple[str, str]]:
        """Every place where a clause is enforced, such as ``messages#/$defs/Log``, and its id."""
        for name, document in self.documents.items():
            for pointer, part in _parts("", document):
                if "x-clause" in part:
                    yield f"{name}#{pointer}", part["x-clause"]

    def target(self, place: str, schema: Mapping[str, Any], instance: Any = None) -> str | None:
        """The definition that a schema at ``place`` refers to, or that its discriminator names for
        ``instance``; ``None`` if there is none.
        """
        ref = schema.get("$ref")
        if "discriminator" in schema and isinstance(instance, Mapping):
            told_by = schema["discriminator"]
            name = instance.get(told_by["propertyName"])
            ref = told_by["mapping"].get(name) if isinstance(name, str) else None
        if not isinstance(ref, str):
            return None
        document, pointer = referred(ref, place.partition("#")[0])
        return f"{document}#{pointer}" if document in self.documents else None

    def places_of(self, clause: str) -> Iterator[str]:
        """Where the schemas enforce a clause."""
        return (place for place, enforced in self.clauses() if enforced == clause)

    def _uri(self, ref: str) -> str:
        name, _, pointer = ref.partition("#")
        try:
            uri = f"{self.documents[name]['$id']}#{pointer}"
            self._registry.resolver().lookup(uri)
        except (KeyError, Unresolvable):
            known = sorted(self.documents)
            raise KeyError(f"no schema {ref!r}; the documents are {known}") from None
        return uri

    def _validator(self, ref: str) -> Any:
        if ref not in self._validators:
            schema = {"$ref": self._uri(ref)}
            self._validators[ref] = _Validator(schema, registry=self._registry)
        return self._validators[ref]

    def _explain(self, validator: Any, error: ValidationError) -> SchemaError:
        path = "".join(f"/{escaped(str(part))}" for part in error.absolute_path)
        say = _SAY.get(str(error.validator), _as_is)
        return SchemaError(path, say(error), self._clause(validator.schema, error))

    def _clause(self, schema: Any, error: ValidationError) -> str | None:
        resolver, clause = self._registry.resolver(), None
        for part in error.absolute_schema_path:
            if part == "$ref":
                resolved = resolver.lookup(schema["$ref"])
                schema, resolver = resolved.contents, resolved.resolver
            elif part in schema if isinstance(schema, Mapping) else isinstance(part, int):
                schema = schema[part]
            else:
                # The way leads through $dynamicRef: into the metaschema, where no clause is.
                break
            if isinstance(schema, Mapping):
                clause = schema.get("x-clause", clause)
        return clause


def _load(root: Path) -> dict[str, Any]:
    files = sorted(root.glob(f"*{SUFFIX}"))
    return {
        path.name.removesuffix(SUFFIX): json.loads(path.read_text(encoding="utf-8"))
        for path in files
    }


def _without_dialect(document: Mapping[str, Any]) -> dict[str, Any]:
    # The library would go on with its own validator below a "$schema", and lose the clauses.
    return {key: value for key, value in document.items() if key != "$schema"}


def _parts(pointer: str, value: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every object inside a document, with its JSON pointer."""
    if isinstance(value, Mapping):
        yield pointer, value
        for key, item in value.items():
            yield from _parts(f"{pointer}/{escaped(str(key))}", item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _parts(f"{pointer}/{index}", item)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=repr)


def _show(value: Any) -> str:
    text = _json(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def _as_is(error: ValidationError) -> str:
    return error.message.replace(repr(error.instance), _show(error.instance), 1)


def _say_type(error: ValidationError) -> str:
    allowed: Any = error.validator_value
    names = [allowed] if isinstance(allowed, str) else allowed
    return f"{_show(error.instance)} is not of type {' or '.join(names)}"


# The library words values as Python writes them; on the wire they are JSON (null, true).
_SAY: Mapping[str, Callable[[ValidationError], str]] = {
    "type": _say_type,
    "const": lambda error: f"{_show(error.instance)} is not {_json(error.validator_value)}",
    "enum": lambda error: f"{_show(error.instance)} is not one of {_json(error.validator_value)}",
    "required": lambda error: error.message,
}


def _ref(validator: Any, ref: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
    # The library leaves "$ref" out of the schema path; without it the way to x-clause is lost.
    for error in Draft202012Validator.VALIDATORS["$ref"](validator, ref, instance, schema):
        error.schema_path.appendleft("$ref")
        yield error


def _one_of(
    validator: Any, variants: list[Any], instance: Any, schema: Any
) -> Iterator[ValidationError]:
    discriminator = schema.get("discriminator")
    if discriminator is None:
        yield from Draft202012Validator.VALIDATORS["oneOf"](validator, variants, instance, schema)
        return
    name = instance.get(discriminator["propertyName"]) if isinstance(instance, Mapping) else None
    target = discriminator["mapping"].get(name) if isinstance(name, str) else None
    for index, variant in enumerate(variants):
        # A name that no variant has is refused by the sub-schema that lists the names (SSE-004).
        if variant["$ref"] == target:
            yield from validator.descend(instance, variant, schema_path=index)


_Validator: Any = validators.extend(  # type: ignore[no-untyped-call]
    Draft202012Validator, {"$ref": _ref, "oneOf": _one_of}
)
