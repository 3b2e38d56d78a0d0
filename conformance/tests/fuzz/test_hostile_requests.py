"""Requests that no client sends by accident: each gets an answer or a closed connection, none harms
the server or the next caller.
"""

from __future__ import annotations

import http.client
import json
import socket
import uuid
from typing import Any
from urllib.parse import quote

import pytest

from .routes import READS
from .routes import ROUTES
from .routes import STREAMS
from .routes import right
from .server import JSON
from .server import PATIENCE_S
from .server import PREFIX
from .server import Reply
from .server import Server

# -- media types, methods and paths ----------------------------------------------------------------

NOT_JSON_TYPES = (
    *(None, "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"),
    *("multipart/form-data; boundary=x", "application/jsonx", "json", "a" * 9000, "\xff/json"),
)


@pytest.mark.parametrize("media_type", NOT_JSON_TYPES, ids=lambda kind: str(kind)[:33])
def test_other_media_types_are_refused(server: Server, media_type: str | None) -> None:
    """JOIN-009, JOIN-016; NET-008 for the other routes."""
    session = uuid.uuid4().hex
    headers = {} if media_type is None else {"Content-Type": media_type}
    for route in ROUTES:
        assert server.ask("POST", route, right(route, session=session), headers).detail
    assert not server.knows(session)


@pytest.mark.parametrize("media_type", ["application/json;charset=UTF-8", "Application/JSON; x"])
def test_parameters_and_case_of_the_media_type_do_not_matter(
    server: Server, media_type: str
) -> None:
    for route in ROUTES:
        headers = {"Content-Type": media_type}
        assert (
            server.ask("POST", route, right(route, session=uuid.uuid4().hex), headers).status == 200
        )


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "QUERY", "FOO"])
def test_other_methods_are_refused(server: Server, method: str) -> None:
    """DISC-025; RFC 9110 wants the methods that are allowed to be told."""
    for path in (*ROUTES, *READS, "/config"):
        reply = server.ask(method, path)
        assert reply.status == 405
        assert reply.detail
        assert ("POST" if path in ROUTES else "GET") in reply.headers["allow"]


def test_reads_are_no_posts_and_posts_no_reads(server: Server) -> None:
    for method, paths in (("POST", (*READS, "/config")), ("GET", ROUTES)):
        for path in paths:
            if (method, path) == ("GET", "/call/v2/echo"):
                continue  # that is the stream of the event echo of the endpoint v2
            reply = server.ask(method, path, b"{}", JSON)
            assert reply.status == 405
            assert reply.detail


def test_head_and_options_have_no_body_and_no_effect(server: Server) -> None:
    event_id = server.post("/call/echo", {"data": ["a"]}).json["event_id"]
    for path in (*ROUTES, *READS, "/config", f"/call/echo/{event_id}"):
        head, options = server.ask("HEAD", path), server.ask("OPTIONS", path)
        reads_only = path in (*READS, "/config") and path not in STREAMS
        assert (head.status, head.body) == (200 if reads_only else 405, b"")
        assert reads_only or head.headers["allow"]
        assert (options.status, options.body) == (200, b"")
        assert options.headers["allow"]
    assert server.ask("GET", f"/call/echo/{event_id}").events[-1].event == "complete"


def test_a_slash_at_the_end_changes_nothing(server: Server) -> None:
    """DISC-011, JOIN-014, CALL-013."""
    for route in ROUTES:
        reply = server.ask("POST", route + "/", right(route, session=uuid.uuid4().hex), JSON)
        assert reply.status == 200
    for path in (*READS, "/config"):
        place, _, query = path.partition("?")
        reply = server.ask("GET", f"{place}/" + (f"?{query}" if query else ""))
        assert reply.status == 200


NO_ROUTES = (
    *("", "/", "/nope", "/queue", "/queue/", "/queue/joinx", "/queue/join/x", "/call", "/call/"),
    *("/call/a/b/c", "/call/v2/a/b/c", "/run", "/run/", "/run/a/b", "/%00", "/%FF", "/info;x=1"),
    *("/../config", "/%2e%2e/config", "/run/..%2F..", "/Info", "/info%00", "/info%2F..", "/*"),
)


@pytest.mark.parametrize("path", NO_ROUTES)
def test_paths_without_a_route_are_not_found(server: Server, path: str) -> None:
    """DISC-025, whatever the method."""
    for method in ("GET", "POST", "DELETE"):
        reply = server.ask(method, path)
        assert reply.status == 404
        assert reply.detail


def test_queries_are_never_too_strange(server: Server) -> None:
    """DISC-017, SSE-017, SSE-019."""
    for query in ("%FF=%FF", "all_endpoints=%FF", "=", "&&&", "a" * 9000, "a[]=1&a[]=2", "%"):
        assert "named_endpoints" in server.ask("GET", f"/info?{query}").json
        assert server.ask("GET", f"/config?{query}").json["protocol"] == "sse_v3"
        assert server.ask("GET", f"/queue/data?{query}").status == 422
    for session in ("", "%00", "%FF", "%ED%A0%80", "a&session_hash=b", "+", "s" * 9000):
        (event,) = server.ask("GET", f"/queue/data?session_hash={session}").events
        assert json.loads(event.data)["session_not_found"] is True


