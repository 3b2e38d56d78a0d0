"""Requests as a network or a careless client delivers them: in pieces, many at once, half, broken.

Each is followed by the proof that the server answers others as ever.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from gradio_conformance.answers import json_object
from gradio_conformance.answers import taken
from gradio_conformance.binding import check
from gradio_conformance.faults import NonConformance
from gradio_conformance.faults import NotApplicable
from gradio_conformance.faults import require
from gradio_conformance.faults import require_equal
from gradio_conformance.hostility import GoodCall
from gradio_conformance.hostility import barrier
from gradio_conformance.hostility import good_call
from gradio_conformance.hostility import require_alive
from gradio_conformance.hostility import require_refused_or_closed
from gradio_conformance.probe import Probe
from gradio_conformance.raw import CHUNKED
from gradio_conformance.raw import JSON
from gradio_conformance.raw import RawRequest
from gradio_conformance.raw import in_chunks
from gradio_conformance.wire import Reply

CLOSE = ("Connection", "close")
ABSENT = "/no-such-route"
# On somebody's app every call may be dear; the testbed's cost nothing.
FEW_CUTS = 16
UNFINISHED = 200
LENGTH_REQUIRED = 411
# Now and then a server has answered before it sees the end of the client's side.
HALF_CLOSES = 5
HUGE_HEAD = 1_000_000
LINE = 8000  # octets of a request line that RFC 9112, 3, recommends to support


@check("NET-009")
def check_a_request_may_come_in_two_pieces(probe: Probe) -> None:
    """Wherever a request is cut in two, it is answered as if it had come whole."""
    call = good_call(probe)
    content = call.request().content
    step = 1 if call.echoes else max(1, len(content) // FEW_CUTS)
    open_ones = []
    for place in range(1, len(content), step):
        connection = probe.raw("NET-009")
        connection.send(content[:place], call.request())
        open_ones.append((place, connection))
    barrier(probe, "NET-009")  # the first pieces are there, and alone
    for place, connection in open_ones:
        connection.send(content[place:])
    for _, connection in open_ones:
        call.require(connection.answer("POST", call.path), "NET-009")
        connection.close()


@check("NET-009")
def check_a_request_may_come_byte_by_byte(probe: Probe) -> None:
    """A request whose every byte comes alone is answered like any other."""
    call = good_call(probe)
    connection = probe.raw("NET-009")
    for byte in call.request().content:
        connection.send(bytes([byte]))
    call.require(connection.answer("POST", call.path), "NET-009")


@check("NET-010")
def check_pipelined_requests_are_answered_in_order(probe: Probe) -> None:
    """Requests sent without waiting get their answers in order, until the server closes."""
    first, last = good_call(probe), good_call(probe)
    absent = probe.raw_request("GET", ABSENT)
    connection = probe.raw("NET-010")
    requests = (first.request(), absent, last.request())
    connection.send(b"".join(request.content for request in requests), first.request())
    first.require(connection.answer("POST", first.path), "NET-010")
    second = connection.answer("GET", absent.path)
    third = connection.answer("POST", last.path) if second is not None else None
    if second is not None:
        require_equal(second.status, 404, "NET-010", "the status of the second answer")
    if third is not None:
        last.require(third, "NET-010")
    require_alive(probe, "NET-010")


@check("NET-010", needs=("hold", "release", "echo_text"))
def check_a_quick_answer_waits_for_the_slow_one_before_it(probe: Probe) -> None:
    """A pipelined request overtakes none that was sent before it, however long that takes."""
    gate, call = probe.gate(), good_call(probe)
    body = b'{"data": ["%s"]}' % gate.key.encode()
    slow = probe.raw_request(
        "POST", "/run/hold", headers=(("Content-Type", "application/json"),), body=body
    )
    connection = probe.raw("NET-010")
    connection.send(slow.content + call.request().content, slow)
    gate.wait_journal("start", 1, "NET-010", "the start of the first function")
    gate.release()
    first = connection.answer("POST", slow.path)
    if first is None:
        raise NonConformance("NET-010", "an answer to the first request", "the end")
    told = json_object(first.require_status("NET-010", 200), "NET-010").get("data")
    require_equal(told, [gate.key], "NET-010", "the first answer")
    second = connection.answer("POST", call.path)
    if second is not None:
        call.require(second, "NET-010")


@check("NET-011")
def check_a_body_may_come_in_chunks(probe: Probe) -> None:
    """A chunked body is the same body, with extensions and trailers or without."""
    call = good_call(probe)
    single = [call.body[place : place + 1] for place in range(len(call.body))]
    ways: tuple[bytes, ...] = (
        in_chunks([call.body]),
        in_chunks(single),
        in_chunks([*single[:3], call.body[3:]], extension=b";a=b", trailer=b"X-More: 1\r\n"),
    )
    for way in ways:
        connection = probe.raw("NET-011")
        request = call.request(CHUNKED, body=way, sized=False)
        connection.send(request.content, call.request())
        reply = connection.answer("POST", call.path)
        if reply is None or reply.status != LENGTH_REQUIRED:
            call.require(reply, "NET-011")
    require_alive(probe, "NET-011")


@check("NET-023")
def check_a_client_may_wait_to_be_told_to_continue(probe: Probe) -> None:
    """Who sends Expect: 100-continue is told to, or gets a final answer."""
    call = good_call(probe)
    request = call.request(("Expect", "100-continue"))
    connection = probe.raw("NET-023")
    connection.send(request.head, request)
    told = connection.read()
    require(told.startswith(b"HTTP/1."), "NET-023", "a status line", told[:80].decode("latin-1"))
    status = told.split(b" ", 2)[1][:3]
    if status == b"100":
        connection.send(request.body)
        call.require(connection.answer("POST", call.path), "NET-023")
        return
    refused = status[:1] == b"4"
    require(refused, "NET-023", "100, or a refusal", told[:80].decode("latin-1"))


def _broken(call: GoodCall) -> dict[str, bytes]:
    """Requests whose framing is wrong, each with a whole request behind it."""
    good = call.request()
    size = b"Content-Length: %d" % len(call.body)
    chunked = call.request(CHUNKED, body=b"zz\r\n{}\r\n0\r\n\r\n", sized=False)
    return {
        "a chunk without a size": chunked.content,
        "a length below zero": good.content.replace(size, b"Content-Length: -1"),
        "a length that is no number": good.content.replace(size, b"Content-Length: ten"),
        "two different lengths": good.content.replace(size, size + b"\r\nContent-Length: 1"),
        "a space before the colon": good.content.replace(b"Content-Length:", b"Content-Length :"),
        "no Host": good.content.replace(b"Host:", b"X-Host:"),
        "two Hosts": good.content.replace(b"Host:", b"Host: other.example\r\nHost:"),
        "an unknown transfer coding": good.content.replace(size, b"Transfer-Encoding: zip"),
        "no HTTP at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100,
    }


@check("NET-012")
def check_what_is_no_request_is_refused(probe: Probe) -> None:
    """Broken framing is refused, the connection closed, and nothing behind it is read."""
    for what in _broken(good_call(probe)):
        call = good_call(probe)
        connection = probe.raw("NET-012")
        connection.send(_broken(call)[what] + call.request().content)
        reply = connection.answer("POST", call.path)
        require_refused_or_closed(reply, "NET-012", what)
        if reply is not None:
            behind = connection.until_closed()
            actual = behind[:80].decode("latin-1")
            require(not behind, "NET-012", f"the end of the connection after {what}", actual)
    require_alive(probe, "NET-012")


@check("NET-022")
def check_a_body_with_two_lengths_ends_the_connection(probe: Probe) -> None:
    """A request with a length and chunks is refused, or answered and the connection closed."""
    call, behind = good_call(probe), good_call(probe)
    size = ("Content-Length", "1")
    request = call.request(size, CHUNKED, body=in_chunks([call.body]), sized=False)
    connection = probe.raw("NET-022")
    connection.send(request.content + behind.request().content)
    reply = connection.answer("POST", call.path)
    if reply is not None and reply.status == 200:
        call.require(reply, "NET-022")
    else:
        require_refused_or_closed(reply, "NET-022", "two lengths")
    more = connection.answer("POST", behind.path) if reply is not None else None
    actual = more.describe() if more is not None else "nothing"
    require(more is None, "NET-022", "the end of the connection after the first answer", actual)
    require_alive(probe, "NET-022")


@check("NET-013")
def check_a_half_closed_connection_gets_its_answer(probe: Probe) -> None:
    """A client that ends its own side after the request gets the answer all the same."""
    if probe.target.base_url.startswith("https:"):
        raise NotApplicable("TLS has no half-closed connections")
    call = good_call(probe)
    for _ in range(HALF_CLOSES):
        connection = probe.raw("NET-013")
        connection.send(call.request().content, call.request())
        connection.half_close()
        call.require(connection.answer("POST", call.path), "NET-013")


@check("NET-013", needs=("hold", "release"))
def check_an_answer_that_takes_its_time_reaches_a_half_closed_connection(probe: Probe) -> None:
    """The answer comes also when the function has not ended before the client's side has."""
    if probe.target.base_url.startswith("https:"):
        raise NotApplicable("TLS has no half-closed connections")
    gate = probe.gate()
    body = json.dumps({"data": [gate.key]}).encode()
    request = probe.raw_request("POST", "/run/hold", headers=(JSON,), body=body)
    connection = probe.raw("NET-013")
    connection.send(request.content, request)
    gate.wait_journal("start", 1, "RUN-001", "the function to begin")
    connection.half_close()
    barrier(probe, "NET-013")
    gate.release()
    reply = connection.answer("POST", "/run/hold")
    if reply is None:
        raise NonConformance("NET-013", "an answer to POST /run/hold", "the connection was closed")
    require_equal(taken(probe, reply, "NET-013").get("data"), [gate.key], "NET-013", "its data")


