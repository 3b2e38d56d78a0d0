"""Bodies that no client sends by accident: refused with a reason, or run to their end."""

from __future__ import annotations

import json

from gradio_conformance.binding import check
from gradio_conformance.checks.check_join import accept
from gradio_conformance.checks.check_join import good_body
from gradio_conformance.checks.check_join import require_nothing_left
from gradio_conformance.checks.check_net import require_refusal
from gradio_conformance.checks.check_net import require_taken
from gradio_conformance.checks.check_net import routes_of
from gradio_conformance.faults import NonConformance
from gradio_conformance.faults import require
from gradio_conformance.faults import require_equal
from gradio_conformance.hostility import barrier
from gradio_conformance.hostility import good_call
from gradio_conformance.hostility import require_alive
from gradio_conformance.hostility import require_refused_or_closed
from gradio_conformance.inputs import some_endpoint
from gradio_conformance.probe import Probe
from gradio_conformance.raw import CHUNKED
from gradio_conformance.raw import JSON
from gradio_conformance.session import Session

AS_JSON = {"content-type": "application/json"}
OTHER_TYPES = (
    *(None, "", "text/plain", "text/html", "application/x-www-form-urlencoded", "json"),
    *("multipart/form-data", "multipart/form-data; boundary=x", "application/octet-stream"),
    *("application/jsonx", "application/xml", "a" * 4000),
)
DEPTH = 200_000
NO_TEXTS = {
    "open for ever": b"[" * DEPTH,
    "objects open for ever": b'{"a":' * DEPTH,
    "spaces": b" \n" * 50,
    "NULs": b"\x00" * 1000,
    "a raw NUL": b'{"data": ["\x00"]}',
    "single quotes": b"{'data': []}",
}
UTF_16 = '{"data": []}'.encode("utf-16-be")  # valid as UTF-8, and full of NULs
# What an answer cannot quote as it came: JSON has no infinity, UTF-8 no half of a pair.
UNQUOTABLE = (
    b"1e400",
    b"-1e400",
    rb'"\ud800"',
    rb'{"\udfff": 1e400}',
    b'{"a":' * 300 + b"1" + b"}" * 300,
)
# JSON texts that not every library reads, or writes again.
HARD = {
    "arrays 300 deep": b"[" * 300 + b"]" * 300,
    "objects 900 deep": b'{"a":' * 900 + b"1" + b"}" * 900,
    "arrays 100,000 deep": b"[" * 100_000 + b"]" * 100_000,
    "beyond double": b"1e400",
    "nearly nothing": b"1e-400",
    "4000 digits": b"9" * 4000,
    "100,000 digits": b"9" * 100_000,
    "half a surrogate pair": rb'"\ud800"',
    "half a pair as a key": rb'{"\udfff": 1}',
    "an escaped NUL": rb'"\u0000"',
    "the same key twice": b'{"a": 1, "a": 2}',
    "names of Python and JavaScript": b'{"__proto__": {"x": 1}, "__class__": 1}',
    "what frames an event": rb'"\n\ndata: {}\r\r"',
    "many members": b"{" + b",".join(b'"%d":0' % n for n in range(20_000)) + b"}",
}
LARGE = 8_000_000
TERABYTE = 10**12
BROKEN_OFF = 20


@check("JOIN-009")
def check_other_media_types_are_not_queued(probe: Probe) -> None:
    """A join whose content type is missing or anything but JSON is refused and leaves nothing."""
    session = probe.session()
    body = good_body(probe, session)
    content = json.dumps(body).encode()
    for kind in OTHER_TYPES:
        headers = {} if kind is None else {"content-type": kind}
        reply = session.post_join(None, content=content, headers=headers)
        reply.require_client_error("JOIN-009")
    require_nothing_left(probe, session)
    for kind in ("application/json;charset=utf-8", "Application/JSON"):
        twin = probe.session()
        whole = json.dumps(good_body(probe, twin)).encode()
        reply = twin.post_join(None, content=whole, headers={"content-type": kind})
        reply.require_status("JOIN-001", 200)
        twin.adopt(reply, body["fn_index"])
        twin.open()
        twin.until_closed()


