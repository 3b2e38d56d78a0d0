"""How the rules of the mutants' catalogue bend what crosses the wire: values, streams, requests
and replies.
"""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Awaitable
from collections.abc import Callable
from typing import Any

import pytest

from gradio_conformance.mutants.rules import bend
from gradio_conformance.mutants.rules import filled
from gradio_conformance.mutants.rules import parse_rule
from gradio_conformance.mutants.streams import Stream
from gradio_conformance.mutants.wire import Wrapper
from gradio_conformance.traffic.asgi import CutError
from gradio_spec import sse

# -- rules ---------------------------------------------------------------------------------------

VALUE = {"a": {"b": [1, 2, 3]}, "x/y": "text", "n": 1, "t": [4, 5]}


@pytest.mark.parametrize(
    ("edits", "wanted"),
    [
        ({"set": {"/a/b/1": 9}}, {**VALUE, "a": {"b": [1, 9, 3]}}),
        ({"set": {"/a/c": "$n"}}, {**VALUE, "a": {"b": [1, 2, 3], "c": 1}}),
        ({"set": {"/gone/deep": 1}}, VALUE),
        ({"set": {"/t/7": 1}}, VALUE),
        ({"set": {"/t/x": 1}}, VALUE),
        ({"delete": ["/a", "/gone"]}, {k: v for k, v in VALUE.items() if k != "a"}),
        ({"delete": ["/x~1y"]}, {k: v for k, v in VALUE.items() if k != "x/y"}),
        ({"rename": {"/a/b": "c"}}, {**VALUE, "a": {"c": [1, 2, 3]}}),
        ({"copy": {"/n": "/a/b/2"}}, {**VALUE, "n": 3}),
        ({"add": {"/n": 2, "/x~1y": 1}}, {**VALUE, "n": 3}),
        ({"wrap": ["/n"]}, {**VALUE, "n": [1]}),
        ({"reverse": ["/t"]}, {**VALUE, "t": [5, 4]}),
        ({"as_text": ["/n"]}, {**VALUE, "n": "1"}),
        ({"set": {"/n": 5}, "wrap": ["/n"]}, {**VALUE, "n": [5]}),
    ],
)
def test_values_are_bent(edits: dict[str, Any], wanted: Any) -> None:
    before = copy.deepcopy(VALUE)
    assert bend(VALUE, edits) == wanted
    assert before == VALUE


def test_templates_take_members_of_the_message() -> None:
    message = {"event_id": "e", "data": [1]}
    assert filled({"id": "$event_id", "all": ["$data", "$gone"]}, message) == {
        "id": "e",
        "all": [[1], None],
    }
    assert filled("$event_id", ["no object"]) is None


# -- streams -------------------------------------------------------------------------------------

CLOSE = "close_stream"
CALM = [
    {"msg": "estimation", "event_id": "e", "rank": 0},
    {"msg": "process_starts", "event_id": "e"},
    {"msg": "log", "event_id": "e", "log": "1"},
    {"msg": "log", "event_id": "f", "log": "2"},
    {"msg": "process_completed", "event_id": "e"},
    {"msg": "close_stream", "event_id": None},
]


def told(stream: Stream, messages: list[Any] = CALM) -> list[str]:
    """The kinds of message that come out, with the text of logs."""
    decoder = sse.Decoder()
    content = b"".join(stream.feed(sse.encode(json.dumps(m))) for m in messages)
    events = decoder.feed(content + stream.finish())
    read = [json.loads(event.data) for event in events]
    return [message.get("log", message["msg"]) for message in read]


def stream_of(**row: Any) -> Stream:
    return Stream([parse_rule({"at": "*", **row})])


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        (
            {"msg": "log", "do": {"drop": True}},
            ["estimation", "process_starts", "process_completed", "close_stream"],
        ),
        (
            {"msg": "log", "nth": 2, "do": {"drop": True}},
            ["estimation", "process_starts", "1", "process_completed", "close_stream"],
        ),
        (
            {
                "msg": "log",
                "where": {"properties": {"event_id": {"const": "e"}}},
                "do": {"drop": True},
            },
            ["estimation", "process_starts", "2", "process_completed", "close_stream"],
        ),
        (
            {"msg": "log", "nth": 1, "do": {"hold": {}}},
            ["estimation", "process_starts", "2", "1", "process_completed", "close_stream"],
        ),
        (
            {"msg": "log", "do": {"hold": {"until": ["process_completed"], "place": "before"}}},
            ["estimation", "process_starts", "1", "2", "process_completed", "close_stream"],
        ),
        (
            {"msg": "log", "do": {"hold": {"until": ["process_completed"], "own": True}}},
            ["estimation", "process_starts", "process_completed", "1", "close_stream", "2"],
        ),
        (
            {"msg": "process_starts", "do": {"repeat": 1}},
            ["estimation", *["process_starts"] * 2, *"12", "process_completed", "close_stream"],
        ),
        (
            {
                "msg": "process_*",
                "do": {"before": {"msg": "log", "log": "b"}, "after": {"msg": "a"}},
            },
            ["estimation", *"b", "process_starts", *"a12b", "process_completed", "a", CLOSE],
        ),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, dict) else "",
)
def test_messages_are_dropped_held_and_added(row: dict[str, Any], wanted: list[str]) -> None:
    assert told(stream_of(**row)) == wanted


