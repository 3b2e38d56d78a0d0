"""The types as TypeScript: nothing but types, for `@gradio/client` and for plain ``fetch``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from collections.abc import Iterator

from gradio_conformance.typings.model import Api
from gradio_conformance.typings.model import Array
from gradio_conformance.typings.model import Basic
from gradio_conformance.typings.model import Declaration
from gradio_conformance.typings.model import Endpoint
from gradio_conformance.typings.model import Literal
from gradio_conformance.typings.model import Named
from gradio_conformance.typings.model import Record
from gradio_conformance.typings.model import Row
from gradio_conformance.typings.model import Table
from gradio_conformance.typings.model import Type
from gradio_conformance.typings.model import Union
from gradio_conformance.typings.naming import Names
from gradio_conformance.typings.naming import plain
from gradio_conformance.typings.naming import python

_BASIC = {
    Basic.ANY: "unknown",
    Basic.NEVER: "never",
    Basic.NULL: "null",
    Basic.TEXT: "string",
    Basic.TRUTH: "boolean",
    Basic.WHOLE: "number",
    Basic.NUMBER: "number",
    Basic.FILE: "FileData",
}
# Words that cannot label an element of a tuple, though they may be the key of a member.
_NO_LABELS = frozenset((
    "abstract", "asserts", "break", "case", "catch", "class", "const", "continue", "debugger",
    "default", "delete", "do", "else", "enum", "export", "extends", "false", "finally", "for",
    "function", "if", "import", "in", "infer", "instanceof", "keyof", "new", "null", "readonly",
    "return", "super", "switch", "this", "throw", "true", "try", "typeof", "unique", "var", "void",
    "while", "with",
))  # fmt: skip
_FILE = """\
/** A file on the wire. To send one, POST it to `upload` and put the path that comes back here. */
export interface FileData {
  path: string;
  meta: { _type: string };
  url?: string | null;
  orig_name?: string | null;
  mime_type?: string | null;
  size?: number | null;
  is_stream?: boolean;
}
"""
_TAIL = """\
export type EndpointName = keyof Endpoints;

/** The arguments by name: the body of `POST call/v2/NAME`, and what `@gradio/client` takes. */
export type ParametersOf<N extends EndpointName> = Endpoints[N]["parameters"];

/** The arguments by place: `data` of `POST call/NAME` and of `POST queue/join`. */
export type ArgumentsOf<N extends EndpointName> = Endpoints[N]["arguments"];

/** What comes back: `data` of a `complete` event, and of what `@gradio/client` gives. */
export type ReturnsOf<N extends EndpointName> = Endpoints[N]["returns"];

/** What `@gradio/client` uploads by itself where a file is wanted; `handle_file` gives one, too. */
export type Uploadable = Blob | { command: string };

/** The same with `Uploadable` in the place of each file. */
export type WithUploads<T> = unknown extends T
  ? T
  : T extends FileData
    ? T | Uploadable
    : T extends object
      ? { [K in keyof T]: WithUploads<T[K]> }
      : T;

/** What `predict` and `submit` of `@gradio/client` may be given. */
export type PayloadOf<N extends EndpointName> =
  | WithUploads<ParametersOf<N>>
  | WithUploads<ArgumentsOf<N>>;

/** What `submit` gives one after the other; without `events` in its options, `data` alone. */
export type TypedEvent<N extends EndpointName> =
  | { type: "data"; endpoint: string; fn_index: number; data: ReturnsOf<N> }
  | {
      type: "status";
      endpoint: string;
      fn_index: number;
      stage: "pending" | "error" | "complete" | "generating" | "streaming";
      position?: number;
      size?: number;
      eta?: number;
      message?: unknown;
    }
  | { type: "log"; endpoint: string; fn_index: number; log: string; level: string }
  | { type: "render"; endpoint: string; fn_index: number };

export interface TypedJob<N extends EndpointName> extends AsyncIterable<TypedEvent<N>> {
  cancel(): Promise<void>;
  event_id(): string;
}