@check("JOIN-027")
def check_other_encodings_are_refused(probe: Probe) -> None:
    """A join in UTF-16 or UTF-32 is not UTF-8: it is refused and leaves nothing behind."""
    session = probe.session()
    body = good_body(probe, session)
    for encoding in ("utf-16", "utf-32"):
        content = json.dumps(body).encode(encoding)
        reply = session.post_join(None, content=content, headers=AS_JSON)
        reply.require_client_error("JOIN-027")
    require_nothing_left(probe, session)
    accept(session, body, "JOIN-001")


@check("JOIN-007")
def check_no_text_is_too_strange_to_be_refused(probe: Probe) -> None:
    """Text that cannot be JSON gives 422 with an array as detail, however deep or odd it is."""
    for what, content in {**NO_TEXTS, "UTF-16": UTF_16}.items():
        reply = probe.request("POST", "/queue/join", content=content, headers=AS_JSON)
        reply.require_status("JOIN-007", 422)
        detail = reply.json("JOIN-007")
        array = isinstance(detail, dict) and isinstance(detail.get("detail"), list)
        require(array, "JOIN-007", f"an array as detail for {what}", detail)
    session = probe.session()
    accept(session, good_body(probe, session), "JOIN-001")


@check("NET-008", "NET-004")
def check_no_text_is_too_strange_for_a_call(probe: Probe) -> None:
    """Calls refuse text that cannot be JSON, however deep or odd it is, with a 4xx in JSON."""
    for route in routes_of(probe):
        name = require_taken(probe, route)
        for content in NO_TEXTS.values():
            path = f"/{route}/{name}"
            require_refusal(probe, probe.request("POST", path, content=content, headers=AS_JSON))


@check("NET-004")
def check_wrong_members_are_told_whatever_they_are(probe: Probe) -> None:
    """A member of the wrong type gives a 4xx in JSON, also if no answer could quote it."""
    name = some_endpoint(probe.target).name
    for value in UNQUOTABLE:
        for path in (f"/run/{name}", f"/call/{name}"):
            body = b'{"data": %s}' % value
            require_refusal(probe, probe.request("POST", path, content=body, headers=AS_JSON))
    require_alive(probe, "NET-004")


@check("JOIN-008", "JOIN-016")
def check_wrong_data_are_told_whatever_they_are(probe: Probe) -> None:
    """A join whose data is no array gives 422, also if no answer could quote it."""
    session = probe.session()
    good = good_body(probe, session)
    for value in UNQUOTABLE:
        rest = json.dumps({k: v for k, v in good.items() if k != "data"}).encode()
        content = b'{"data": %s, ' % value + rest[1:]
        reply = session.post_join(None, content=content, headers=AS_JSON)
        reply.require_status("JOIN-008", 422).require_client_error("JOIN-008")
    require_nothing_left(probe, session)
    accept(session, good, "JOIN-001")


@check("CANCEL-002")
def check_truth_is_no_number_of_a_function(probe: Probe) -> None:
    """A cancel whose fn_index is true or false gives 422; a number gives 200."""
    ids = {"session_hash": "nobody", "event_id": "0"}
    probe.cancel(fn_index=1, **ids).require_status("CANCEL-001", 200)
    for truth in (True, False):
        reply = probe.cancel(fn_index=truth, **ids)
        reply.require_status("CANCEL-002", 422).require_client_error("CANCEL-002")


@check("NET-004")
def check_an_empty_session_of_a_call_is_no_5xx(probe: Probe) -> None:
    """A call whose session_hash is empty is taken or refused, and no 5xx."""
    endpoint = some_endpoint(probe.target)
    reply = probe.call(endpoint.name, endpoint.sample, session_hash="")
    require(reply.status < 500, "NET-004", "no 5xx for an empty session_hash", reply.describe())


@check("NET-004", needs=("echo",))
def check_hard_values_are_refused_or_run(probe: Probe) -> None:
    """A value that is hard to read or write is run, or fails, or is refused in JSON."""
    for value in HARD.values():
        content = b'{"data": [%s]}' % value
        reply = probe.request("POST", "/run/echo", content=content, headers=AS_JSON)
        if reply.status in (200, 500):
            member = "data" if reply.status == 200 else "error"
            body = reply.json("NET-004")
            good = isinstance(body, dict) and member in body
            require(good, "NET-004", f"an object with {member}", reply.describe())
        else:
            require_refusal(probe, reply)
    require_alive(probe, "NET-004")


