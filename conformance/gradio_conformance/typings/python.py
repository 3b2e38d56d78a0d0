"""The types as Python: TypedDicts, and a class with a method for each endpoint."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Set
from typing import Any

from gradio_conformance.typings.model import Api
from gradio_conformance.typings.model import Array
from gradio_conformance.typings.model import Basic
from gradio_conformance.typings.model import Declaration
from gradio_conformance.typings.model import Endpoint
from gradio_conformance.typings.model import Literal
from gradio_conformance.typings.model import Named
from gradio_conformance.typings.model import Parameter
from gradio_conformance.typings.model import Record
from gradio_conformance.typings.model import Row
from gradio_conformance.typings.model import Table
from gradio_conformance.typings.model import Type
from gradio_conformance.typings.model import Union
from gradio_conformance.typings.naming import PYTHON_NAMES
from gradio_conformance.typings.naming import Names
from gradio_conformance.typings.naming import lines
from gradio_conformance.typings.naming import python

_BASIC = {
    Basic.ANY: "Any",
    Basic.NEVER: "Never",
    Basic.NULL: "None",
    Basic.TEXT: "str",
    Basic.TRUTH: "bool",
    Basic.WHOLE: "int",
    Basic.NUMBER: "float",
}
_HEAD = '''\
from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any
from typing import Literal
from typing import Never
from typing import NotRequired
from typing import Protocol
from typing import TypeAlias
from typing import TypedDict
from typing import TypeVar
from typing import cast
from typing import final

Result = TypeVar("Result", covariant=True)

# What gradio_client gives for a file: where it has put what it downloaded.
FilePath: TypeAlias = str


class FileMeta(TypedDict):
    _type: str


class FileInput(TypedDict):
    """What gradio_client takes for a file: `handle_file(path_or_url)` makes one."""

    path: str
    meta: FileMeta
    url: NotRequired[str | None]
    orig_name: NotRequired[str | None]
    mime_type: NotRequired[str | None]
    size: NotRequired[int | None]


class Job(Protocol[Result]):
    """A call that runs: iterate over it for what a generator yields."""

    def result(self, timeout: float | None = None) -> Result: ...

    def outputs(self) -> Sequence[Result]: ...

    def status(self) -> Any: ...

    def cancel(self) -> bool: ...

    def __iter__(self) -> Iterator[Result]: ...


class Client(Protocol):
    """A `gradio_client.Client`, or whatever stands in for one."""

    def predict(self, *arguments: Any, api_name: str) -> Any: ...

    def submit(self, *arguments: Any, api_name: str) -> Any: ...
'''


def write(api: Api, header: Iterable[str]) -> str:
    """One module; ``header``: the lines that say where it comes from."""
    head = [f"# {line}".rstrip() for line in header]
    blocks = ["\n".join([*head, "# ruff: noqa", "# fmt: off", _HEAD.rstrip()])]
    writer = _Writer(api)
    blocks += ["\n".join(block) for block in writer.declarations()]
    return "\n\n\n".join([*blocks, "\n".join(writer.app())]) + "\n"


class _Writer:
    """Knows which types hold files: those are written once as given and once as gotten."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._given = _reached(api, (p.type for e in api.endpoints for p in e.parameters))
        self._gotten = _reached(api, (r.type for e in api.endpoints for r in e.results))
        self._files = {
            name
            for name in api.names
            if Basic.FILE in set(_all_parts(api, Named(name)))
        }  # fmt: skip
        names = Names({*PYTHON_NAMES, *api.names})
        self._fetched = {name: names.take(f"{name}Result") for name in sorted(self._files)}
        self._taken = {*PYTHON_NAMES, *api.names, *self._fetched.values()}

    def declarations(self) -> Iterator[list[str]]:
        for one in self._api.declarations:
            if one.name in self._given or one.name not in self._files:
                yield list(self._declaration(one, one.name, gotten=False))
            if one.name in self._files and one.name in self._gotten:
                yield list(self._declaration(one, self._fetched[one.name], gotten=True))

    def _declaration(self, one: Declaration, name: str, *, gotten: bool) -> Iterator[str]:
        if not isinstance(one.body, Record):
            yield f"{name}: TypeAlias = {_text(self._type(one.body, gotten))}"
            return
        members = [
            (m, text if m.required else f"NotRequired[{text}]")
            for m in one.body.members
            for text in [self._type(m.type, gotten)]
        ]
        # A member hides a type of its name from the members below it.
        free = {m.name for m in one.body.members}.isdisjoint(self._taken)
        if free and all(python(m.name, "x") == m.name for m in one.body.members):
            # A final one is told apart from others by the members it has.
            yield "@final"
            yield f"class {name}(TypedDict):"
            yield from _docstring(one.notes, "    ")
            for m, text in members:
                yield from (f"    # {line}" for line in m.notes)
                yield f"    {m.name}: {text}"
        else:
            yield from (f"# {line}" for line in one.notes)
            yield f"{name} = TypedDict({_text(name)}, {{"
            for m, text in members:
                yield from (f"    # {line}" for line in m.notes)
                yield f"    {_text(m.name)}: {_text(text)},"
            yield "})"

    def app(self) -> Iterator[str]:
        yield "class App:"
        yield '    """The endpoints of the app as methods, over a `gradio_client.Client`."""'
        yield ""
        yield "    def __init__(self, client: Client) -> None:"
        yield "        self._client = client"
        # Inside the class a method hides a type of its name from the annotations of the others.
        names = Names(self._taken)
        plain = [python(one.key.lstrip("/"), "endpoint") for one in self._api.endpoints]
        found = [names.take(p if p not in self._taken else f"{p}_", "_") for p in plain]
        for one, name in zip(self._api.endpoints, found, strict=True):
            yield from self._method(one, name, "predict")
            yield from self._method(one, names.take(f"submit_{name}", "_"), "submit")

    def _method(self, one: Endpoint, name: str, call: str) -> Iterator[str]:
        names = Names(self._taken)
        taken = [self._parameter_name(names, p, n) for n, p in enumerate(one.parameters, 1)]
        found = self._returns(one)
        if call == "submit":
            found = f"Job[{found}]"
        heads = ["self", *self._parameters(one, taken)]
        yield ""
        yield f"    def {name}({', '.join(heads)}) -> {found}:"
        if call == "predict":
            yield from _docstring([*one.notes, *_told(one, taken)], "        ")
        else:
            yield from _docstring(lines(f"Start `{one.key}` and return at once."), "        ")
        calling = f"self._client.{call}({', '.join([*taken, f'api_name={_text(one.key)}'])})"
        yield f"        return {calling if found == 'Any' else f'cast({_text(found)}, {calling})'}"

    def _parameter_name(self, names: Names, one: Parameter, place: int) -> str:
        fallback = f"parameter_{place}"
        name = python(one.name, "parameter") if one.name is not None else fallback
        return names.take(name if name not in self._taken else f"{name}_", "_")

    def _parameters(self, one: Endpoint, names: list[str]) -> Iterator[str]:
        """In their order; from a required one behind an optional one on, by name only."""
        optional, by_name = False, False
        for p, name in zip(one.parameters, names, strict=True):
            text = self._type(p.type, gotten=False)
            if p.required and optional and not by_name:
                by_name = True
                yield "*"
            optional = optional or not p.required
            yield f"{name}: {text}" if p.required else f"{name}: {text} = {_default(p)}"

    def _returns(self, one: Endpoint) -> str:
        """What gradio_client makes of the results: one as it is, several as a tuple."""
        if len(one.results) == 1:
            return self._type(one.results[0].type, gotten=True)
        parts = [self._type(result.type, gotten=True) for result in one.results]
        return f"tuple[{', '.join(parts)}]" if parts else "tuple[()]"

    def _type(self, found: Type, gotten: bool) -> str:
        match found:
            case Literal():
                value = json.loads(found.json)
                return "float" if isinstance(value, float) else f"Literal[{_value(value)}]"
            case Named():
                changes = gotten and found.name in self._files
                return self._fetched[found.name] if changes else found.name
            case Array():
                return f"list[{self._type(found.item, gotten)}]"
            case Row():
                parts = dict.fromkeys(self._type(item, gotten) for item in found.items)
                # A JSON array is a list in Python, and the type of a list has one item.
                return f"list[{' | '.join(parts) or 'Never'}]"
            case Table():
                return f"dict[str, {self._type(found.value, gotten)}]"
            case Union():
                return self._union(found, gotten)
            case Basic.FILE:
                return "FilePath" if gotten else "FileInput"
            case _:
                return _BASIC[found]

    def _union(self, found: Union, gotten: bool) -> str:
        texts = [self._type(option, gotten) for option in found.options]
        literals = [t.removeprefix("Literal[")[:-1] for t in texts if t.startswith("Literal[")]
        whole = [f"Literal[{', '.join(literals)}]"] if literals else []
        return " | ".join(dict.fromkeys([*whole, *(t for t in texts if t[:8] != "Literal[")]))


