"""Bodies that no client sends by accident: refused with a reason, or run to their end."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from .judging import SCHEMAS
from .routes import CALLS
from .routes import DIRECT
from .routes import ROUTES
from .routes import nested
from .routes import right
from .server import JSON
from .server import Reply
from .server import Server

NO_JSON: dict[str, Callable[[str], bytes]] = {
    "empty": lambda route: b"",
    "spaces": lambda route: b" \n" * 50,
    "cut": lambda route: right(route)[:-1],
    "more behind it": lambda route: right(route) + b"x",
    "not UTF-8 in a string": lambda route: right(route, b'"\xff"'),
    "a cut UTF-8 sequence": lambda route: right(route, b'"\xe2\x82"'),
    "a surrogate in UTF-8": lambda route: right(route, b'"\xed\xa0\x80"'),
    "UTF-16": lambda route: right(route).decode().encode("utf-16"),
    "UTF-32": lambda route: right(route).decode().encode("utf-32-be"),
    "a raw NUL": lambda route: right(route, b'"\x00"'),
    "only NULs": lambda route: b"\x00" * 1000,
    "single quotes": lambda route: right(route).replace(b'"', b"'"),
    "open for ever": lambda route: b"[" * 200_000,
    "objects open for ever": lambda route: b'{"a":' * 200_000,
    "no object: null": lambda route: b"null",
    "no object: an array": lambda route: b"[]",
    "no object: a number beyond double": lambda route: b"1e400",
    "no object: deep": lambda route: nested(900),
}


def require_unprocessable(reply: Reply, route: str) -> None:
    assert reply.status == 422, route
    assert SCHEMAS.check("http#/$defs/Unprocessable", reply.json) == [], route


@pytest.mark.parametrize("kind", NO_JSON)
def test_what_is_no_json_object_is_refused(server: Server, kind: str) -> None:
    """JOIN-007, JOIN-027, CALL-012, CALL-025, RUN-008, CANCEL-002; NET-008."""
    for route in ROUTES:
        require_unprocessable(server.ask("POST", route, NO_JSON[kind](route), JSON), route)


VALUES: dict[str, bytes] = {
    "nested 400 deep": nested(400),
    "nested 900 deep": nested(900),
    "objects 900 deep": nested(900, "{"),
    "nested 100000 deep": nested(100_000),
    "beyond double": b"1e400",
    "minus beyond double": b"-1e400",
    "nearly nothing": b"1e-400",
    "minus zero": b"-0",
    "4000 digits": b"9" * 4000,
    "100000 digits": b"9" * 100_000,
    "digits behind the point": b"0." + b"1" * 100_000,
    "not a number": b"NaN",
    "the same key twice": b'{"a":1,"a":2}',
    "names of Python and JavaScript": b'{"__proto__":{"x":1},"__class__":1,"constructor":null}',
    "an escaped NUL": rb'"\u0000"',
    "half a surrogate pair": rb'"\ud800"',
    "half a pair as a key": rb'{"\udfff":1}',
    "line separators": '"\u2028\u2029\x85"'.encode(),
    "what frames an event": rb'"\n\ndata: {}\r\r"',
    "a file of the server": b'{"path":"/etc/passwd","meta":{"_type":"gradio.FileData"}}',
    "an update": b'{"__type__":"update","value":1}',
    "a megabyte": b'"' + b"a" * 1_000_000 + b'"',
    "many members": b"{" + b",".join(b'"%d":0' % n for n in range(20_000)) + b"}",
}


@pytest.mark.parametrize("kind", VALUES)
def test_strange_values_are_refused_or_run_to_an_end(server: Server, kind: str) -> None:
    """NET-004, NET-008; what is accepted ends in one terminal message (SSE-009, CALL-023)."""
    value, session = VALUES[kind], uuid.uuid4().hex
    for route in ROUTES:
        reply = server.ask("POST", route, right(route, value, session), JSON)
        if reply.status == 500:
            assert route in DIRECT
            assert SCHEMAS.check("http#/$defs/RunError", reply.json) == []
        elif reply.status != 200:
            assert reply.detail
        elif route == "/queue/join":
            last = [message["msg"] for message in server.session(session)][-2:]
            assert last == ["process_completed", "close_stream"]
        elif route in CALLS:
            *_, last_event = server.ask("GET", f"/call/echo/{reply.json['event_id']}").events
            assert last_event.event in ("complete", "error")


BAD = (b"1e400", b"-1e400", b'["\\ud800"]', rb'{"\udfff":1e400}', nested(900), b"9" * 4000)


@pytest.mark.parametrize("value", BAD, ids=lambda value: value[:12].decode())
def test_wrong_members_are_told_whatever_they_are(server: Server, value: bytes) -> None:
    """NET-008: to say what is wrong, an answer must not contain what JSON cannot."""
    members = ("data", "session_hash", "event_id", "fn_index", "oauth_token")
    body = b"{" + b",".join(b'"%s":%s' % (name.encode(), value) for name in members) + b"}"
    for route in ROUTES:
        require_unprocessable(server.ask("POST", route, body, JSON), route)


@pytest.mark.parametrize("index", [b"1e400", b"-1", b"1e300", b"9" * 4000, b"0.5", b"true", b'"0"'])
def test_no_number_of_a_function_is_too_strange(server: Server, index: bytes) -> None:
    """JOIN-011, JOIN-016 and, for direct calls, NET-004."""
    session = uuid.uuid4().hex
    rest = b',"data":["a"],"session_hash":"%s"}' % session.encode()
    for route in ("/queue/join", "/run/echo"):
        assert server.ask("POST", route, b'{"fn_index":' + index + rest, JSON).detail
    assert not server.knows(session)


def test_no_name_of_an_endpoint_is_too_strange(server: Server) -> None:
    """CALL-011, RUN-007, DISC-025."""
    for name in (
        "%00",
        "%FF",
        "%F0%9F%98%80",
        "..%2F..%2Fetc",
        "a" * 10_000,
        "%20",
        "echo%3F",
        "v2",
    ):
        for route in ("call", "call/v2", "run", "api"):
            reply = server.ask("POST", f"/{route}/{name}", b'{"data":["a"]}', JSON)
            assert reply.detail
            assert reply.status == 404
