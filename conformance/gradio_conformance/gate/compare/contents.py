"""How parameters, bodies and answers of one operation differ."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gradio_conformance.gate.compare.at import At
from gradio_conformance.gate.compare.schemas import Schemas
from gradio_conformance.gate.model import Difference
from gradio_conformance.gate.rules import ANSWER
from gradio_conformance.gate.rules import REQUEST

_SCHEMAS = ("schema", "itemSchema")


class Contents:
    """Compares what requests and answers carry."""

    def __init__(self, schemas: Schemas) -> None:
        self.schemas = schemas

    def parameters(self, old: Any, new: Any, at: At) -> Iterator[Difference]:
        """What differs in two lists of parameters; one is told by its name and where it stands."""
        was, now = _named(old), _named(new)
        for key in dict.fromkeys((*was, *now)):
            here = replace(at.below("parameters", key), directions=frozenset({REQUEST}))
            here = here.called(f"The parameter {key} of {at.what}")
            before, after = was.get(key), now.get(key)
            if before is not None and after is not None:
                yield from self.parameter(before, after, here)
                continue
            there = after or before or {}
            kind = "required-parameter" if there.get("required") else "parameter"
            yield here.tell(f"{kind}-added" if after else f"{kind}-removed", before, after)

    def parameter(self, old: Any, new: Any, at: At) -> Iterator[Difference]:
        """What differs in one parameter."""
        was, now = (bool(node.get("required")) for node in (old, new))
        if was != now:
            rule = "parameter-required" if now else "parameter-optional"
            yield at.below("required").tell(rule, was, now)
        before, after = (node.get("schema", {}) for node in (old, new))
        yield from self.schemas.differences(before, after, at.below("schema"))

    def body(self, old: Any, new: Any, at: At) -> Iterator[Difference]:
        """What differs in the body of a request."""
        here = replace(at.below("requestBody"), directions=frozenset({REQUEST}))
        if old is None and new is None:
            return
        if old is None or new is None:
            yield here.tell("body-added" if old is None else "body-removed", old, new)
            return
        was, now = (bool(node.get("required")) for node in (old, new))
        if was != now:
            rule = "body-required" if now else "body-optional"
            yield here.below("required").tell(rule, was, now)
        yield from self._media(old, new, here.called(f"The body of {at.what}"))

    def answer(self, old: Any, new: Any, at: At) -> Iterator[Difference]:
        """What differs in one answer: its headers and its body."""
        here = replace(at, directions=frozenset({ANSWER}))
        if old.get("$ref") != new.get("$ref"):
            yield here.tell("shape-changed", old, new)
            return
        was, now = old.get("headers", {}), new.get("headers", {})
        for name in dict.fromkeys((*was, *now)):
            header = here.below("headers", name).called(f"The header {name} of {at.what}")
            if name not in was or name not in now:
                rule = "header-added" if name in now else "header-removed"
                yield header.tell(rule, was.get(name), now.get(name))
            else:
                before, after = (row[name].get("schema", {}) for row in (was, now))
                yield from self.schemas.differences(before, after, header.below("schema"))
        yield from self._media(old, new, here)

    def _media(self, old: Any, new: Any, at: At) -> Iterator[Difference]:
        was, now = old.get("content", {}), new.get("content", {})
        at = at.below("content")
        if len(was) == len(now) == 1 and was.keys() != now.keys():
            yield at.tell("media-type-changed", *was, *now)
            return
        for name in dict.fromkeys((*was, *now)):
            here = at.below(name)
            if name not in was:
                yield here.tell("media-type-added", None, name)
            elif name not in now:
                yield here.tell("media-type-removed", name, None)
            else:
                for keyword in _SCHEMAS:
                    before, after = (row[name].get(keyword, {}) for row in (was, now))
                    yield from self.schemas.differences(before, after, here.below(keyword))


def _named(parameters: Any) -> dict[str, Mapping[str, Any]]:
    return {
        f"{row['name']} ({row['in']})" if "name" in row else row["$ref"].rpartition("/")[2]: row
        for row in parameters
    }