def test_nothing_is_sent_after_the_end() -> None:
    stream = stream_of(msg="process_starts", do={"then": "end"})
    assert told(stream) == ["estimation", "process_starts"]
    assert stream.ending == "end"


def test_framing_and_encoding_are_replaced() -> None:
    stream = stream_of(msg="*", do={"raw": ": no\r\ndata: {json}\r\n\r\n", "exchange": {"é": "ê"}})
    out = stream.feed(sse.encode('{"msg":"log","log":"é"}'))
    assert out == ': no\r\ndata: {"msg":"log","log":"ê"}\r\n\r\n'.encode()
    latin = stream_of(msg="*", do={"encoding": "latin-1"})
    assert latin.feed(sse.encode('{"log":"é"}')) == 'data: {"log":"é"}\n\n'.encode("latin-1")


def test_call_streams_are_known_by_their_event_names() -> None:
    stream = stream_of(msg="complete", do={"set": {"/event": "done", "/data/0": 2}})
    out = stream.feed(sse.encode("null", event="heartbeat") + sse.encode("[1]", event="complete"))
    assert out == b"event: heartbeat\ndata: null\n\nevent: done\ndata: [2]\n\n"


def test_bytes_may_come_in_any_pieces() -> None:
    stream, whole = stream_of(msg="log", do={"drop": True}), b""
    content = b"".join(sse.encode(json.dumps(message)) for message in CALM)
    for byte in content:
        whole += stream.feed(bytes([byte]))
    assert whole.count(b"data: ") == 4


# -- the wrapper ---------------------------------------------------------------------------------

App = Callable[[Any, Any, Any], Awaitable[None]]


class Served:
    """What a client of a small ASGI application gets: status, headers, body, how it ended."""

    def __init__(self, app: App, *rules: dict[str, Any]) -> None:
        self.app = Wrapper(app, [parse_rule(rule) for rule in rules])
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""
        self.pieces = 0
        self.over = False

    async def _send(self, message: Any) -> None:
        assert not self.over, "a message after the end"
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {n.decode().lower(): v.decode() for n, v in message["headers"]}
        else:
            self.body += message.get("body", b"")
            self.pieces += 1
            self.over = not message.get("more_body", False)

    def ask(self, method: str, path: str, content: bytes = b"", query: bytes = b"") -> Served:
        waiting = [{"type": "http.request", "body": content, "more_body": False}]

        async def receive() -> Any:
            if waiting:
                return waiting.pop()
            return await asyncio.Future()

        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query,
            "headers": [(b"content-length", str(len(content)).encode())],
        }
        asyncio.run(asyncio.wait_for(self.app(scope, receive, self._send), 10))
        return self


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the request's body, as JSON."""
    message = await receive()
    length = str(len(message["body"])).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", length)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": message["body"]})