def _require_app_id(probe: Probe) -> None:
    """Demand an answer that only this server can know, so that what it refuses means something."""
    reply = probe.request("GET", "/app_id").require_status("DISC-022", 200)
    told = json_object(reply, "DISC-022").get("app_id")
    require_equal(told, probe.target.config.get("app_id"), "DISC-022", "the app_id in /config")


@check("NET-014")
def check_head_has_no_body(probe: Probe) -> None:
    """The answer to HEAD ends with its head, whatever its status is."""
    _require_app_id(probe)
    for path in ("/app_id", "/info", ABSENT):
        request = probe.raw_request("HEAD", path, headers=(CLOSE,))
        connection = probe.raw("NET-014")
        connection.send(request.content, request)
        reply = connection.answer("HEAD", path)
        if reply is None:
            raise NonConformance("NET-014", f"an answer to HEAD {path}", "the end")
        require(reply.status < 500, "NET-014", f"no 5xx for HEAD {path}", reply.describe())
        body = connection.until_closed()
        require(not body, "NET-014", f"no body for HEAD {path}", body[:80].decode("latin-1"))


@check("NET-015", "DISC-025")
def check_a_refused_method_names_the_allowed_ones(probe: Probe) -> None:
    """A 405 has an Allow header with the methods of the route."""
    _require_app_id(probe)
    for method in ("DELETE", "PUT"):
        reply = probe.request(method, "/app_id").require_status("DISC-025", 405)
        allowed = [item.strip() for item in reply.headers.get("allow", "").split(",")]
        require("GET" in allowed, "NET-015", "GET in the header Allow", dict(reply.headers))