def _reached(api: Api, types: Iterable[Type]) -> Set[str]:
    """The names of all declarations that the types need."""
    return {part.name for one in types for part in _all_parts(api, one) if isinstance(part, Named)}


def _all_parts(api: Api, found: Type) -> Iterator[Type]:
    """A type, its parts, and those of the declarations that it names."""
    names, seen = api.names, set[str]()
    waiting = [found]
    while waiting:
        part = waiting.pop()
        yield part
        if isinstance(part, Named):
            if part.name in seen:
                continue
            seen.add(part.name)
            body = names[part.name].body
            waiting += [m.type for m in body.members] if isinstance(body, Record) else [body]
        else:
            waiting += _parts(part)


def _parts(found: Type) -> list[Type]:
    match found:
        case Array():
            return [found.item]
        case Table():
            return [found.value]
        case Row():
            return list(found.items)
        case Union():
            return list(found.options)
        case _:
            return []


def _default(one: Parameter) -> str:
    """The default, which is whatever the app says: a type checker need not agree that it fits."""
    kind = one.type
    options = kind.options if isinstance(kind, Union) else (kind,)
    value = one.default
    simple = {str: Basic.TEXT, int: Basic.WHOLE, bool: Basic.TRUTH, type(None): Basic.NULL}
    fits = {simple.get(type(value)), Basic.ANY, Literal(json.dumps(value))}
    if isinstance(value, int | float):
        fits.add(Basic.NUMBER)
    text = _value(value)
    return text if not fits.isdisjoint(options) else f'cast("Any", {text})'