@pytest.mark.parametrize(
    "session",
    ["s" * 256, "\u0416" * 256, "\U0001f600" * 256, "s" * 3000, "a b+c%d&e=f/g?h#i", "\x00\x01\n"],
    ids=["256", "Cyrillic", "emoji", "3000", "reserved", "control"],
)
def test_session_hashes_are_opaque(server: Server, session: str) -> None:
    """JOIN-013."""
    body = right("/queue/join", session=session)
    assert server.ask("POST", "/queue/join", body, JSON).status == 200
    assert [m["msg"] for m in server.session(session)][-1] == "close_stream"


def test_a_session_hash_that_no_url_can_hold_is_forgotten_with_its_event(server: Server) -> None:
    body = right("/queue/join", session="s" * 1_000_000)
    assert server.ask("POST", "/queue/join", body, JSON).status in (200, 422)
    line = f"/queue/data?session_hash={quote('s' * 100_000)}"
    assert server.ask("GET", line).status in (414, 431)


# -- the connection --------------------------------------------------------------------------------


def heads(route: str, *more: str) -> bytes:
    lines = [f"POST {PREFIX}{route} HTTP/1.1", "Host: x", "Content-Type: application/json", *more]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def chunks(*parts: bytes, trailer: bytes = b"") -> bytes:
    return (
        b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)
        + b"0\r\n"
        + trailer
        + b"\r\n"
    )


def send(server: Server, data: bytes) -> Reply:
    """The first answer on a connection that sends these bytes."""
    with socket.create_connection(server.address, PATIENCE_S) as connection:
        connection.sendall(data)
        response = http.client.HTTPResponse(connection)
        response.begin()
        members = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, members, response.read())


CHUNKED = "Transfer-Encoding: chunked"


@pytest.mark.parametrize("trailer", [b"", b"X-More: 1\r\n"])
def test_bodies_may_come_in_chunks(server: Server, trailer: bytes) -> None:
    for route in ROUTES:
        body = right(route, session=uuid.uuid4().hex)
        parts = [body[place : place + 1] for place in range(len(body))]
        assert send(server, heads(route, CHUNKED) + chunks(*parts, trailer=trailer)).status == 200


def test_bodies_may_wait_for_a_continue(server: Server) -> None:
    body = right("/run/echo")
    more = ("Expect: 100-continue", f"Content-Length: {len(body)}")
    assert send(server, heads("/run/echo", *more) + body).json["data"] == ["a"]


BROKEN = {
    "a chunk without a size": heads("/queue/join", CHUNKED) + b"zz\r\n{}\r\n0\r\n\r\n",
    "a size below zero": heads("/queue/join", "Content-Length: -1") + b"{}",
    "two sizes": heads("/queue/join", "Content-Length: 2", "Content-Length: 3") + b"{}",
    "a body nobody announced": heads("/queue/join") + right("/queue/join"),
    "a NUL in a header": heads("/queue/join", "X: \x00"),
    "no host": b"GET /gradio_api/info HTTP/1.1\r\n\r\n",
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100,
    "a header without an end": b"GET /config HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 300_000,
    "a WebSocket": (
        b"GET /gradio_api/queue/data?session_hash=x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
        b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_is_no_request_is_refused(server: Server, kind: str) -> None:
    assert 400 <= send(server, BROKEN[kind]).status < 500


def test_a_body_that_is_announced_too_large_is_refused_unread(server: Server) -> None:
    for route in ROUTES:
        reply = send(server, heads(route, "Content-Length: 999999999999"))
        assert reply.status == 413
        assert reply.detail


@pytest.mark.parametrize("said", ["Content-Length: 1000", CHUNKED], ids=["length", "chunked"])
def test_bodies_that_break_off_leave_nothing(server: Server, said: str) -> None:
    """JOIN-016."""
    sessions = [uuid.uuid4().hex for _ in range(20)]
    for session in sessions:
        body = right("/queue/join", session=session)
        with socket.create_connection(server.address, PATIENCE_S) as connection:
            connection.sendall(heads("/queue/join", said) + b"%x\r\n" % len(body) + body)
    assert not any(server.knows(session) for session in sessions)


def test_readers_that_hang_up_are_no_loss(server: Server) -> None:
    for path in (*READS, "/config"):
        place = path if path == "/config" else PREFIX + path
        line = f"GET {place} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        for _ in range(5):
            with socket.create_connection(server.address, PATIENCE_S) as connection:
                connection.sendall(line)


def test_headers_of_any_bytes_reach_the_function_or_nobody(server: Server) -> None:
    odd = (
        "X-Testbed: \xe9\xff",
        "Cookie: \xff=\xfe; a",
        "User-Agent: ",
        "Accept: \xff",
        "X: " + "\t",
    )
    body = b'{"data":[]}'
    request = heads("/run/whoami?a=%FF&b=%ED%A0%80", *odd, f"Content-Length: {len(body)}") + body
    answer: Any = send(server, request).json["data"][0]
    assert answer["session_hash"] is None
    assert set(answer["query"]) == {"a", "b"}


@pytest.mark.parametrize("session", ["x", quote("\xe9 \u4e2d?#"), "%00", "a" * 4000, "%ED%A0%80"])
def test_a_heartbeat_begins_for_any_session(server: Server, session: str) -> None:
    """STATE-017; its end, which nobody here announces, does no harm."""
    connection = http.client.HTTPConnection(*server.address, timeout=PATIENCE_S)
    try:
        connection.request("GET", f"{PREFIX}/heartbeat/{session}")
        response = connection.getresponse()
        assert response.status == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.read(len(b"data: ALIVE\n\n")) == b"data: ALIVE\n\n"
    finally:
        connection.close()
    for method in ("HEAD", "POST"):
        assert server.ask(method, f"/heartbeat/{session}").status == 405
