"""What was seen of a client as the time line of the reports: its requests, what it was told, what
it reported. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence

from gradio_conformance.events import TraceEntry
from gradio_conformance.scenarios.reports import Report
from gradio_conformance.traffic.model import AnswerBegan
from gradio_conformance.traffic.model import BodyPiece
from gradio_conformance.traffic.model import ExchangeOver
from gradio_conformance.traffic.model import Observation
from gradio_conformance.traffic.model import RequestSeen
from gradio_spec.rules import brief

LONGEST = 300
MOST_PIECES = 40  # of one answer: a body of single bytes tells nobody anything
CLIENT = "client"
ENDS = {"eof": "end of the body", "cut": "connection cut", "left": "the client left"}


def trace(observations: Sequence[Observation], reports: Sequence[Report]) -> list[TraceEntry]:
    """Requests are the client's (→), answers the server's (←), reports notes (·)."""
    entries = [*_wire(observations), *map(_report, reports)]
    start = min((entry.at_ms for entry in entries), default=0.0)
    entries.sort(key=lambda entry: entry.at_ms)
    return [_from(entry, start) for entry in entries]


def _wire(observations: Sequence[Observation]) -> Iterator[TraceEntry]:
    lanes: dict[int, str] = {}
    pieces: dict[int, int] = {}
    for seen in observations:
        if isinstance(seen, RequestSeen):
            lanes[seen.id] = f"#{seen.id}"
            body = f" {_text(seen.body)}" if seen.body else ""
            yield _entry(seen, lanes, "→", f"{seen.method} {seen.target}{body}")
        elif isinstance(seen, AnswerBegan):
            yield _entry(seen, lanes, "←", str(seen.status))
        elif isinstance(seen, BodyPiece):
            pieces[seen.id] = pieces.get(seen.id, 0) + 1
            if pieces[seen.id] <= MOST_PIECES:
                yield _entry(seen, lanes, "←", _text(seen.data))
        elif seen.how in ENDS:
            yield _entry(seen, lanes, "→" if seen.how == "left" else "←", ENDS[seen.how])


def _entry(
    seen: Observation | ExchangeOver, lanes: dict[int, str], way: str, text: str
) -> TraceEntry:
    return TraceEntry(seen.at * 1000, way, lanes.get(seen.id, CLIENT), text)


def _report(report: Report) -> TraceEntry:
    return TraceEntry(report.at * 1000, "·", CLIENT, f"reports {_text(brief(report.body))}")


def _text(data: bytes | str) -> str:
    text = data.decode("utf-8", "replace") if isinstance(data, bytes) else data
    text = text.strip()
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _from(entry: TraceEntry, start: float) -> TraceEntry:
    return TraceEntry(entry.at_ms - start, entry.direction, entry.lane, entry.summary)