@check("NET-004")
def check_unknown_methods_are_the_clients_fault(probe: Probe) -> None:
    """A method that no route has is refused with a 4xx or 501."""
    call = good_call(probe)
    for method in ("BREW", "TRACE", "PATCH"):
        reply = probe.request(method, call.path, content=call.body)
        require_refused_or_closed(reply, "NET-004", f"the method {method}")
    require_alive(probe, "NET-004")


@check("NET-016")
def check_a_target_may_be_a_whole_url(probe: Probe) -> None:
    """A request for the absolute URL of a route is one for the route."""
    _require_app_id(probe)
    whole = probe.target.base_url + probe.target.prefix + "/app_id"
    request = probe.raw_request("GET", "/app_id", headers=(CLOSE,), target=whole)
    connection = probe.raw("NET-016")
    connection.send(request.content, request)
    reply = connection.answer("GET", request.path)
    if reply is None:
        raise NonConformance("NET-016", f"an answer to GET {whole}", "the end of the connection")
    told = json_object(reply.require_status("NET-016", 200), "NET-016").get("app_id")
    require_equal(told, probe.target.config.get("app_id"), "NET-016", f"the answer to GET {whole}")


@check("NET-017")
def check_percent_encoded_letters_are_letters(probe: Probe) -> None:
    """An encoded letter in the name of an endpoint is that letter."""
    call = good_call(probe)
    encoded = "".join(f"%{byte:02{form}}" for byte in call.name.encode() for form in "X")
    for name in (encoded, encoded.lower()):
        reply = probe.request(
            "POST", f"/run/{name}", content=call.body, headers={"content-type": "application/json"}
        )
        call.require(reply, "NET-017")