def _value(value: Any) -> str:
    """A JSON value as Python writes it; numbers that JSON has no word for included."""
    if isinstance(value, float) and not math.isfinite(value):
        return f"float({_text(str(value))})"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(k)}: {_value(v)}" for k, v in value.items()) + "}"
    return repr(value)


def _text(text: str) -> str:
    """A string literal, in double quotes where it needs no escapes for that."""
    return f'"{text}"' if text.isprintable() and not set(text) & {'"', "\\"} else ascii(text)


def _told(one: Endpoint, names: list[str]) -> Iterator[str]:
    for p, name in zip(one.parameters, names, strict=True):
        if p.notes:
            yield f"{name}: {' · '.join(p.notes)}"
    for place, result in enumerate(one.results, 1):
        if result.notes:
            yield f"returns {place}: {' · '.join(result.notes)}"


def _docstring(lines: Iterable[str], indent: str) -> Iterator[str]:
    safe = [line.replace("\\", "\\\\").replace('"""', '\\"\\"\\"') for line in lines]
    if len(safe) == 1 and not safe[0].endswith('"'):
        yield f'{indent}"""{safe[0]}"""'
    elif safe:
        yield f'{indent}"""'
        yield from (f"{indent}{line}" for line in safe)
        yield f'{indent}"""'
