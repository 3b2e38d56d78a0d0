"""Validators: functions that judge the inputs of a call before it is accepted (JOIN-015)."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gradio_reference.encoding import clean_text
from gradio_reference.signature import Parameter
from gradio_reference.signature import Signature
from gradio_reference.signature import inspect_function

_TYPE = "validate"


class Invalid(Exception):
    """A validator refused a call. ``verdicts``: one object per input, as the answer tells them."""

    def __init__(self, verdicts: list[dict[str, Any]]) -> None:
        super().__init__("; ".join(v["message"] for v in verdicts if not v["is_valid"]))
        self.verdicts = verdicts


def validate(is_valid: bool, message: str) -> dict[str, Any]:
    """What a validator returns for one input: whether it will do, and else why not."""
    return {"__type__": _TYPE, "is_valid": is_valid, "message": message}


@dataclass(frozen=True, slots=True)
class Validator:
    """A function with the inputs of an endpoint; ``names``: what they are called there."""

    fn: Callable[..., Any]
    signature: Signature
    names: tuple[str, ...]

    def judge(self, returned: Any) -> None:
        """Raises ``Invalid`` for a refusal, ``TypeError`` for what is no verdict: it must not pass
        as a consent.
        """
        verdicts = [
            self._verdict(name, given)
            for name, given in zip(self.names, self._each(returned), strict=True)
        ]
        if not all(verdict["is_valid"] for verdict in verdicts):
            raise Invalid(verdicts)

    def _each(self, returned: Any) -> Sequence[Any]:
        if returned is None:
            return (None,) * len(self.names)
        given = returned if isinstance(returned, (list, tuple)) else (returned,)
        if len(given) != len(self.names):
            count = len(self.names)
            raise TypeError(f"a validator of {count} inputs returned {len(given)} verdicts")
        return given

    def _verdict(self, name: str, given: Any) -> dict[str, Any]:
        if given is None:
            given = validate(True, "")
        if not isinstance(given, dict) or given.get("__type__") != _TYPE:
            raise TypeError(f"the verdict on {name!r} is {given!r}, not None or validate(…)")
        verdict = validate(bool(given.get("is_valid")), clean_text(given.get("message", "")))
        return verdict | {"parameter_name": name}


def make_validator(fn: Callable[..., Any] | None, endpoint: str, of: Signature) -> Validator | None:
    """Check that ``fn`` takes the inputs of the endpoint. Raises ``TypeError`` or ``ValueError``
    that names the endpoint.
    """
    if fn is None:
        return None
    if not callable(fn):
        raise TypeError(f"{endpoint}: validator must be a function, not {fn!r}")
    signature = inspect_function(fn, hinted=False)
    if signature.kind.generates:
        raise ValueError(f"{endpoint}: validator must not yield")
    taken, needed = len(signature.inputs), len(of.inputs)
    if taken != needed:
        raise ValueError(f"{endpoint}: validator takes {taken} inputs, the function {needed}")
    names = tuple(
        item.name if isinstance(item, Parameter) else f"parameter_{place}"
        for place, item in enumerate(of.inputs)
    )
    return Validator(fn, signature, names)
