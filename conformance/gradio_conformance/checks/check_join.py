"""``queue/join``: what is accepted, what is refused, and that a refusal leaves nothing behind."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import example
from hypothesis import given
from hypothesis import strategies as st

from gradio_conformance.answers import json_object
from gradio_conformance.answers import objects
from gradio_conformance.binding import check
from gradio_conformance.faults import require
from gradio_conformance.faults import require_equal
from gradio_conformance.inputs import some_endpoint
from gradio_conformance.probe import Probe
from gradio_conformance.samples import answered
from gradio_conformance.session import Session
from gradio_conformance.values import json_values
from gradio_conformance.wire import Reply

NOT_JSON = b'{"data": ["x"], "fn_index":'
UNKNOWN_FN = 987_654
# Members that nobody knows, and those that change nothing by what they are here.
MEMBERS: tuple[dict[str, Any], ...] = (
    {"x-new": {"deep": [1]}, "priority": 9, "trigger_id": None, "event_data": {"index": 1}},
    {"event_data": None, "event_id": None, "batched": None, "oauth_token": None},
    {"simple_format": False, "batched": False},
)
# With a dash and the hash that makes it unique, 256 characters.
HASH_ROOM = 256 - len("-s-0123456789ab")


def good_body(probe: Probe, session: Session) -> dict[str, Any]:
    """A join that every server must accept."""
    endpoint = some_endpoint(probe.target)
    fn_index = probe.target.fn_index(endpoint.name)
    return {"data": endpoint.sample, "fn_index": fn_index, "session_hash": session.hash}


def accept(session: Session, body: dict[str, Any], clause: str) -> None:
    """Send a join that must be accepted, and see its event through."""
    event = session.adopt(session.post_join(body).require_status(clause, 200), body["fn_index"])
    session.open()
    answered(event)
    session.until_closed()


def waiting(probe: Probe) -> Any:
    return probe.request("GET", "/queue/status").json("QUEUE-011").get("queue_size")


def require_nothing_left(probe: Probe, session: Session) -> None:
    """After refusals, the session is unknown to the server and nobody waits (JOIN-016)."""
    require_equal(waiting(probe), 0, "JOIN-016", "waiting events after a refused join")
    stream = session.open()
    stream.until_end(clause="JOIN-016")
    kinds = [m.get("msg") for m in stream.messages]
    require_equal(kinds, [probe.stream_failure], "JOIN-016", "messages of the refused session")


@check("JOIN-001", "JOIN-002")
def check_accepted_join_names_its_event(probe: Probe) -> None:
    """Each accepted join is answered with a new event id."""
    session = probe.session()
    body = good_body(probe, session)
    ids = []
    for _ in range(3):
        reply = session.post_join(body).require_status("JOIN-001", 200)
        ids.append(session.adopt(reply, body["fn_index"]).id)
    session.open()
    require_equal(len(set(ids)), 3, "JOIN-002", "different event ids")
    for event in session.events:
        answered(event)
    session.until_closed()


@check("JOIN-003")
def check_client_chosen_event_id_is_ignored(probe: Probe) -> None:
    """An event_id in the body changes nothing: the event gets an id of the server's own."""
    session = probe.session()
    chosen = "f" * 32
    body = {**good_body(probe, session), "event_id": chosen}
    event = session.adopt(session.post_join(body).require_status("JOIN-003", 200), body["fn_index"])
    require(event.id != chosen, "JOIN-003", "another id than the one sent", event.id)
    session.open()
    answered(event, clause="JOIN-003")


@check("JOIN-004")
def check_unknown_members_are_ignored(probe: Probe) -> None:
    """Additional members of the body change nothing."""
    for members in MEMBERS:
        session = probe.session()
        accept(session, {**good_body(probe, session), **members}, "JOIN-004")


def _refuse(
    probe: Probe, clause: str, status: tuple[int, ...], bodies: list[dict[str, Any]]
) -> None:
    session = probe.session()
    for body in bodies:
        reply = session.post_join(body)
        if status:
            reply.require_status(clause, *status)
        reply.require_client_error(clause)


def _without(body: dict[str, Any], member: str) -> dict[str, Any]:
    return {k: v for k, v in body.items() if k != member}


