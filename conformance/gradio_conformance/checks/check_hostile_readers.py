"""Readers that are slow, that stop reading, and that are a thousand."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from gradio_conformance.answers import json_object
from gradio_conformance.binding import check
from gradio_conformance.crowd import Crowd
from gradio_conformance.faults import NonConformance
from gradio_conformance.faults import require
from gradio_conformance.faults import require_equal
from gradio_conformance.hostility import require_alive
from gradio_conformance.hostility import silence_breaks
from gradio_conformance.limits import room_for
from gradio_conformance.probe import Probe
from gradio_conformance.raw import AnswerParser
from gradio_conformance.raw import RawConnection
from gradio_conformance.session import Event
from gradio_conformance.session import Session
from gradio_spec import sse

# More than the kernel takes off the server's hands for a reader with so small a buffer.
LARGE = 1_500_000
RESULTS = 8
NARROW = 4096
SLOWLY = 512
THOUSAND = 1000
# Functions that wait for a gate, each with what it takes beside the key, in groups of their own:
# each start is told to everybody who waits in the group, in one group half a million times.
HOLDS: dict[str, list[Any]] = {
    "hold": [],
    "hold_two": [],
    "hold_unlimited": [],
    "hold_shared_wide": [],
    "hold_async": [],
    "hold_logs": ["log"],
    "hold_generator": [1],
}


def _large_results(session: Session) -> list[tuple[Event, str]]:
    """Joins of echo whose results are large and different."""
    texts = [str(number) * LARGE for number in range(RESULTS)]
    return [(session.join("echo", [text]), text) for text in texts]


def _stalled(session: Session, clause: str) -> RawConnection:
    """The stream of a session, whose head has come and whose body nobody reads."""
    connection = session.probe.raw(clause, receive_buffer=NARROW)
    path = f"/queue/data?session_hash={quote(session.hash, safe='')}"
    request = session.probe.raw_request("GET", path, headers=(("Connection", "close"),))
    connection.send(request.content, request)
    return connection


def _read(connection: RawConnection, clause: str) -> AnswerParser:
    """The whole stream: a little at first, then as fast as it comes."""
    parser = AnswerParser("GET")
    for _ in range(20):
        parser.feed(connection.read(SLOWLY))
    while not parser.complete:
        data = connection.read()
        if not data:
            raise NonConformance(clause, "the whole stream", f"{len(parser.content)} bytes of it")
        parser.feed(data)
    return parser


@check("SSE-034", "SSE-035", needs=("echo", "echo_text"))
def check_a_reader_that_pauses_loses_nothing(probe: Probe) -> None:
    """While a reader does not read, others are served; once it reads on, it gets everything."""
    session = probe.session()
    wanted = _large_results(session)
    connection = _stalled(session, "SSE-034")
    with silence_breaks("SSE-035"):
        _require_others_served(probe)
    parser = _read(connection, "SSE-034")
    _require_all(probe, session, parser, wanted)


def _require_others_served(probe: Probe) -> None:
    # The functions of a group start in order: when this one has ended, all before it have.
    other = probe.session()
    event = other.join("echo", ["other"])
    other.open()
    require_equal(event.result(clause="SSE-035"), ["other"], "SSE-035", "the result beside it")
    other.until_closed(clause="SSE-035")
    require_alive(probe, "SSE-035")
    status = probe.request("GET", "/queue/status").require_status("SSE-035", 200)
    json_object(status, "SSE-035")


def _require_all(
    probe: Probe, session: Session, parser: AnswerParser, wanted: list[tuple[Event, str]]
) -> None:
    require_equal(parser.status, 200, "SSE-034", "the status of the stream")
    number = probe.monitor.opened(session.hash)
    results = {}
    last = None
    for item in sse.Decoder().feed(bytes(parser.content)):
        observed = probe.monitor.message(number, item.data)
        probe.record(observed)
        last = observed.message if isinstance(observed.message, dict) else {}
        if last.get("msg") == "process_completed":
            output = last.get("output") or {}
            results[last.get("event_id")] = output.get("data")
    probe.record(probe.monitor.ended(number, "eof"))
    for event, text in wanted:
        good = results.get(event.id) == [text]
        actual = json.dumps(results.get(event.id))[:60]
        require(good, "SSE-034", f"the result of event {event.id} in full", actual)
    closing = "close_stream" if probe.closes_streams else "process_completed"
    require_equal((last or {}).get("msg"), closing, "SSE-034", "the last message")


@check("SSE-036", needs=(*HOLDS, "release"), strain=1)
def check_a_thousand_streams_are_open_at_once(probe: Probe) -> None:
    """A thousand streams are open, others are served meanwhile, and each tells of its own event."""
    room_for(THOUSAND)
    gate = probe.gate()
    calls = [(probe.target.fn_index(name), [gate.key, *more]) for name, more in HOLDS.items()]
    with Crowd(probe, "SSE-036") as crowd:
        crowd.join(THOUSAND, calls)
        crowd.open()
        require_alive(probe, "SSE-036")
        crowd.hear()
        gate.release(THOUSAND)
        crowd.read_to_the_end()
    require_alive(probe, "SSE-036")
