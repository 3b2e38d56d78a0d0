"""How the routes differ: paths, methods, parameters, bodies, answers, addresses."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from gradio_conformance.gate.compare.at import At
from gradio_conformance.gate.compare.contents import Contents
from gradio_conformance.gate.compare.directions import Directions
from gradio_conformance.gate.compare.normal import same
from gradio_conformance.gate.compare.schemas import Schemas
from gradio_conformance.gate.model import Difference
from gradio_conformance.gate.model import Place
from gradio_conformance.gate.rules import ANSWER
from gradio_conformance.gate.rules import EITHER
from gradio_conformance.gate.rules import REQUEST
from gradio_spec.routes import METHODS
from gradio_spec.views import Documents

TOP = At(Place("openapi", ""), "", EITHER)


def route_differences(old: Documents, new: Documents, ways: Directions) -> Iterator[Difference]:
    """What differs in ``openapi.yaml``; its components where they stand, once each."""
    was, now = old["openapi"], new["openapi"]
    if was is now:
        return
    contents = Contents(Schemas(old, new))
    if "servers" in was and "servers" in now:  # ws and sse have no routes of their own
        yield from _addresses(was["servers"], now["servers"], TOP.below("servers"))
    yield from _paths(was.get("paths", {}), now.get("paths", {}), contents)
    yield from _components(was.get("components", {}), now.get("components", {}), contents, ways)


def _paths(old: Any, new: Any, contents: Contents) -> Iterator[Difference]:
    for path in dict.fromkeys((*old, *new)):
        was, now = old.get(path, {}), new.get(path, {})
        at = TOP.below("paths", path)
        if path in old and path in new:
            yield from _addresses(was.get("servers", []), now.get("servers", []), at.called(path))
            yield from contents.parameters(
                was.get("parameters", []), now.get("parameters", []), at.called(path)
            )
        kind = "method" if path in old and path in new else "route"
        for method in METHODS:
            here = at.below(method).called(f"{method.upper()} {path}")
            before, after = was.get(method), now.get(method)
            if before is None and after is None:
                continue
            here = _said_by(here, after, before)
            if before is None or after is None:
                rule = f"{kind}-added" if before is None else f"{kind}-removed"
                yield here.tell(rule, before, after)
            else:
                yield from _operation(before, after, here, contents)


def _said_by(at: At, *operations: Any) -> At:
    named = [{"x-clause": c} for o in operations if o for c in o.get("x-clauses", ())]
    return at.said_by(*named)


def _operation(old: Any, new: Any, at: At, contents: Contents) -> Iterator[Difference]:
    yield from _addresses(old.get("servers", []), new.get("servers", []), at)
    yield from contents.parameters(old.get("parameters", []), new.get("parameters", []), at)
    yield from contents.body(old.get("requestBody"), new.get("requestBody"), at)
    was, now = old.get("responses", {}), new.get("responses", {})
    for status in dict.fromkeys((*was, *now)):
        here = at.below("responses", status)
        if status in was and status in now:
            answered = here.called(f"the answer {status} of {at.what}")
            yield from contents.answer(was[status], now[status], answered)
        else:
            change = "added" if status in now else "removed"
            told = (None, status) if status in now else (status, None)
            yield here.tell(f"status-{change}", *told)


def _addresses(old: Any, new: Any, at: At) -> Iterator[Difference]:
    """The servers' addresses and the defaults of their variables, each told by itself."""
    urls = [[server["url"] for server in servers] for servers in (old, new)]
    subject = f"The address of {at.what}" if at.what else "The address of the routes"
    if urls[0] != urls[1]:
        yield at.called(subject).tell("address-changed", *urls)
        return
    for index, (before, after) in enumerate(zip(old, new, strict=True)):
        was, now = before.get("variables", {}), after.get("variables", {})
        for name in dict.fromkeys((*was, *now)):
            pair = [row.get(name, {}).get("default") for row in (was, now)]
            if pair[0] != pair[1]:
                here = at.below(str(index), "variables", name).called(f"The {name}")
                yield here.tell("address-changed", *pair)


def _components(old: Any, new: Any, contents: Contents, ways: Directions) -> Iterator[Difference]:
    """Those that both have; one that appears or goes is told where it is referred to."""
    for kind in dict.fromkeys((*old, *new)):
        was, now = old.get(kind, {}), new.get(kind, {})
        for name in was:
            if name not in now or same(was[name], now[name]):
                continue
            at = TOP.below("components", kind, name).called(name)
            yield from _component(kind, was[name], now[name], at, contents, ways)


def _component(
    kind: str, old: Any, new: Any, at: At, contents: Contents, ways: Directions
) -> Iterator[Difference]:
    if kind == "schemas":
        here = At(at.place, at.what, ways[str(at.place)])
        yield from contents.schemas.differences(old, new, here)
    elif kind == "responses":
        yield from contents.answer(old, new, at)
    elif kind == "parameters":
        yield from contents.parameter(old, new, At(at.place, at.what, frozenset({REQUEST})))
    elif kind == "headers":
        here = At(at.place, at.what, frozenset({ANSWER})).below("schema")
        yield from contents.schemas.differences(_schema(old), _schema(new), here)


def _schema(node: Mapping[str, Any]) -> Any:
    return node.get("schema", {})
