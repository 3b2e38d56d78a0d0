"""A trace as a sequence diagram: a pure function from trace entries to an SVG string.

Life lines from left to right: the client, one for each session or call stream, the server. Each
message is an arrow between its stream and the server; where its event has another state afterwards,
the state stands beyond the server. Colours are attributes that a page's CSS may override by class.
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
from gradio_conformance.reporting.trace import Fold
from gradio_conformance.reporting.trace import Gap
from gradio_conformance.reporting.trace import Step
from gradio_conformance.reporting.trace import event_labels
from gradio_conformance.reporting.trace import fold
from gradio_conformance.reporting.trace import steps
from gradio_conformance.reporting.words import counted
from gradio_conformance.reporting.words import milliseconds
from gradio_conformance.reporting.words import one_line

SENT = "→"
PLAIN = "http"  # the lane of requests that belong to no stream: the client's own life line
MAX_STREAMS = 6
PALETTE = 6  # as many colours of events as report.css has

HEAD = 58
ROW, BROKEN_ROW, GAP_ROW, PAUSE_ROW = 34, 52, 32, 22
GUTTER = 74
FIRST = GUTTER + 40
APART = 112
SPAN = 370
STATE = 196
CHAR = 7.25  # one character of the 12 px monospaced face
PAUSE_MS = 1000.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where everything stands: x of each lane's life line, of the server, and the whole size."""

    lanes: Mapping[str, float]
    heads: Sequence[tuple[float, str, str]]
    server: float
    width: float


def sequence_svg(
    trace: Sequence[TraceEntry], *, ident: str, title: str, how: Fold = ROOMY
) -> str:
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
        height = BROKEN_ROW if row.entry.violation else ROW
        body += _step(row, y, height, place)
        y, before = y + height, row.entry.at_ms
    return "\n".join(_frame(body, y + 14, place, ident, title, _describe(trace)))


def _place(entries: Sequence[TraceEntry]) -> Place:
    names = [name for name in dict.fromkeys(e.lane for e in entries) if name != PLAIN]
    broken = {e.lane for e in entries if e.violation}
    chosen = sorted(names, key=lambda name: name not in broken)[:MAX_STREAMS]
    kept = [name for name in names if name in chosen]
    heads: list[tuple[float, str, str]] = [(FIRST, "", "client")]
    lanes = {PLAIN: float(FIRST)}
    for number, name in enumerate(kept, 1):
        lanes[name] = FIRST + number * APART
        kind, short = ("call", name[5:]) if name.startswith("call ") else ("session", name)
        heads.append((lanes[name], kind, short))
    rest = [name for name in names if name not in lanes]
    if rest:
        x = FIRST + (len(kept) + 1) * APART
        lanes |= dict.fromkeys(rest, x)
        heads.append((x, "", f"{len(rest)} more"))
    server = max(lanes.values()) + SPAN
    heads.append((server, "", "server"))
    return Place(lanes, heads, server, server + STATE)


def _frame(
    body: Sequence[str], height: float, place: Place, ident: str, title: str, described: str
) -> Iterator[str]:
    name = escape(ident)
    yield (
        f'<svg class="seq" xmlns="http://www.w3.org/2000/svg" role="img" '
        f'aria-labelledby="{name}-t {name}-d" width="{place.width:g}" height="{height:g}" '
        f'viewBox="0 0 {place.width:g} {height:g}" font-size="12" font-family="monospace">'
    )
    yield f'<title id="{name}-t">{_clean(title)}</title><desc id="{name}-d">{_clean(described)}</desc>'
    for x, _, _ in place.heads:
        yield (
            f'<line class="life" x1="{x:g}" y1="{HEAD - 14}" x2="{x:g}" y2="{height - 4:g}" '
            'stroke="#b8bcc8"/>'
        )
    yield from body
    for x, kind, name in place.heads:
        yield from _head(x, kind, name)
    yield "</svg>"


def _head(x: float, kind: str, name: str) -> Iterator[str]:
    wide = 100
    style = "stream" if kind else "end"
    yield (
        f'<rect class="head {style}" x="{x - wide / 2:g}" y="6" width="{wide}" height="38" rx="8" '
        'fill="#eef0f6" stroke="#b8bcc8"/>'
    )
    if kind:
        yield _text(x, 21, kind, "kind", anchor="middle", size=10)
    baseline = 36 if kind else 29
    yield _text(x, baseline, _cut(name, 13), "name", anchor="middle", full=name)


def _step(step: Step, y: float, height: float, place: Place) -> Iterator[str]:
    entry = step.entry
    broken = " broken" if entry.violation else ""
    x = place.lanes[entry.lane]
    line = y + 24
    yield f'<g class="step{broken}">'
    if broken:
        yield (
            f'<rect class="band" x="0" y="{y + 1:g}" width="{place.width:g}" '
            f'height="{height - 2:g}" rx="6" fill="#fdecec"/>'
        )
    yield _text(GUTTER - 14, line + 4, milliseconds(entry.at_ms), "time", anchor="end", size=11)
    if entry.direction == NOTE:
        yield from _note(entry, x, line, place)
    else:
        yield from _arrow(entry, x, line, place)
    if step.label:
        yield from _event(step.label, x, line)
    if step.change:
        room = int((STATE - 22) / 6.7)
        change = one_line(step.change)
        yield _text(place.server + 14, line + 4, _cut(change, room), "state", size=11, full=change)
    if entry.violation:
        mark = f"◄ breaks {entry.violation}"
        yield _text(place.server + 14, line + 21, mark, "mark", size=12)
    yield "</g>"


def _arrow(entry: TraceEntry, x: float, line: float, place: Place) -> Iterator[str]:
    sent = entry.direction == SENT
    left, right = x + 3, place.server - 2
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
    room = int((place.server - x - 44) / CHAR)
    yield _text(x + 18, y, _cut(shown, room), style, full=shown)


def _event(label: str, x: float, line: float) -> Iterator[str]:
    wide = 12 + 7 * len(label)
    hue = (int(label[1:]) - 1) % PALETTE + 1
    yield (
        f'<rect class="event hue{hue}" x="{x - wide / 2:g}" y="{line - 8:g}" width="{wide}" '
        'height="16" rx="8" fill="#dfe3f4" stroke="#555b6e"/>'
    )
    yield _text(x, line + 4, label, f"event-name hue{hue}", anchor="middle", size=11)


def _gap(gap: Gap, y: float, place: Place) -> Iterator[str]:
    middle = (FIRST + place.server) / 2
    yield (
        f'<g class="gap"><rect x="0" y="{y + 5:g}" width="{place.width:g}" height="{GAP_ROW - 8}" '
        'rx="6" fill="#f1f2f6"/>'
    )
    yield _text(middle, y + 22, f"… {gap.count} more", "more", anchor="middle")
    yield "</g>"


def _pause(passed_ms: float, y: float, place: Place) -> Iterator[str]:
    yield (
        f'<line class="pause" x1="{FIRST:g}" y1="{y + 13:g}" x2="{place.server:g}" '
        f'y2="{y + 13:g}" stroke="#b8bcc8" stroke-dasharray="2 5"/>'
    )
    middle = (FIRST + place.server) / 2
    yield _text(middle, y + 17, f"{passed_ms / 1000:.1f} s pass", "passed", anchor="middle", size=11)


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
