"""A trace as a sequence diagram: a pure function from trace entries to an SVG string.

Life lines from left to right: under the client one for its plain requests and one for each session
or call stream, then the server. Each message is an arrow; where its event has another state
afterwards, the state stands beyond the server. Colours are attributes that CSS may override by
class.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from gradio_conformance.events import TraceEntry
from gradio_conformance.reporting.trace import NOTE
from gradio_conformance.reporting.trace import ROOMY
from gradio_conformance.reporting.trace import SENT
from gradio_conformance.reporting.trace import Fold
from gradio_conformance.reporting.trace import Gap
from gradio_conformance.reporting.trace import Step
from gradio_conformance.reporting.trace import event_labels
from gradio_conformance.reporting.trace import fold
from gradio_conformance.reporting.trace import steps
from gradio_conformance.reporting.words import counted
from gradio_conformance.reporting.words import milliseconds
from gradio_conformance.reporting.words import one_line

PLAIN = "http"  # the lane of requests that belong to no stream
MAX_LANES = 6
PALETTE = 6  # as many colours of events as report.css has

TOP, HEAD = 6, 84
ROW, MARK_ROW, GAP_ROW, PAUSE_ROW = 34, 52, 32, 22
BOX, APART = 112, 122
FIRST = 136  # x of the first life line; the times stand before it
STATE = 190  # the states stand after the server
NARROW, WIDE, PAGE = 370, 600, 1056  # between the last lane and the server; the whole, if it can be
CHAR = 7.25  # one character of the 12 px monospaced face
PAUSE_MS = 1000.0


@dataclass(frozen=True, slots=True)
class Head:
    """The box on top of a life line."""

    x: float
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where everything stands: x of each lane's life line and of the server, and the whole
    width.
    """

    lanes: Mapping[str, float]
    heads: Sequence[Head]
    server: float
    width: float


def sequence_svg(trace: Sequence[TraceEntry], *, ident: str, title: str, how: Fold = ROOMY) -> str:
    """The diagram of a trace. ``ident`` must be unique in the page; all text is escaped."""
    labels = event_labels(trace)
    rows = fold(steps(trace, labels), how)
    place = _place([row.entry for row in rows if isinstance(row, Step)])
    body: list[str] = []
    y = float(HEAD)
    before: float | None = None
    for row in rows:
        if isinstance(row, Gap):
            body += _gap(row, y, place)
            y, before = y + GAP_ROW, None
            continue
        if before is not None and row.entry.at_ms - before >= PAUSE_MS:
            body += _pause(row.entry.at_ms - before, y, place)
            y += PAUSE_ROW
        height = MARK_ROW if row.entry.violation and row.change else ROW
        body += _step(row, y, height, place)
        y, before = y + height, row.entry.at_ms
    return "\n".join(_frame(body, y + 14, place, ident, title, _describe(trace)))


def _place(entries: Sequence[TraceEntry]) -> Place:
    names = list(dict.fromkeys(e.lane for e in entries))
    if PLAIN in names:
        names = [PLAIN, *(name for name in names if name != PLAIN)]
    broken = {e.lane for e in entries if e.violation}
    chosen = sorted(names, key=lambda name: name not in broken and name != PLAIN)[:MAX_LANES]
    kept = [name for name in names if name in chosen]
    heads = [Head(FIRST + n * APART, *_title(name)) for n, name in enumerate(kept)]
    lanes = {name: head.x for name, head in zip(kept, heads, strict=True)}
    rest = [name for name in names if name not in lanes]
    if rest:
        x = float(FIRST + len(kept) * APART)
        lanes |= dict.fromkeys(rest, x)
        heads.append(Head(x, "", f"{len(rest)} more"))
    last = max((head.x for head in heads), default=FIRST)
    server = last + min(max(PAGE - STATE - last, NARROW), WIDE)
    return Place(lanes, heads, server, server + STATE)


def _title(lane: str) -> tuple[str, str]:
    if lane == PLAIN:
        return "", "requests"
    return ("call", lane[5:]) if lane.startswith("call ") else ("session", lane)


def _frame(
    body: Sequence[str], height: float, place: Place, ident: str, title: str, described: str
) -> Iterator[str]:
    name = escape(ident)
    yield (
        f'<svg class="seq" xmlns="http://www.w3.org/2000/svg" role="img" '
        f'aria-labelledby="{name}-t {name}-d" width="{place.width:g}" height="{height:g}" '
        f'viewBox="0 0 {place.width:g} {height:g}" font-size="12" font-family="monospace">'
    )
    yield f'<title id="{name}-t">{_clean(title)}</title>'
    yield f'<desc id="{name}-d">{_clean(described)}</desc>'
    for x in (*(head.x for head in place.heads), place.server):
        yield (
            f'<line class="life" x1="{x:g}" y1="{HEAD - 14}" x2="{x:g}" y2="{height - 4:g}" '
            'stroke="#b8bcc8"/>'
        )
    yield from body
    left = min((head.x for head in place.heads), default=FIRST) - BOX / 2
    right = max((head.x for head in place.heads), default=FIRST) + BOX / 2
    yield _box(left, TOP, right - left, 24, "party")
    yield _text((left + right) / 2, TOP + 16, "client", "name", anchor="middle")
    for head in place.heads:
        yield from _head(head)
    yield _box(place.server - BOX / 2, TOP, BOX, HEAD - 14 - TOP, "party")
    yield _text(place.server, TOP + 36, "server", "name", anchor="middle")
    yield "</svg>"