/** A client that knows this app: `(await Client.connect(url)) as TypedClient`. */
export interface TypedClient {
  predict<N extends EndpointName>(
    endpoint: N,
    data: PayloadOf<N>,
  ): Promise<{ type: string; endpoint: string; fn_index: number; data: ReturnsOf<N> }>;
  submit<N extends EndpointName>(endpoint: N, data: PayloadOf<N>): TypedJob<N>;
}
"""


def write(api: Api, header: Iterable[str]) -> str:
    """One file of declarations; ``header``: the lines that say where it comes from."""
    head = [f"// {line}".rstrip() for line in header]
    blocks = ["\n".join([*head, "/* eslint-disable */"]) + "\n", _FILE]
    blocks += ["\n".join(_declaration(one)) + "\n" for one in api.declarations]
    endpoints = [line for one in api.endpoints for line in _endpoint(one)]
    head = ["/** The endpoints by name: what each takes, by name and by place, and gives. */"]
    blocks.append("\n".join([*head, "export interface Endpoints {", *endpoints, "}"]) + "\n")
    return "\n".join([*blocks, _TAIL])


def _declaration(one: Declaration) -> Iterator[str]:
    yield from _comment(one.notes, "")
    if not isinstance(one.body, Record):
        yield f"export type {one.name} = {_type(one.body)};"
        return
    yield f"export interface {one.name} {{"
    for member in one.body.members:
        yield from _comment(member.notes, "  ")
        yield f"  {_key(member.name)}{'' if member.required else '?'}: {_type(member.type)};"
    if one.body.open:
        yield "  [name: string]: unknown;"
    yield "}"


def _endpoint(one: Endpoint) -> Iterator[str]:
    yield from _comment(one.notes, "  ")
    yield f"  {_quoted(one.key)}: {{"
    yield from _by_name(one)
    labels = Names()
    by_place = [
        f"{labels.take(_label(p.name, n), '_')}: {_type(p.type)}"
        for n, p in enumerate(one.parameters, 1)
    ]
    yield f"    arguments: [{', '.join(by_place)}];"
    told = [f"{n}. {' · '.join(r.notes)}" for n, r in enumerate(one.results, 1) if r.notes]
    yield from _comment(told, "    ")
    yield f"    returns: [{', '.join(_type(result.type) for result in one.results)}];"
    yield "  };"


def _by_name(one: Endpoint) -> Iterator[str]:
    if not one.parameters:
        yield "    parameters: { [name: string]: never };"
    elif any(p.name is None and p.required for p in one.parameters):
        yield "    /** The app does not name them all: they can only be given by place. */"
        yield "    parameters: never;"
    else:
        yield "    parameters: {"
        for p in one.parameters:
            if p.name is not None:
                yield from _comment(p.notes, "      ")
                yield f"      {_key(p.name)}{'' if p.required else '?'}: {_type(p.type)};"
        yield "    };"


def _type(found: Type) -> str:
    match found:
        case Literal():
            value = json.loads(found.json)
            return _quoted(value) if isinstance(value, str) else found.json
        case Named():
            return found.name
        case Array():
            item = _type(found.item)
            return f"({item})[]" if isinstance(found.item, Union) else f"{item}[]"
        case Row():
            return f"[{', '.join(map(_type, found.items))}]"
        case Table():
            return f"{{ [name: string]: {_type(found.value)} }}"
        case Union():
            return " | ".join(map(_type, found.options))
        case _:
            return _BASIC[found]


def _key(name: str) -> str:
    return name if plain(name) else _quoted(name)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=not text.isprintable())


def _label(name: str | None, place: int) -> str:
    label = python(name, "parameter") if name is not None else ""
    if not plain(label):
        return f"parameter_{place}"
    return f"{label}_" if label in _NO_LABELS else label


def _comment(lines: Iterable[str], indent: str) -> list[str]:
    safe = [line.replace("*/", "*\\/") for line in lines]
    if len(safe) < 2:
        return [f"{indent}/** {line} */" for line in safe]
    return [f"{indent}/**", *(f"{indent} * {line}" for line in safe), f"{indent} */"]