@check("JOIN-005", "JOIN-016")
def check_join_without_session_is_refused(probe: Probe) -> None:
    """A missing or null session_hash gives 400; with one, the same join is accepted."""
    session = probe.session()
    body = good_body(probe, session)
    wrong = [_without(body, "session_hash"), {**body, "session_hash": None}]
    _refuse(probe, "JOIN-005", (400,), wrong)
    require_equal(waiting(probe), 0, "JOIN-016", "waiting events after a refused join")
    accept(session, body, "JOIN-001")


@check("JOIN-006", "JOIN-016")
def check_join_without_function_is_refused(probe: Probe) -> None:
    """A missing or null fn_index gives 400 and leaves nothing behind."""
    session = probe.session()
    body = good_body(probe, session)
    wrong = [_without(body, "fn_index"), {**body, "fn_index": None}]
    _refuse(probe, "JOIN-006", (400,), wrong)
    require_nothing_left(probe, session)
    twin = probe.session()
    accept(twin, good_body(probe, twin), "JOIN-001")


@check("JOIN-007", "JOIN-016")
def check_text_that_is_no_json_is_refused(probe: Probe) -> None:
    """A body that is not JSON gives 422 with an array as detail."""
    session = probe.session()
    headers = {"content-type": "application/json"}
    for content in (NOT_JSON, b"", b"not json", b"[1,"):
        reply = probe.request("POST", "/queue/join", content=content, headers=headers)
        reply.require_status("JOIN-007", 422)
        detail = reply.json("JOIN-007")
        array = isinstance(detail, dict) and isinstance(detail.get("detail"), list)
        require(array, "JOIN-007", "an array as detail", detail)
    require_nothing_left(probe, session)


@check("JOIN-008", "JOIN-016")
def check_data_must_be_an_array(probe: Probe) -> None:
    """Missing data and data that is no array give 422 and leave nothing behind."""
    session = probe.session()
    body = good_body(probe, session)
    wrong: list[dict[str, Any]] = [_without(body, "data")]
    wrong += [{**body, "data": value} for value in (None, "x", 7, {"0": "x"}, True)]
    _refuse(probe, "JOIN-008", (422,), wrong)
    require_nothing_left(probe, session)


@check("JOIN-009")
def check_content_type_must_be_json(probe: Probe) -> None:
    """The same bytes are refused as text or form and accepted as JSON."""
    session = probe.session()
    body = good_body(probe, session)
    for media_type in ("text/plain", "application/x-www-form-urlencoded"):
        content = json.dumps(body).encode()
        headers = {"content-type": media_type}
        reply = probe.request("POST", "/queue/join", content=content, headers=headers)
        reply.require_client_error("JOIN-009")
    accept(session, body, "JOIN-001")


@check("JOIN-010", "JOIN-016")
def check_session_hash_must_be_a_string(probe: Probe) -> None:
    """A session_hash that is a number, an array or an object gives 422."""
    body = good_body(probe, probe.session())
    values: list[Any] = [7, 1.5, True, [], {"a": 1}]
    wrong = [{**body, "session_hash": value} for value in values]
    _refuse(probe, "JOIN-010", (422,), wrong)
    require_equal(waiting(probe), 0, "JOIN-016", "waiting events after a refused join")


@check("JOIN-011")
def check_unknown_function_is_refused(probe: Probe) -> None:
    """An fn_index that /config does not list gives a 4xx JSON error."""
    session = probe.session()
    body = {**good_body(probe, session), "fn_index": UNKNOWN_FN}
    session.post_join(body).require_client_error("JOIN-011")
    require_nothing_left(probe, session)


@check("JOIN-012", needs=("no_outputs", "journal"))
def check_empty_session_hash_is_refused(probe: Probe) -> None:
    """The empty session_hash gives a 4xx, and the function never runs."""
    gate = probe.gate()
    fn_index = probe.target.fn_index("no_outputs")
    body = {"data": [gate.key], "fn_index": fn_index, "session_hash": ""}
    reply = probe.request("POST", "/queue/join", json_body=body)
    twin = probe.gate()
    probe.session().run("no_outputs", [twin.key]).result()
    require_equal(gate.happened("called"), [], "JOIN-012", "runs of the refused join")
    reply.require_client_error("JOIN-012")