def _head(head: Head) -> Iterator[str]:
    yield _box(head.x - BOX / 2, TOP + 28, BOX, 36, "lane")
    if head.kind:
        yield _text(head.x, TOP + 42, head.kind, "kind", anchor="middle", size=10)
    y = TOP + (57 if head.kind else 50)
    yield _text(head.x, y, _cut(head.name, 15), "name", anchor="middle", size=11, full=head.name)


def _box(x: float, y: float, width: float, height: float, style: str) -> str:
    return (
        f'<rect class="head {style}" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" '
        'rx="7" fill="#eef0f6" stroke="#b8bcc8"/>'
    )


def _step(step: Step, y: float, height: float, place: Place) -> Iterator[str]:
    entry = step.entry
    broken = " broken" if entry.violation else ""
    x = place.lanes[entry.lane]
    line = y + (18 if entry.direction == NOTE else 24)
    yield f'<g class="step{broken}">'
    if broken:
        yield (
            f'<rect class="band" x="0" y="{y + 1:g}" width="{place.width:g}" '
            f'height="{height - 2:g}" rx="6" fill="#fdecec"/>'
        )
    time = milliseconds(entry.at_ms)
    yield _text(FIRST - BOX / 2 - 8, line + 4, time, "time", anchor="end", size=11)
    if entry.direction == NOTE:
        yield from _note(entry, x, line, place)
    else:
        yield from _arrow(step, x, line, place)
    if step.label:
        yield from _event(step.label, x, line)
    if step.change:
        room = int((STATE - 22) / 6.7)
        change = one_line(step.change)
        yield _text(place.server + 14, line + 4, _cut(change, room), "state", size=11, full=change)
    if entry.violation:
        mark = f"◄ breaks {entry.violation}"
        below = 21 if step.change else 4
        yield _text(place.server + 14, line + below, mark, "mark")
    yield "</g>"


def _arrow(step: Step, x: float, line: float, place: Place) -> Iterator[str]:
    entry, sent = step.entry, step.entry.direction == SENT
    left, right = x + 2 + (_pill(step.label) / 2 if step.label else 0), place.server - 2
    way = "sent" if sent else "received"
    tip = f"M{right:g} {line:g}l-9 -4.5v9z" if sent else f"M{left + 1:g} {line:g}l9 -4.5v9z"
    yield (
        f'<line class="wire {way}" x1="{left:g}" y1="{line:g}" x2="{right:g}" y2="{line:g}" '
        f'stroke="#555b6e"/><path class="tip {way}" d="{tip}" fill="#555b6e"/>'
    )
    yield from _label(entry.summary, x, line - 6, place)


def _note(entry: TraceEntry, x: float, line: float, place: Place) -> Iterator[str]:
    yield (
        f'<path class="note" d="M{x:g} {line - 5:g}l5 5l-5 5l-5 -5z" fill="#fff" stroke="#555b6e"/>'
    )
    yield from _label(entry.summary, x, line + 4, place, "label said")


def _label(text: str, x: float, y: float, place: Place, style: str = "label") -> Iterator[str]:
    shown = one_line(text)
    room = int((place.server - x - 40) / CHAR)
    yield _text(x + 26, y, _cut(shown, room), style, full=shown)


def _event(label: str, x: float, line: float) -> Iterator[str]:
    wide = _pill(label)
    hue = (int(label[1:]) - 1) % PALETTE + 1
    yield (
        f'<rect class="event hue{hue}" x="{x - wide / 2:g}" y="{line - 8:g}" width="{wide}" '
        'height="16" rx="8" fill="#dfe3f4" stroke="#555b6e"/>'
    )
    yield _text(x, line + 4, label, f"event-name hue{hue}", anchor="middle", size=11)


def _pill(label: str) -> int:
    return 12 + 7 * len(label)


def _gap(gap: Gap, y: float, place: Place) -> Iterator[str]:
    middle = (FIRST + place.server) / 2
    yield (
        f'<g class="gap"><rect x="0" y="{y + 5:g}" width="{place.width:g}" height="{GAP_ROW - 8}" '
        'rx="6" fill="#f1f2f6"/>'
    )
    yield _text(middle, y + 22, f"… {gap.count} {gap.what}", "more", anchor="middle")
    yield "</g>"


def _pause(passed_ms: float, y: float, place: Place) -> Iterator[str]:
    yield (
        f'<line class="pause" x1="{FIRST:g}" y1="{y + 13:g}" x2="{place.server:g}" '
        f'y2="{y + 13:g}" stroke="#b8bcc8" stroke-dasharray="2 5"/>'
    )
    middle = (FIRST + place.server) / 2
    yield _text(
        middle, y + 17, f"{passed_ms / 1000:.1f} s pass", "passed", anchor="middle", size=11
    )


def _describe(trace: Sequence[TraceEntry]) -> str:
    broken = [f"{e.violation} at {milliseconds(e.at_ms)}" for e in trace if e.violation]
    ends = f"; broken: {', '.join(broken)}" if broken else ""
    return f"{counted(len(trace), 'message')} between client and server{ends}"


def _text(
    x: float,
    y: float,
    text: str,
    style: str,
    *,
    anchor: str = "start",
    size: int = 12,
    full: str | None = None,
) -> str:
    tip = f"<title>{_clean(full)}</title>" if full is not None and full != text else ""
    return (
        f'<text class="{style}" x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-size="{size}" '
        f'fill="#222738">{tip}{_clean(text)}</text>'
    )


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: max(room - 1, 1)] + "…"


def _clean(text: str) -> str:
    return escape(one_line(text))
