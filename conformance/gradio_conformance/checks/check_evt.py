"""The messages of one event: order, members, results, failures, logs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import given

from gradio_conformance.binding import check
from gradio_conformance.faults import require
from gradio_conformance.faults import require_equal
from gradio_conformance.probe import Probe
from gradio_conformance.session import Event
from gradio_conformance.session import Session
from gradio_conformance.values import json_values

FAILING = (("fail", ["told"]), ("fail_user", ["told", "Too bad"]))
LEVELS = ("info", "warning", "success", "info")  # of the four logs; a version may lack one
LOG = "messages#/$defs/Log/properties"
FAILING_LATER = (("fail_after", [2, "told"]), ("fail_user_after", [2, "told"]))


def output_of(event: Event, clause: str) -> Mapping[str, Any]:
    """The ``output`` of the terminal message, which must be an object."""
    message = event.completed()
    output = message.get("output")
    require(isinstance(output, Mapping), clause, "an object as output", dict(message))
    return output if isinstance(output, Mapping) else {}


def failed_output(event: Event, clause: str) -> Mapping[str, Any]:
    """The ``output`` of an event that must end with success false."""
    message = event.completed()
    require(message.get("success") is False, clause, "success false", dict(message))
    return output_of(event, clause)


@check("EVT-001", "EVT-002", "EVT-003", "EVT-033", needs=("echo",))
def check_plain_event_runs_its_course(probe: Probe) -> None:
    """estimation, process_starts, process_completed: once each for a call of an idle function."""
    session = probe.session()
    event = session.run("echo", ["x"])
    require_equal(event.result(), ["x"], "EVT-008", "data")
    session.until_closed()
    kinds = event.kinds
    require(kinds[:1] == ["estimation"], "EVT-001", "an estimation first", kinds)
    require_equal(kinds.count("process_starts"), 1, "EVT-002", "process_starts")
    require_equal(kinds.count("process_completed"), 1, "EVT-003", "process_completed")
    last_estimation = len(kinds) - 1 - kinds[::-1].index("estimation")
    in_order = last_estimation < kinds.index("process_starts")
    require(in_order, "EVT-033", "no estimation after process_starts", kinds)


@check("EVT-034", "EVT-004", "EVT-006", needs=("echo",))
def check_events_are_those_that_joined(probe: Probe) -> None:
    """Every event id on a stream was the answer to a join; ranks and etas keep their range."""
    session = probe.session()
    events = [session.join("echo", [number]) for number in range(6)]
    session.open()
    for number, event in enumerate(events):
        require_equal(event.result(), [number], "EVT-008", "data")
    session.until_closed()
    seen = {m["event_id"] for m in session.messages if m.get("event_id") is not None}
    require_equal(sorted(seen), sorted(e.id for e in events), "EVT-034", "event ids on the stream")
    for event in events:
        for told in event.of_kind("estimation"):
            inside = 0 <= told["rank"] < told["queue_size"]
            require(inside, "EVT-004", "0 <= rank < queue_size", dict(told))
            eta = told["rank_eta"]
            require(eta is None or eta >= 0, "EVT-006", "rank_eta null or at least 0", dict(told))


@check("EVT-007", needs=("add",))
def check_eta_after_a_success_is_a_number(probe: Probe) -> None:
    """process_starts.eta is a number once a queued call of the function has succeeded."""
    session = probe.session()
    session.run("add", [1, 2])
    eta = session.run("add", [1, 2]).until("process_starts", clause="EVT-007")["eta"]
    require(isinstance(eta, int | float) and eta >= 0, "EVT-007", "a number not below 0", eta)


@check("EVT-008", "EVT-027", "EVT-028", needs=("echo", "pair", "no_inputs"))
def check_success_carries_one_item_per_output(probe: Probe) -> None:
    """A success has is_generating false and one item of data for each output."""
    session = probe.session()
    value: list[Any] = [{"a": [1, None]}]
    calls: list[tuple[str, list[Any]]] = [("echo", value), ("pair", ["x", 3]), ("no_inputs", [])]
    wanted: list[list[Any]] = [value, ["x", 3], ["ready"]]
    for (name, data), result in zip(calls, wanted, strict=True):
        event = session.run(name, data)
        require_equal(event.result(), result, "EVT-008", f"data of {name}")
        output = output_of(event, "EVT-008")
        require(
            output.get("is_generating") is False, "EVT-008", "is_generating false", dict(output)
        )
        duration = output.get("duration")
        is_number = isinstance(duration, int | float) and not isinstance(duration, bool)
        positive = is_number and duration is not None and duration >= 0
        require(positive, "EVT-027", "a duration not below 0", dict(output))
        changed = output.get("changed_state_ids")
        tells = isinstance(changed, list) or "EVT-028" not in probe.spec.clauses
        require(tells, "EVT-028", "an array of changed_state_ids", dict(output))


@check("EVT-009", needs=("no_outputs",))
def check_no_outputs_is_an_empty_array(probe: Probe) -> None:
    """A function without outputs succeeds with empty data."""
    event = probe.session().run("no_outputs", ["x"])
    require_equal(event.result(), [], "EVT-009", "data")


@check("EVT-008", needs=("echo",))
@given(value=json_values())
def check_any_json_value_comes_back(probe: Probe, value: Any) -> None:
    """echo returns every JSON value as it was sent."""
    session = probe.session()
    require_equal(session.run("echo", [value]).result(), [value], "EVT-008", "data")
    session.until_closed()
    probe.verify()


@check("EVT-010", "EVT-012", "EVT-014", needs=("yields", "yields_pairs", "tokens", "tokens_async"))
def check_generator_sends_each_yield_and_the_last_in_full(probe: Probe) -> None:
    """n yields make n chunks and a terminal message with the last values."""
    calls: tuple[tuple[str, list[Any], list[Any], list[Any]], ...] = (
        ("yields", [["a", "ab", {"k": 1}]], ["a"], [{"k": 1}]),
        ("yields_pairs", [[[1, "x"], [2, "y"], [3, "z"]]], [1, "x"], [3, "z"]),
        ("tokens", ["one two three"], ["one"], ["one two three"]),
        ("tokens_async", ["one two three"], ["one"], ["one two three"]),
    )
    # Where there are no edits, the result is the last chunk once more.
    ended = probe.spec.schemas.schema("messages#/$defs/FinalOutput/properties/is_generating")
    again = True in ended["enum"]
    for name, data, first, last in calls:
        event = probe.session().run(name, data)
        chunks = event.of_kind("process_generating")
        require_equal(len(chunks), 3, "EVT-010", f"process_generating of {name}")
        require_equal(chunks[0]["output"]["data"], first, "EVT-012", f"first chunk of {name}")
        for chunk in chunks:
            good = chunk["success"] is True and chunk["output"]["is_generating"] is True
            require(good, "EVT-014", "success and is_generating true", dict(chunk))
        require_equal(event.result(clause="EVT-010"), last, "EVT-010", f"final data of {name}")
        final = output_of(event, "EVT-010")
        wanted = f"is_generating {str(again).lower()}"
        require(final["is_generating"] is again, "EVT-010", wanted, dict(final))


@check("EVT-013", needs=("yields", "yields_pairs", "tokens"))
def check_later_chunks_are_edit_lists(probe: Probe) -> None:
    """Every chunk after the first has one list of edits per output."""
    calls: tuple[tuple[str, list[Any], int], ...] = (
        ("yields", [["a", "ab", "b"]], 1),
        ("yields_pairs", [[[1, "x"], [2, "x"]]], 2),
        ("tokens", ["one two three"], 1),
    )
    for name, data, outputs in calls:
        event = probe.session().run(name, data)
        later = event.of_kind("process_generating")[1:]
        require(later != [], "EVT-010", f"more than one chunk of {name}", event.kinds)
        for chunk in later:
            slots = chunk["output"]["data"]
            good = len(slots) == outputs and all(_is_edit_list(slot) for slot in slots)
            require(good, "EVT-013", f"{outputs} lists of edits", slots)


def _is_edit_list(slot: Any) -> bool:
    return isinstance(slot, list) and all(isinstance(e, list) and len(e) == 3 for e in slot)


@check("EVT-011", needs=("yields", "yields_pairs"))
def check_empty_generator_ends_with_nulls(probe: Probe) -> None:
    """A generator that yields nothing succeeds with null for each output."""
    for name, outputs in (("yields", 1), ("yields_pairs", 2)):
        event = probe.session().run(name, [[]])
        require_equal(event.result(clause="EVT-011"), [None] * outputs, "EVT-011", "data")
        require_equal(event.of_kind("process_generating"), [], "EVT-011", "no chunks")


@check("EVT-015", needs=("fail", "fail_after"))
def check_exception_ends_the_event(probe: Probe) -> None:
    """An exception before the first result ends the event with success false and an error
    member.
    """
    for name, data in (("fail", ["no"]), ("fail_after", [0, "no"])):
        event = probe.session().run(name, data)
        output = failed_output(event, "EVT-015")
        require("error" in output, "EVT-015", "a member error in output", dict(output))
        require_equal(event.of_kind("process_generating"), [], "EVT-015", "no chunks")


@check("EVT-016", needs=("fail_after", "fail_user_after"))
def check_exception_after_chunks_keeps_them(probe: Probe) -> None:
    """An exception after k yields comes after k chunks."""
    for name in ("fail_after", "fail_user_after"):
        event = probe.session().run(name, [3, "no"])
        chunks = event.of_kind("process_generating")
        require_equal(len(chunks), 3, "EVT-016", f"chunks of {name} before the failure")
        failed_output(event, "EVT-016")


@check("EVT-017", needs=("fail", "fail_after"))
def check_hidden_errors_stay_hidden(probe: Probe) -> None:
    """Without show_error the text of an ordinary exception appears nowhere."""
    secret = "x7-do-not-tell"
    require_equal(
        probe.target.config.get("show_error"), False, "EVT-017", "config.show_error of main"
    )
    for name, data in (("fail", [secret]), ("fail_after", [1, secret])):
        session = probe.session()
        event = session.run(name, data)
        session.until_closed()
        output = failed_output(event, "EVT-017")
        require(output.get("error", "") is None, "EVT-017", "error null", dict(output))
        raw = bytes(session.streams[-1].reader.received).decode("utf-8", "replace")
        require(secret not in raw, "EVT-017", "no text of the exception on the stream", raw)


@check("EVT-018", needs=("fail",), server="second")
def check_shown_errors_are_told(probe: Probe) -> None:
    """With show_error the text of an ordinary exception is output.error."""
    output = failed_output(probe.session().run("fail", ["because of x7"]), "EVT-018")
    require_equal(output.get("error"), "because of x7", "EVT-018", "error")


def _told_to_the_user(probe: Probe) -> None:
    event = probe.session().run("fail_user", ["Out of paper", "Printer", 4, False])
    output = failed_output(event, "EVT-019")
    wanted = {"error": "Out of paper", "title": "Printer", "duration": 4, "visible": False}
    for member, value in wanted.items():
        actual = output.get(member)
        same = actual == value and isinstance(actual, bool) == isinstance(value, bool)
        require(same, "EVT-019", f"{member} {value!r}", dict(output))


@check("EVT-019", needs=("fail_user",))
def check_user_errors_are_told_when_errors_are_hidden(probe: Probe) -> None:
    """An error addressed to the user arrives as its author set it, without show_error."""
    _told_to_the_user(probe)


@check("EVT-019", needs=("fail_user",), server="second")
def check_user_errors_are_told_when_errors_are_shown(probe: Probe) -> None:
    """An error addressed to the user arrives as its author set it, with show_error."""
    _told_to_the_user(probe)


def _titles(session: Session, name: str, data: list[Any]) -> None:
    event = session.run(name, data)
    output = failed_output(event, "EVT-015")
    wanted = output.get("title", "Error")
    require_equal(event.completed().get("title"), wanted, "EVT-020", f"title of {name}")


@check("EVT-020", needs=("fail", "fail_user"))
def check_failures_carry_their_title(probe: Probe) -> None:
    """The title of a failure is that of its error, or Error."""
    for name, data in FAILING:
        _titles(probe.session(), name, data)


@check("EVT-020", needs=("fail_after", "fail_user_after"))
def check_late_failures_carry_their_title(probe: Probe) -> None:
    """The title of a failure after chunks is that of its error, or Error."""
    for name, data in FAILING_LATER:
        _titles(probe.session(), name, data)


@check("EVT-021", "EVT-022", "EVT-023", needs=("logs",))
def check_logs_come_in_order_with_their_defaults(probe: Probe) -> None:
    """Four logs arrive in order, before the end, with default and with chosen members."""
    session = probe.session()
    event = session.run("logs", ["hello"])
    require_equal(event.result(), ["hello"], "EVT-008", "data")
    session.until_closed()
    require_equal(event.kinds[-1], "process_completed", "EVT-022", "the message after all logs")
    logs = event.of_kind("log")
    known = probe.spec.schemas.schema(f"{LOG}/level")["enum"]
    wanted = [level for level in LEVELS if level in known]
    require_equal([m["level"] for m in logs], wanted, "EVT-022", "levels in order")
    require_equal([m["log"] for m in logs], ["hello"] * len(wanted), "EVT-021", "texts")
    for message in logs[:-1]:
        told = {"duration": 10, "visible": True, "title": message["level"].title()}
        _log_tells(probe, message, "EVT-023", told)
    custom = {"duration": 3, "visible": False, "title": "Custom"}
    _log_tells(probe, logs[-1], "EVT-021", custom)


def _log_tells(probe: Probe, message: Mapping[str, Any], clause: str, told: Any) -> None:
    """What the version has of these members has these values."""
    for name in told:
        if probe.has(f"{LOG}/{name}"):
            wanted = f"{name} {told[name]!r}"
            require(message.get(name) == told[name], clause, wanted, dict(message))


@check("EVT-036", needs=("logs_between",))
def check_logs_stand_between_chunks(probe: Probe) -> None:
    """A log emitted between two yields arrives between their chunks."""
    event = probe.session().run("logs_between", ["x"])
    kinds = [k for k in event.kinds if k in ("log", "process_generating", "process_completed")]
    wanted = ["log", "process_generating", "log", "process_generating", "process_completed"]
    require_equal(kinds, wanted, "EVT-036", "order of logs and chunks")
    require_equal([m["log"] for m in event.of_kind("log")], ["1 x", "2 x"], "EVT-036", "logs")


@check("EVT-031", needs=("echo",))
def check_no_cache_is_mentioned_without_cache(probe: Probe) -> None:
    """used_cache, cache_duration and avg_time are null when no cache was used."""
    event = probe.session().run("echo", ["x"])
    require_equal(event.result(), ["x"], "EVT-008", "data")
    message = event.completed()
    told = [message.get(name) for name in ("used_cache", "cache_duration", "avg_time")]
    require_equal(told, [None, None, None], "EVT-031", "used_cache, cache_duration, avg_time")


@check("EVT-032", needs=("returns_too_few", "returns_too_many"))
def check_wrong_number_of_values(probe: Probe) -> None:
    """Too few returned values fail the event; surplus ones are dropped."""
    failed_output(probe.session().run("returns_too_few", ["x"]), "EVT-032")
    event = probe.session().run("returns_too_many", ["x"])
    require_equal(event.result(clause="EVT-032"), ["x", "x"], "EVT-032", "data")


@check("EVT-029", needs=("cached", "cached_steps", "journal"), server="stateful")
def check_answers_from_a_cache_do_not_wait(probe: Probe) -> None:
    """What was answered before comes again as it came then, but for the places in the queue."""
    for name, result, chunks in (("cached", 4, 0), ("cached_steps", [1, 2, 3], 3)):
        session, journal = probe.session(), probe.gate()
        data = [journal.key, 3]
        require_equal(session.run(name, data).result(), [result], "EVT-008", "data")
        session.until_closed()
        event = session.run(name, data)
        require_equal(event.result(), [result], "EVT-029", f"data of {name} from the cache")
        session.until_closed()
        kinds = ["process_generating"] * chunks + ["process_completed"]
        require_equal(event.kinds, kinds, "EVT-029", f"messages of {name} from the cache")
        require_equal(event.completed().get("used_cache"), "full", "EVT-029", "used_cache")
        require_equal(len(journal.happened("called")), 1, "EVT-029", f"runs of {name}")