@check("NET-004")
def check_no_percent_encoding_is_the_servers_fault(probe: Probe) -> None:
    """Encodings that mean nothing, or no text, in a path or a query give no 5xx."""
    paths = ("/%zz", "/%", "/%FF", "/%00", "/%2e%2e%2f%2e%2e%2fetc", f"/{'%41' * 3000}")
    queries = ("%zz=%", "a=%FF%FE", "%00", "=&&=", "a[]=1&a[]=2")
    for path in (*paths, *(f"/info?{query}" for query in queries)):
        request = probe.raw_request("GET", path, headers=(CLOSE,))
        connection = probe.raw("NET-004")
        connection.send(request.content, request)
        reply = connection.answer("GET", path)
        if reply is None:
            raise NonConformance("NET-004", f"an answer to GET {path[:60]}", "the end")
        expected = f"no 5xx for GET {path[:60]}"
        require(reply.status < 500, "NET-004", expected, reply.describe())
    require_alive(probe, "NET-004")


def _oversized(probe: Probe) -> dict[str, RawRequest]:
    ask: Callable[..., RawRequest] = probe.raw_request
    many = tuple((f"X-{number}", "1") for number in range(HUGE_HEAD // 100))
    return {
        "one header": ask("GET", "/info", headers=(("X-Long", "a" * HUGE_HEAD),)),
        "many headers": ask("GET", "/info", headers=many),
        "a target": ask("GET", f"/info?{'a' * HUGE_HEAD}"),
        "a method": ask("A" * HUGE_HEAD, "/info"),
    }


@check("NET-019")
def check_an_oversized_head_is_refused(probe: Probe) -> None:
    """A head that is too large gives a 4xx or the end of the connection, and nothing waits."""
    for what, request in _oversized(probe).items():
        connection = probe.raw("NET-019")
        connection.send(request.content)
        reply: Reply | None = connection.answer("GET", "/info")
        if reply is None or reply.status != 200:
            require_refused_or_closed(reply, "NET-019", f"{what} of {HUGE_HEAD} bytes")
        connection.close()
    _require_app_id(probe)


@check("NET-020")
def check_a_request_line_may_be_long(probe: Probe) -> None:
    """A request line of 8,000 octets is read."""
    bare = len("GET /info? HTTP/1.1") + len(probe.target.prefix)
    path = f"/info?{'a' * (LINE - bare)}"
    probe.request("GET", path).require_status("NET-020", 200)
    _require_app_id(probe)


@check("NET-021")
def check_unfinished_requests_hold_nobody_up(probe: Probe) -> None:
    """While many clients stop in the middle of a request, others are answered."""
    call = good_call(probe)
    content = call.request().content
    body_at = len(call.request().head)
    places = (1, body_at // 2, body_at, len(content) - 1)
    open_ones = []
    for number in range(UNFINISHED):
        connection = probe.raw("NET-021")
        connection.send(content[: places[number % len(places)]])
        open_ones.append(connection)
    require_alive(probe, "NET-021")
    last = open_ones[-1]
    last.send(content[places[(UNFINISHED - 1) % len(places)] :])
    call.require(last.answer("POST", call.path), "NET-021")
    for connection in open_ones:
        connection.close()
    require_alive(probe, "NET-021")