@check("JOIN-013")
@example(name="x" * HASH_ROOM)
@example(name="Ärger 日本語 🙂 &=%2F+;#")
@given(name=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=HASH_ROOM))
def check_session_hash_is_opaque(probe: Probe, name: str) -> None:
    """Any text up to 256 characters of any script works as a session hash."""
    session = probe.session(f"{name}-{probe.session().hash}")
    body = good_body(probe, session)
    reply = session.post_join(body).require_status("JOIN-013", 200)
    event = session.adopt(reply, body["fn_index"])
    session.open()
    answered(event, clause="JOIN-013")
    session.until_closed()
    probe.verify()


@check("JOIN-014")
def check_trailing_slash_keeps_the_body(probe: Probe) -> None:
    """POST queue/join/ is handled, or redirected with the method and body kept."""
    session = probe.session()
    body = good_body(probe, session)
    reply = probe.request("POST", "/queue/join/", json_body=body, lane=session.hash)
    reply.require_status("JOIN-014", 200, 307, 308)
    if reply.status != 200:
        reply = _followed(probe, reply, body)
    event = session.adopt(reply.require_status("JOIN-014", 200), body["fn_index"])
    session.open()
    answered(event, clause="JOIN-014")


def _followed(probe: Probe, reply: Reply, body: dict[str, Any]) -> Reply:
    location = reply.headers.get("location", "")
    path = location.removeprefix(probe.target.base_url)
    require(path.startswith("/"), "JOIN-014", "a location on this server", location)
    return probe.root_request("POST", path, json_body=body)


@check("JOIN-018", needs=("echo",))
def check_surplus_data_is_ignored(probe: Probe) -> None:
    """Items beyond the inputs change nothing."""
    event = probe.session().run("echo", ["kept", "surplus", {"more": 1}])
    require_equal(event.result(clause="JOIN-018"), ["kept"], "JOIN-018", "data")


@check("JOIN-019", needs=("pair",))
def check_missing_data_fails_the_event(probe: Probe) -> None:
    """Too few items are accepted and end in one process_completed with success false."""
    for data in ([], ["only one"]):
        session = probe.session()
        event = session.run("pair", data, clause="JOIN-019")
        message = event.completed()
        require(message.get("success") is False, "JOIN-019", "success false", dict(message))
        session.until_closed()
        ends = len(event.of_kind("process_completed"))
        require_equal(ends, 1, "JOIN-019", "terminal messages")


@check("JOIN-020", needs=("quick",))
def check_unqueued_function_can_be_joined(probe: Probe) -> None:
    """A function with queue false gives the same messages through the queue."""
    event = probe.session().run("quick", ["x"], clause="JOIN-020")
    require_equal(event.result(clause="JOIN-020"), ["x"], "JOIN-020", "data")
    wanted = ["estimation", "process_starts", "process_completed"]
    require_equal(list(dict.fromkeys(event.kinds)), wanted, "JOIN-020", "messages")


@check("JOIN-021", needs=("tokens", "yields"))
def check_simple_format_sends_full_values(probe: Probe) -> None:
    """With simple_format, every chunk carries the full value; without, only the first."""
    values = ["a", "ab", [1], [1, 2], {"k": "v"}]
    event = probe.session().run("yields", [values], simple_format=True)
    chunks = [m["output"]["data"] for m in event.of_kind("process_generating")]
    require_equal(chunks, [[value] for value in values], "JOIN-021", "chunks")
    twin = probe.session().run("yields", [values])
    second = twin.of_kind("process_generating")[1]["output"]["data"]
    require_equal(
        second, [[["append", [], "b"]]], "DIFF-004", "the second chunk without simple_format"
    )


@check("JOIN-023", needs=("private",))
def check_private_endpoint_is_refused_or_runs(probe: Probe) -> None:
    """A join of a private endpoint is refused with 403 or 404, or runs like any other."""
    public = probe.session()
    accept(public, good_body(probe, public), "JOIN-001")
    session = probe.session()
    dependency = probe.target.dependency("private")
    require(dependency is not None, "DISC-006", "the private endpoint in /config", None)
    fn_index = probe.target.fn_index("private")
    body = {"data": ["x"], "fn_index": fn_index, "session_hash": session.hash}
    reply = session.post_join(body).require_status("JOIN-023", 200, 403, 404)
    if reply.status == 200:
        event = session.adopt(reply, fn_index)
        session.open()
        require_equal(event.result(), ["x"], "JOIN-023", "data")


