"""Progress: what is reported, in which nesting, and to whom."""

from __future__ import annotations

from gradio_conformance.binding import check
from gradio_conformance.faults import require
from gradio_conformance.faults import require_equal
from gradio_conformance.probe import Probe
from gradio_conformance.session import Event
from gradio_conformance.session import Session

UNIT = {"index", "length", "unit", "progress", "desc"}


@check("EVT-024", "EVT-035", needs=("progress", "release"))
def check_reports_that_stay_are_delivered(probe: Probe) -> None:
    """Each report that is held by a gate arrives, with exactly the members of a unit."""
    gate = probe.gate()
    session = probe.session()
    event = session.join("progress", [gate.key])
    session.open()
    first = _report(probe, event, "outer")
    for unit in first:
        require(set(unit) == UNIT, "EVT-024", f"the members {sorted(UNIT)}", unit)
    wanted = {"index": 1, "length": 4, "unit": "files", "progress": None, "desc": "outer"}
    require_equal(first[0], wanted, "EVT-024", "the first unit")
    gate.release()
    second = _report(probe, event, "half")
    require_equal(second[0]["progress"], 0.5, "EVT-024", "the fraction")
    gate.release()
    require_equal(event.result(), ["done"], "EVT-008", "data")


def _report(probe: Probe, event: Event, desc: str) -> list[dict[str, object]]:
    """Wait for a progress message whose first unit has this description."""

    def found() -> list[list[dict[str, object]]]:
        reports = [m["progress_data"] for m in event.of_kind("progress")]
        return [r for r in reports if isinstance(r, list) and r and r[0].get("desc") == desc]

    probe.wait(
        lambda: bool(found()),
        "EVT-035",
        f"a progress message with desc {desc!r}",
        lambda: event.kinds,
        hopeless=lambda: event.is_completed,
    )
    return found()[0]


@check("EVT-025", needs=("progress_nested", "release"))
def check_nested_progress_is_outermost_first(probe: Probe) -> None:
    """Two nested loops are reported outer before inner."""
    gate = probe.gate()
    session = probe.session()
    event = session.join("progress_nested", [gate.key])
    session.open()

    def nested() -> list[list[str]]:
        reports = [m["progress_data"] for m in event.of_kind("progress")]
        return [[u.get("desc") for u in r] for r in reports if len(r) == 2]

    probe.wait(
        lambda: bool(nested()),
        "EVT-025",
        "a report of two nested loops",
        lambda: [m["progress_data"] for m in event.of_kind("progress")],
        hopeless=lambda: event.is_completed,
    )
    require_equal(nested()[0], ["outer", "inner"], "EVT-025", "descriptions")
    gate.release(4)
    require_equal(event.result(), ["done"], "EVT-008", "data")
    inner = event.of_kind("progress")[-1]["progress_data"]
    require(
        all(set(unit) == UNIT for unit in inner), "EVT-024", f"the members {sorted(UNIT)}", inner
    )


def _both_held(probe: Probe, sessions: list[Session]) -> None:
    """Two runs at once: each must see its own text and never the other's."""
    gates = [probe.gate(), probe.gate()]
    texts = ["first text", "second text"]
    events = []
    for session, gate, text in zip(sessions, gates, texts, strict=True):
        events.append(session.join("hold_logs", [gate.key, text]))
        if not session.streams:
            session.open()
    for event in events:
        event.until("process_starts", clause="QUEUE-004")
        event.until("log", clause="EVT-022")
        event.until("progress", clause="EVT-035")
    for gate in gates:
        gate.release()
    for event, text in zip(events, texts, strict=True):
        require_equal(event.result(), [text], "EVT-008", "data")
        logs = [m["log"] for m in event.of_kind("log")]
        require_equal(logs, [text, text], "EVT-026", "logs of this event")
        units = [m["progress_data"][0]["desc"] for m in event.of_kind("progress")]
        require(set(units) == {text}, "EVT-026", f"progress of {text!r} only", units)


@check("EVT-026", needs=("hold_logs", "release"))
def check_reports_go_to_their_own_event(probe: Probe) -> None:
    """Two events of one session get only their own logs and progress."""
    session = probe.session()
    _both_held(probe, [session, session])


@check("EVT-026", needs=("hold_logs", "release"))
def check_reports_go_to_their_own_session(probe: Probe) -> None:
    """Two sessions get only their own logs and progress."""
    _both_held(probe, [probe.session(), probe.session()])
