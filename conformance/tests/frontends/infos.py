"""Descriptions of apps that nobody has written: generated answers of ``/info``."""

from __future__ import annotations

import keyword
from typing import Any

from hypothesis import strategies as st

# What has been seen to be a trouble in one language or another.
AWKWARD = (
    "class", "self", "cast", "Any", "list", "str", "int", "App", "Job", "Endpoints", "FileData",
    "Message", "async", "await", "new", "default", "constructor", "__proto__", "__init__", "_",
    "a-b", "a b", "a_b", "a.b", "1st", "größe", "ﬁle", "日本", "é", "é", "*/", '"""', "\\", "'",
    "\u2028", "\n", "\ud800", "🤖", "items", "keys", "api_name", "submit_a", "a", "predict",
    "client", "typeof", "readonly", "this", "infer", "enum", "function", "void", "type",
)  # fmt: skip
WORDS = st.sampled_from(AWKWARD) | st.sampled_from(keyword.kwlist) | st.text(max_size=6)
SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from([0.5, 1e300]) | WORDS
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=4,
)
FILE = {
    "title": "FileData",
    "type": "object",
    "properties": {"path": {"type": "string"}, "meta": {"default": {"_type": "gradio.FileData"}}},
    "required": ["path"],
}
ANY = {"type": {}, "description": "any valid json"}
SIMPLE = st.sampled_from(
    [
        {},
        True,
        ANY,
        FILE,
        {"type": "string"},
        {"type": "integer"},
        {"type": "number", "description": "numeric value between 0 and 100"},
        {"type": "boolean"},
        {"type": "null"},
        {"type": ["string", "null"]},
        {"type": "array"},
        {"type": "object"},
        {"$ref": "#/$defs/Tree"},
        {"$ref": "#/$defs/Json"},
        {"$ref": "#/$defs/Absent"},
    ]
)
DEFINITIONS = {
    "Tree": {
        "title": "Tree",
        "type": "object",
        "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}},
        "required": ["children"],
    },
    "Json": {
        "anyOf": [
            {"type": "string"},
            {"type": "array", "items": {"$ref": "#/$defs/Json"}},
            {"$ref": "#/$defs/Json"},
        ]
    },
}


def _objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(
        lambda parts, needed, title: {
            "type": "object",
            "properties": parts,
            "required": [name for name, wanted in zip(parts, needed, strict=False) if wanted],
            **({} if title is None else {"title": title}),
        },
        st.dictionaries(WORDS, inner, max_size=3),
        st.lists(st.booleans(), min_size=3, max_size=3),
        st.none() | WORDS,
    )


def _deeper(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=1, max_size=3)
    return (
        inner.map(lambda item: {"type": "array", "items": item})
        | several.map(lambda items: {"type": "array", "prefixItems": items, "items": False})
        | several.map(lambda parts: {"anyOf": parts})
        | inner.map(lambda value: {"type": "object", "additionalProperties": value})
        | _objects(inner)
    )


SCHEMAS = st.recursive(
    SIMPLE
    | st.lists(SCALARS, min_size=1, max_size=3).map(lambda values: {"enum": values})
    | SCALARS.map(lambda value: {"const": value}),
    _deeper,
    max_leaves=6,
).map(lambda schema: {**schema, "$defs": DEFINITIONS} if isinstance(schema, dict) else schema)
COMPONENTS = st.sampled_from(["Api", "Textbox", "Image", "Chatbot", "Slider", "Json"])


@st.composite
def parameters(draw: st.DrawFn, names: st.SearchStrategy[str]) -> list[dict[str, Any]]:
    """Parameters in any order of those with and without a default."""
    found = []
    for name in draw(st.lists(names, max_size=4)):
        has_default = draw(st.booleans())
        found.append(
            {
                "label": draw(WORDS),
                "parameter_name": name,
                "parameter_has_default": has_default,
                "parameter_default": draw(JSON) if has_default else None,
                "type": draw(SCHEMAS),
                "python_type": {"type": "Any", "description": draw(WORDS)},
                "component": draw(COMPONENTS),
                "example_input": draw(JSON),
            }
        )
    return found


RETURNS = st.lists(
    st.fixed_dictionaries(
        {
            "label": WORDS,
            "type": SCHEMAS,
            "python_type": st.just({"type": "Any", "description": ""}),
            "component": COMPONENTS,
        }
    ),
    max_size=3,
)


def infos(
    keys: st.SearchStrategy[str] = WORDS, names: st.SearchStrategy[str] = WORDS
) -> st.SearchStrategy[dict[str, Any]]:
    """Answers of ``/info``, with endpoints and parameters of these names."""
    endpoint = st.fixed_dictionaries(
        {"parameters": parameters(names), "returns": RETURNS},
        optional={"description": WORDS, "api_visibility": st.just("public")},
    )
    named = st.dictionaries(keys.map(lambda key: f"/{key}"), endpoint, min_size=1, max_size=4)
    return st.fixed_dictionaries({"named_endpoints": named, "unnamed_endpoints": st.just({})})
