"""What a server offers over MCP: one tool, resource or prompt for each public endpoint."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from gradio_reference import docstrings
from gradio_reference.endpoint import Endpoint
from gradio_reference.mcp import files
from gradio_reference.mcp.marks import Marks
from gradio_reference.mcp.marks import marks_of
from gradio_reference.schema import Schema

_LONGEST = 120  # characters of a name, but for the number that tells it from others
_FIELD = re.compile(r"\{(\w+)\}")
_UPLOADED = (
    "A file is given as the URL or the path of one that was uploaded to this server before"
    " (POST /gradio_api/upload)."
)


class WrongArguments(ValueError):
    """Arguments that do not fit the schema; the message says which, and what is wrong."""


@dataclass(frozen=True)
class Offer:
    """One endpoint as MCP clients see it; ``input_schema`` describes its named arguments."""

    name: str
    description: str
    input_schema: Schema
    endpoint: Endpoint
    marks: Marks

    @property
    def takes_files(self) -> bool:
        return any(map(files.holds_file, self._schemas.values()))

    @cached_property
    def _schemas(self) -> dict[str, Schema]:
        return {item.name: item.schema for item in self.endpoint.signature.parameters}

    @cached_property
    def _validator(self) -> Draft202012Validator:
        return Draft202012Validator(self.input_schema)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        # Odd items of the split are the names of fields.
        parts = _FIELD.split(self.marks.uri_template)
        texts = [f"(?P<{part}>[^/]+)" if i % 2 else re.escape(part) for i, part in enumerate(parts)]
        return re.compile("".join(texts))

    @property
    def is_template(self) -> bool:
        """Whether its URI has fields."""
        return _FIELD.search(self.marks.uri_template) is not None

    def fields(self, uri: str) -> dict[str, str] | None:
        """The arguments that a URI holds, or None if it is not one of this resource."""
        match = self._pattern.fullmatch(uri)
        return None if match is None else {k: unquote(v) for k, v in match.groupdict().items()}

    def positional(self, arguments: dict[str, Any], root: str) -> list[Any]:
        """Named arguments as data of a call. Raises ``WrongArguments`` (MCP-010)."""
        wrong = best_match(self._validator.iter_errors(arguments))
        if wrong is not None:
            where = "".join(f"{place}: " for place in list(wrong.absolute_path)[:1])
            raise WrongArguments(f"Input validation error: {where}{wrong.message}")
        given = {
            name: files.from_text(value, self._schemas[name], root)
            if name in self._schemas
            else value
            for name, value in arguments.items()
        }
        try:
            return self.endpoint.signature.from_names(given)
        except KeyError as unknown:
            message = f"{self.name} has no parameter {unknown.args[0]!r}"
            raise WrongArguments(f"Input validation error: {message}") from None

    def from_texts(self, texts: dict[str, str]) -> dict[str, Any]:
        """Arguments that came as text, of a URI or a prompt, as what their schema wants."""
        return {
            name: files.typed(text, self._schemas.get(name, {})) for name, text in texts.items()
        }


def offers(endpoints: Iterable[Endpoint]) -> tuple[Offer, ...]:
    """An offer for each public endpoint (MCP-005), in their order. Raises ``ValueError`` for a
    template with a field that is no parameter.
    """
    taken: set[str] = set()
    found = []
    for endpoint in endpoints:
        if endpoint.options.api_visibility != "public":
            continue
        marks = marks_of(endpoint.fn)
        name = _unique(_name(endpoint, marks), taken)
        taken.add(name)
        offer = Offer(name, _description(endpoint, marks), _input_schema(endpoint), endpoint, marks)
        _check(offer)
        found.append(offer)
    return tuple(found)


def _check(offer: Offer) -> None:
    known = {item.name for item in offer.endpoint.signature.parameters}
    for field in _FIELD.findall(offer.marks.uri_template):
        if field not in known:
            template = offer.marks.uri_template
            raise ValueError(f"mcp.resource({template!r}): {offer.name} has no parameter {field!r}")


def _name(endpoint: Endpoint, marks: Marks) -> str:
    """That of the function, in the characters that all MCP clients take (MCP-006)."""
    given = marks.name or str(getattr(endpoint.fn, "__name__", type(endpoint.fn).__name__))
    return re.sub(r"[^A-Za-z0-9_]", "_", given)[:_LONGEST]


def _unique(name: str, taken: set[str]) -> str:
    unique, number = name, 1
    while unique in taken:
        unique, number = f"{name}_{number}", number + 1
    return unique


def _description(endpoint: Endpoint, marks: Marks) -> str:
    given = marks.description or endpoint.options.description
    if given is None:
        result = docstrings.result(endpoint.fn)
        parts = [docstrings.summary(endpoint.fn), f"Returns: {result}" if result else ""]
    else:
        parts = [given or ""]
    if any(files.holds_file(item.schema) for item in endpoint.signature.parameters):
        parts.append(_UPLOADED)
    return " ".join(filter(None, parts))


def _input_schema(endpoint: Endpoint) -> Schema:
    """The parameters that /info lists (MCP-007), by name: State, Request and the like are none."""
    parameters = endpoint.signature.parameters
    texts = docstrings.parameters(endpoint.fn)
    properties: dict[str, Schema] = {}
    for item in parameters:
        schema = {**files.as_text(item.schema), "description": texts.get(item.name, "")}
        if item.has_default and item.json_default is not None:
            schema["default"] = item.json_default
        properties[item.name] = schema
    required = [item.name for item in parameters if not item.has_default]
    schema = {"type": "object", "properties": properties}
    return schema | {"required": required} if required else schema


def result_schema(returns: Sequence[Schema]) -> Schema:
    """Of ``structuredContent``: an object around the outputs."""
    several: Schema = {"type": "array", "prefixItems": list(returns)}
    inner = returns[0] if len(returns) == 1 else several
    return {"type": "object", "properties": {"result": inner}, "required": ["result"]}
