"""Request bodies: bytes → checked members, or a 422 that names the member and what is wrong
with it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from typing import Protocol
from typing import cast


class Sent(Protocol):
    """A request with its body, as Quart has it."""

    @property
    def mimetype(self) -> str:
        """The Content-Type without its parameters, in lower case."""

    async def get_data(self, *, cache: bool) -> bytes | str: ...


class Rejected(Exception):
    """A client mistake: ``status`` 4xx and the ``detail`` of the answer (NET-004)."""

    def __init__(self, status: int, detail: Any) -> None:
        super().__init__(str(detail))
        self.status = status
        self.detail = detail


def problem(kind: str, loc: list[str | int], message: str, value: Any = None) -> dict[str, Any]:
    # Not everything that was read can be quoted: 1e400 is read as infinity, which JSON does not
    # have, and an array or object may be nested as deeply as can just be read.
    if isinstance(value, (list, dict)) or (isinstance(value, float) and not math.isfinite(value)):
        value = None
    return {"type": kind, "loc": loc, "msg": message, "input": value}


class Body(dict[str, Any]):
    """The members of a body that had ``size`` bytes."""

    __slots__ = ("size",)

    def __init__(self, members: Mapping[str, Any], size: int) -> None:
        super().__init__(members)
        self.size = size


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a request body. ``kind`` is a key of the table of kinds below."""

    name: str
    kind: str
    required: bool = False
    nullable: bool = False
    default: Any = None


def _is_integer(value: Any) -> bool:
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)


_KINDS: dict[str, tuple[str, str, Callable[[Any], bool]]] = {
    "any": ("any", "", lambda value: True),
    "array": ("list_type", "an array", lambda value: isinstance(value, list)),
    "string": ("string_type", "a string", lambda value: isinstance(value, str)),
    "integer": ("int_type", "an integer", _is_integer),
    "boolean": ("bool_type", "true or false", lambda value: isinstance(value, bool)),
}

SESSION = Member("session_hash", "string", nullable=True)
OAUTH_TOKEN = Member("oauth_token", "string", nullable=True)

PREDICT = (
    Member("data", "array", required=True),
    SESSION,
    Member("event_id", "string", nullable=True),
    Member("event_data", "any", nullable=True),
    Member("fn_index", "integer", nullable=True),
    Member("trigger_id", "integer", nullable=True),
    Member("simple_format", "boolean", default=False),
    Member("batched", "boolean", nullable=True, default=False),
    OAUTH_TOKEN,
)
CALL = (Member("data", "array", required=True), SESSION, OAUTH_TOKEN)
CANCEL = (
    Member("session_hash", "string", required=True),
    Member("fn_index", "integer", required=True),
    Member("event_id", "string", required=True),
)
RESET = (Member("event_id", "string", required=True),)


async def read_object(request: Sent) -> Body:
    """The JSON object of a request. Raises ``Rejected`` 422 (JOIN-007, JOIN-009)."""
    body = cast(bytes, await request.get_data(cache=False))
    mimetype = request.mimetype
    if mimetype != "application/json" and not mimetype.endswith("+json"):
        message = f"the Content-Type must be application/json, not {mimetype or 'missing'}"
        raise Rejected(422, [problem("model_attributes_type", ["body"], message)])
    if not body:
        raise Rejected(422, [problem("missing", ["body"], "a JSON object is required")])
    try:
        # Not json.loads(bytes), which guesses UTF-16 and UTF-32 as well (JOIN-027).
        value = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        where = getattr(error, "pos", 0)
        message = f"the body is not JSON: {getattr(error, 'msg', error)}"
        raise Rejected(422, [problem("json_invalid", ["body", where], message)]) from None
    if not isinstance(value, dict):
        message = "the body must be a JSON object"
        raise Rejected(422, [problem("model_attributes_type", ["body"], message, value)])
    return Body(value, len(body))


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON value")


async def read_members(request: Sent, members: tuple[Member, ...]) -> Body:
    """The declared members of the request's JSON object; others are ignored (JOIN-004)."""
    body = await read_object(request)
    return Body(check_members(body, members), body.size)


def check_members(body: Mapping[str, Any], members: tuple[Member, ...]) -> dict[str, Any]:
    """Raises ``Rejected`` 422 with one entry for each wrong member."""
    found = [_fault(body, member) for member in members]
    faults = [fault for fault in found if fault is not None]
    if faults:
        raise Rejected(422, faults)
    return {member.name: body.get(member.name, member.default) for member in members}


def _fault(body: Mapping[str, Any], member: Member) -> dict[str, Any] | None:
    loc: list[str | int] = ["body", member.name]
    if member.name not in body:
        return problem("missing", loc, "this member is required") if member.required else None
    value = body[member.name]
    kind, text, accepts = _KINDS[member.kind]
    if accepts(value) or (value is None and member.nullable):
        return None
    return problem(kind, loc, f"must be {text}", value)