@check("JOIN-024", needs=("add", "echo_text"))
def check_defaults_fill_missing_data(probe: Probe) -> None:
    """Missing trailing items take the defaults that /info lists."""
    require_equal(probe.session().run("add", [2, 5]).result(), [7], "JOIN-026", "2 + 5")
    for name, data, wanted in (("add", [2], 3), ("echo_text", [], "hello")):
        event = probe.session().run(name, data)
        message = event.completed()
        got = message["output"].get("data")
        require(got == [wanted], "JOIN-024", f"[{wanted!r}] with the default", dict(message))


@check("JOIN-025", needs=("echo", "add"))
def check_fn_index_is_the_id(probe: Probe) -> None:
    """fn_index selects the dependency with that id."""
    session = probe.session()
    require_equal(session.run("echo", [7]).result(), [7], "JOIN-025", "result of echo by its id")
    require_equal(session.run("add", [7, 8]).result(), [15], "JOIN-025", "result of add by its id")


@check("JOIN-026", needs=("pair",))
@example(text=" \t\u3000x\r\n\u2028", whole=-(2**53))
@example(text="", whole=0)
@given(
    text=st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    whole=st.integers(-(2**53), 2**53),
)
def check_items_keep_their_position(probe: Probe, text: str, whole: int) -> None:
    """Both items of data reach their own parameter unchanged."""
    event = probe.session().run("pair", [text, whole])
    require_equal(event.result(clause="JOIN-026"), [text, whole], "JOIN-026", "data")
    probe.verify()


@check("JOIN-027")
def check_body_must_be_utf8(probe: Probe) -> None:
    """A stray byte in the body gives a 4xx; the same body without it is accepted."""
    session = probe.session()
    body = good_body(probe, session)
    content = json.dumps({**body, "note": "@"}).encode().replace(b"@", b"\xff")
    headers = {"content-type": "application/json"}
    reply = probe.request("POST", "/queue/join", content=content, headers=headers)
    reply.require_client_error("JOIN-027")
    accept(session, body, "JOIN-001")


@check("NET-008", "NET-004")
@given(
    member=st.sampled_from(["data", "fn_index", "session_hash"]),
    value=json_values(max_leaves=3).filter(
        lambda v: not isinstance(v, list | int | float | str | bool)
    ),
)
def check_no_body_shakes_the_server(probe: Probe, member: str, value: Any) -> None:
    """Whatever stands in a member where it must not, the answer is a 4xx with detail."""
    session = probe.session()
    good = good_body(probe, session)
    session.post_join(good).require_status("JOIN-001", 200)
    reply = session.post_join({**good, member: value})
    require(reply.status < 500, "NET-004", "no 5xx for the client's mistake", reply.describe())
    reply.require_client_error("NET-008")
    probe.verify()


@check("JOIN-015", needs=("validated", "journal"), server="stateful")
def check_validators_tell_their_verdict_on_each_input(probe: Probe) -> None:
    """A refusal lists all inputs in order, the good ones too, and the function never runs."""
    session, journal = probe.session(), probe.gate()
    fn_index = probe.target.fn_index("validated")
    refused = (
        ([journal.key, -1], "", "negative"),
        (["", 1], "no key", ""),
        (["", -1], "no key", "negative"),
    )
    for data, *reasons in refused:
        body = {"data": data, "fn_index": fn_index, "session_hash": session.hash}
        reply = session.post_join(body).require_status("JOIN-015", 422)
        verdicts = objects(json_object(reply, "JOIN-015"), "detail", "JOIN-015")
        told = [(v.get("parameter_name"), v.get("is_valid"), v.get("message")) for v in verdicts]
        wanted = [(name, not why, why) for name, why in zip(("key", "n"), reasons, strict=True)]
        require_equal(told, wanted, "JOIN-015", f"verdicts on {data}")
    require_equal(journal.happened("called"), [], "JOIN-015", "runs of what was refused")
    require_equal(session.run("validated", [journal.key, 1]).result(), [1], "EVT-008", "data")
    require_equal(len(journal.happened("called")), 1, "JOIN-015", "runs of what was accepted")
