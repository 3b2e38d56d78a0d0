"""Endpoints about arguments and results of single values.

No postponed annotations here: the library evaluates them, and `gr` is known at call time only.
"""

import math
from typing import Any
from typing import Literal

from gradio_conformance.testbed.kit import Kit


def register(kit: Kit) -> None:
    _echoes(kit)
    _several(kit)
    _counts(kit)
    _access(kit)
    kit.api(name="unserialisable")(unserialisable)


def _echoes(kit: Kit) -> None:
    @kit.api(name="echo")
    def echo(value: Any) -> Any:
        return value

    @kit.api(name="echo_text")
    def echo_text(text: str = "hello") -> str:
        return text

    @kit.api(name="described", description="Says it back.")
    def described(text: str) -> str:
        return text

    @kit.api(name="add")
    def add(a: int, b: int = 1) -> int:
        return a + b


def _several(kit: Kit) -> None:
    @kit.api(name="typed")
    def typed(
        text: str,
        whole: int,
        number: float,
        flag: bool,
        choice: Literal["red", "green"],
        items: list[int],
        mapping: dict[str, int],
        maybe: str | None = None,
    ) -> dict[str, Any]:
        return {
            "text": text,
            "whole": whole,
            "number": number,
            "flag": flag,
            "choice": choice,
            "items": items,
            "mapping": mapping,
            "maybe": maybe,
        }

    @kit.api(name="pair")
    def pair(text: str, whole: int) -> tuple[str, int]:
        return text, whole


def _counts(kit: Kit) -> None:
    @kit.api(name="no_inputs")
    def no_inputs() -> str:
        return "ready"

    @kit.api(name="no_outputs")
    def no_outputs(text: str) -> None:
        kit.journal.write(text, "no_outputs", "called")

    @kit.api(name="returns_too_few")
    def returns_too_few(text: str) -> tuple[str, str]:
        return (text,)  # type: ignore[return-value]

    @kit.api(name="returns_too_many")
    def returns_too_many(text: str) -> tuple[str, str]:
        return text, text, text  # type: ignore[return-value]


def _access(kit: Kit) -> None:
    gr = kit.gr

    @kit.api(name="whoami")
    def whoami(request: gr.Request) -> dict[str, Any]:  # type: ignore[name-defined]
        return {
            # Releases of gradio 3 and 4 do not tell it.
            "session_hash": getattr(request, "session_hash", None),
            "header": request.headers.get("x-testbed"),
            "query": dict(request.query_params),
        }

    @kit.api(name="quick", queue=False)
    def quick(text: str) -> str:
        return text

    @kit.api(name="undocumented", api_visibility="undocumented")
    def undocumented(text: str) -> str:
        return text

    @kit.api(name="private", api_visibility="private")
    def private(text: str) -> str:
        return text


def unserialisable(kind: str) -> Any:
    values: dict[str, Any] = {
        "int-keys": {1: "x"},
        "big-int": 2**70,
        "surrogate": "\ud800",
        "object": object(),
        "nan": [math.nan, math.inf, -math.inf],
        "bytes": b"bytes",
        "set": {"one"},
    }
    if kind not in values:
        raise ValueError(f"kind: must be one of {', '.join(values)}, not {kind!r}")
    return values[kind]