@check("SSE-025", needs=("echo", "echo_text"))
def check_a_hard_value_fails_alone(probe: Probe) -> None:
    """A value that is hard to write ends its own event; its session and the stream go on."""
    for value in HARD.values():
        session = probe.session()
        _join_content(session, value)
        twin = session.join("echo_text", ["twin"])
        session.open()
        for event in session.events:
            event.completed(clause="SSE-025")
        require_equal(twin.result(clause="SSE-025"), ["twin"], "SSE-025", "result of the other")
        session.until_closed(clause="SSE-025")


def _join_content(session: Session, value: bytes) -> None:
    """Join echo with a value as it is written; the server may refuse it."""
    fn_index = session.probe.target.fn_index("echo")
    rest = (b"%d" % fn_index, json.dumps(session.hash).encode())
    content = b'{"data": [%s], "fn_index": %s, "session_hash": %s}' % (value, *rest)
    reply = session.post_join(None, content=content, headers=AS_JSON)
    if reply.status == 200:
        session.adopt(reply, fn_index)
    else:
        require_refusal(session.probe, reply)


@check("NET-018", needs=("echo",))
def check_a_large_body_is_taken_or_refused(probe: Probe) -> None:
    """A call of several megabytes brings its text back, or is refused without a wait."""
    text = "a" * LARGE
    body = json.dumps({"data": [text]}).encode()
    request = probe.raw_request("POST", "/run/echo", headers=(JSON,), body=body)
    connection = probe.raw("NET-018")
    connection.send(request.content, request)
    reply = connection.answer("POST", "/run/echo")
    if reply is not None and reply.status == 200:
        told = reply.json("NET-018")
        good = isinstance(told, dict) and told.get("data") == [text]
        require(good, "NET-018", "the whole text", f"{len(reply.content)} bytes")
    else:
        require_refused_or_closed(reply, "NET-018", f"a body of {len(body)} bytes")
    require_alive(probe, "NET-018")


@check("NET-018", needs=("echo",))
def check_an_announced_terabyte_holds_nobody_up(probe: Probe) -> None:
    """Who announces a terabyte is refused, or waited for; others are answered meanwhile."""
    call = good_call(probe)
    size = ("Content-Length", str(TERABYTE))
    request = call.request(size, sized=False)
    open_ones = []
    for _ in range(20):
        connection = probe.raw("NET-018")
        connection.send(request.content)
        open_ones.append(connection)
    require_alive(probe, "NET-018")
    for connection in open_ones:
        connection.close()
    require_alive(probe, "NET-018")


@check("JOIN-028")
def check_a_body_that_breaks_off_is_not_queued(probe: Probe) -> None:
    """A join whose connection ends inside the body leaves nothing behind."""
    sessions = [probe.session() for _ in range(BROKEN_OFF)]
    for number, session in enumerate(sessions):
        # Whole as JSON, but not as long as announced: only the framing says that it is cut.
        body = json.dumps(good_body(probe, session)).encode()
        framing, content = (
            (("Content-Length", str(len(body) + 10)), body)
            if number % 2
            else (CHUNKED, b"%x\r\n%s\r\n" % (len(body), body))
        )
        connection = probe.raw("JOIN-028")
        request = probe.raw_request(
            "POST", "/queue/join", headers=(JSON, framing), body=content, sized=False
        )
        connection.send(request.content)
        if number % 3 == 0:
            connection.reset()
        elif number % 3 == 1:
            connection.half_close()
        else:
            connection.close()
    barrier(probe, "JOIN-028")
    for session in sessions:
        stream = session.open()
        stream.until_end(clause="JOIN-028")
        told = [m.get("msg") for m in stream.messages]
        require(stream.knows_no_session, "JOIN-028", "that the session is unknown", told)
    twin = probe.session()
    accept(twin, good_body(probe, twin), "JOIN-001")
    if twin.is_over and not twin.events:
        raise NonConformance("JOIN-028", "the event of the whole join", twin.stream_state)