async def streaming(scope: Any, receive: Any, send: Any) -> None:
    headers = [(b"content-type", b"text/event-stream")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for message in CALM:
        body = sse.encode(json.dumps(message))
        await send({"type": "http.response.body", "body": body, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


JOIN = {"at": "POST queue/join"}
DATA = {"at": "GET queue/data"}
BODY = b'{"data": [1], "fn_index": 2}'


def test_a_request_without_rule_passes_untouched() -> None:
    served = Served(echo, {**JOIN, "do": {"status": 500}})
    assert served.ask("POST", "/gradio_api/cancel", BODY).body == BODY
    assert served.status == 200


def test_a_rule_answers_instead_of_the_server() -> None:
    rule = {**JOIN, "do": {"answer": {"status": 404, "body": {"detail": "no"}}}}
    served = Served(echo, rule).ask("POST", "/gradio_api/queue/join", BODY)
    assert (served.status, served.body, served.over) == (404, b'{"detail": "no"}', True)


@pytest.mark.parametrize(
    ("when", "status"),
    [
        ({"properties": {"body": {"required": ["fn_index"]}}}, 404),
        ({"properties": {"body": {"required": ["gone"]}}}, 200),
        ({"properties": {"query": {"required": ["all"]}}}, 404),
        ({"properties": {"headers": {"required": ["content-length"]}}}, 404),
        ({"properties": {"text": {"pattern": "fn_index"}}}, 404),
    ],
)
def test_a_rule_looks_at_the_request(when: dict[str, Any], status: int) -> None:
    rule = {**JOIN, "when": when, "do": {"answer": {"status": 404}}}
    served = Served(echo, rule).ask("POST", "/gradio_api/queue/join", BODY, b"all=")
    assert served.status == status


def test_a_body_that_is_no_json_is_null_to_rules() -> None:
    when = {"properties": {"body": {"type": "null"}}}
    for content in (b"{", b"", b"[" * 5000, b"\xff"):
        served = Served(echo, {**JOIN, "when": when, "do": {"answer": {"status": 404}}})
        assert served.ask("POST", "/gradio_api/queue/join", content).status == 404


def test_a_body_that_breaks_off_is_no_request() -> None:
    asked = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        asked.append(scope)

    messages = [
        {"type": "http.disconnect"},
        {"type": "http.request", "body": b'{"data": [1]}', "more_body": True},
    ]

    async def receive() -> Any:
        return messages.pop()

    async def send(message: Any) -> None:
        raise AssertionError(message)

    wrapped = Wrapper(app, [parse_rule({**JOIN, "do": {"status": 201}})])
    scope = {"type": "http", "method": "POST", "path": "/gradio_api/queue/join", "headers": []}
    asyncio.run(wrapped(scope, receive, send))
    assert asked == []


def test_the_request_is_bent_before_the_server_sees_it() -> None:
    served = Served(echo, {**JOIN, "do": {"send": {"delete": ["/fn_index"]}}})
    body = served.ask("POST", "/gradio_api/queue/join", BODY).body
    assert json.loads(body) == {"data": [1]}


def test_a_reply_is_bent() -> None:
    headers = {"x-new": "1", "content-type": None}
    actions = {"set": {"/data": True}, "status": 201, "headers": headers}
    served = Served(echo, {**JOIN, "status": 200, "do": actions}).ask(
        "POST", "/gradio_api/queue/join", BODY
    )
    assert (served.status, json.loads(served.body)["data"]) == (201, True)
    assert served.headers == {"x-new": "1", "content-length": str(len(served.body))}


def test_true_is_told_from_one() -> None:
    served = Served(echo, {**JOIN, "do": {"set": {"/data/0": True}}})
    assert b"[true]" in served.ask("POST", "/gradio_api/queue/join", BODY).body


def test_a_reply_with_another_status_is_left_alone() -> None:
    served = Served(echo, {**JOIN, "status": 422, "do": {"text": "no"}})
    assert served.ask("POST", "/gradio_api/queue/join", BODY).body == BODY


def test_streams_keep_their_messages_and_get_new_headers() -> None:
    rules = [{**DATA, "do": {"headers": {"cache-control": "x"}}}, {**DATA, "do": {"chunk": 5}}]
    served = Served(streaming, *rules).ask("GET", "/gradio_api/queue/data")
    assert served.body == b"".join(sse.encode(json.dumps(m, separators=(",", ":"))) for m in CALM)
    assert served.headers["cache-control"] == "x"
    assert served.pieces > len(served.body) // 5
    assert served.over


def test_a_stream_ends_early() -> None:
    rule = {**DATA, "msg": "process_starts", "do": {"then": "end"}}
    served = Served(streaming, rule).ask("GET", "/gradio_api/queue/data")
    assert served.over
    assert b"process_completed" not in served.body


def test_a_stream_is_cut_without_an_end() -> None:
    served = Served(streaming, {**DATA, "msg": "process_starts", "do": {"then": "cut"}})
    with pytest.raises(CutError):
        served.ask("GET", "/gradio_api/queue/data")
    assert not served.over
    assert b"process_starts" in served.body


def test_a_stream_hangs() -> None:
    served = Served(streaming, {**DATA, "msg": "process_starts", "do": {"then": "hang"}})

    async def ask() -> None:
        scope = {"type": "http", "method": "GET", "path": "/gradio_api/queue/data", "headers": []}
        task = asyncio.create_task(served.app(scope, asyncio.Future, served._send))
        # Nothing in it waits for the world: after so many turns it has ended, or never will.
        for _ in range(100):
            await asyncio.sleep(0)
        assert not task.done()
        task.cancel()

    asyncio.run(ask())
    assert served.body.endswith(b'"process_starts","event_id":"e"}\n\n')
    assert not served.over


def test_what_is_held_to_the_end_is_sent_at_the_end() -> None:
    rule = {**DATA, "msg": "log", "do": {"hold": {"until": ["never"]}}}
    body = Served(streaming, rule).ask("GET", "/gradio_api/queue/data").body
    assert body.index(b"close_stream") < body.index(b'"log":"1"')
