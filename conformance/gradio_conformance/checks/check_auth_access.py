"""Who is let in: the routes that want a log-in, and what they know of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from gradio_conformance.answers import json_object
from gradio_conformance.answers import outputs
from gradio_conformance.answers import require_valid
from gradio_conformance.binding import check
from gradio_conformance.faults import require_equal
from gradio_conformance.logins import ANYBODY
from gradio_conformance.logins import GUARDED
from gradio_conformance.logins import PLAIN
from gradio_conformance.logins import SECURE
from gradio_conformance.logins import log_in
from gradio_conformance.logins import logged_in
from gradio_conformance.logins import user_of
from gradio_conformance.logins import users
from gradio_conformance.probe import Probe
from gradio_conformance.uploads import FORM_TYPE
from gradio_conformance.uploads import Part
from gradio_conformance.uploads import form

NO_EVENT = "no-such-event"
READING = (
    *("/info", "/openapi.json", "/queue/status", "/queue/data?session_hash=no-such-session"),
    *(f"/call/who/{NO_EVENT}", f"/call/v2/who/{NO_EVENT}"),
    *("/upload_progress?upload_id=none", "/file=/etc/hostname"),
)
WRITING = ("/queue/join", "/call/who", "/call/v2/who", "/run/who", "/api/who")
CHANGING = ("/cancel", "/reset")
HEARTBEAT = "/heartbeat/no-such-session"


def _strangers(probe: Probe) -> Iterator[Mapping[str, str]]:
    """Requests that come with no log-in: without a cookie, and with cookies that are none."""
    yield ANYBODY
    names = [one["cookie"].partition("=")[0] for one in log_in(probe, users(probe)[0])]
    yield {"cookie": "; ".join(f"{name}=no-such-token" for name in names)}


def _body(probe: Probe, path: str) -> Any:
    """A good body, so that only the log-in is missing."""
    if path == "/cancel":
        return {"session_hash": "none", "fn_index": 0, "event_id": NO_EVENT}
    if path == "/reset":
        return {"event_id": NO_EVENT}
    joined = {"fn_index": probe.target.fn_index("who"), "session_hash": "none"}
    return {} if "/v2/" in path else {"data": [], **(joined if path == "/queue/join" else {})}


def _guarded(probe: Probe, method: str, paths: Iterable[str]) -> list[str]:
    """Those that the version has by which the server is judged, and that its AUTH-001 names."""
    named = set(re.split(r"[\s,]+", probe.spec.clause("AUTH-001").text))
    word = {path: re.split(r"[?=]|/who", path[1:])[0] for path in paths}
    return [path for path in word if word[path] in named and probe.knows(method, path)]


def _require_unauthenticated(
    probe: Probe, clause: str, method: str, path: str, **more: Any
) -> None:
    ask = probe.root_request if path == "/config" else probe.request
    reply = ask(method, path, **more).require_status(clause, 401)
    require_valid(probe, "http#/$defs/Unauthenticated", json_object(reply, clause), clause)


def _require_login_to_post(probe: Probe, clause: str, paths: Iterable[str]) -> None:
    for headers in _strangers(probe):
        for path in paths:
            body = _body(probe, path)
            _require_unauthenticated(probe, clause, "POST", path, json_body=body, headers=headers)


@check("AUTH-001", needs=("settings", "who"), server=GUARDED)
def check_reading_wants_a_login(probe: Probe) -> None:
    """Every route that tells something is answered 401 without a log-in, in the same form."""
    for headers in _strangers(probe):
        for path in ("/config", *_guarded(probe, "GET", READING)):
            _require_unauthenticated(probe, "AUTH-001", "GET", path, headers=headers)


@check("AUTH-001", needs=("settings", "who"), server=GUARDED)
def check_calling_wants_a_login(probe: Probe) -> None:
    """Every route that calls a function or stores a file is answered 401 without a log-in."""
    _require_login_to_post(probe, "AUTH-001", _guarded(probe, "POST", WRITING))
    for headers in _strangers(probe):
        content = form([Part(b"secret")])
        both = {**headers, **FORM_TYPE}
        _require_unauthenticated(
            probe, "AUTH-001", "POST", "/upload", content=content, headers=both
        )


@check("AUTH-010", needs=("settings", "who"), server=GUARDED)
def check_cancel_and_reset_want_a_login(probe: Probe) -> None:
    """Nobody changes what others do without a log-in."""
    _require_login_to_post(probe, "AUTH-010", CHANGING)


@check("AUTH-010", needs=("settings", "who"), server=GUARDED)
def check_the_heartbeat_wants_a_login(probe: Probe) -> None:
    """Nobody opens or ends a session without a log-in."""
    for headers in _strangers(probe):
        # A heartbeat that is let in never ends, so it is read as a stream.
        reader = probe.open_stream(
            HEARTBEAT, "heartbeat", lambda event: None, lambda how: None, headers
        )
        probe.wait(reader.ready.is_set, "AUTH-010", "an answer", lambda: "nothing", poll_s=0.01)
        reader.drop()
        require_equal(reader.status, 401, "AUTH-010", f"status of GET {HEARTBEAT}")


@check("AUTH-004", needs="who", server=GUARDED)
def check_each_cookie_is_enough(probe: Probe) -> None:
    """One cookie alone opens /config and calls, for the user whose it is."""
    for user in users(probe):
        for headers in log_in(probe, user):
            probe.root_request("GET", "/config", headers=headers).require_status("AUTH-004", 200)
            require_equal(user_of(probe, headers, "AUTH-004"), user.name, "AUTH-004", "the user")
            reply = probe.request("POST", "/run/who", json_body={"data": []}, headers=headers)
            told = outputs(probe, reply, "AUTH-004")
            require_equal(told, [user.name], "AUTH-004", "the result of who")


@check("AUTH-005", needs="settings", server=GUARDED)
def check_user_tells_who_one_is(probe: Probe) -> None:
    """GET user tells the name of the user, and null to a stranger."""
    for user in users(probe):
        found = user_of(probe, logged_in(probe, user), "AUTH-005")
        require_equal(found, user.name, "AUTH-005", "the user")
    for headers in _strangers(probe):
        require_equal(user_of(probe, headers, "AUTH-005"), None, "AUTH-005", "the user")


@check("AUTH-006", needs="settings", server=GUARDED)
def check_login_check_tells_whether_one_is_logged_in(probe: Probe) -> None:
    """GET login_check is 200 with a log-in, else 401."""
    reply = probe.request("GET", "/login_check").require_status("AUTH-006", 200)
    require_valid(probe, "http#/$defs/LoginChecked", reply.json("AUTH-006"), "AUTH-006")
    for headers in _strangers(probe):
        probe.request("GET", "/login_check", headers=headers).require_status("AUTH-006", 401)


@check("AUTH-021", needs="settings", server=GUARDED)
def check_config_tells_the_user(probe: Probe) -> None:
    """/config names the user who asks for it."""
    for user in users(probe):
        reply = probe.root_request("GET", "/config", headers=logged_in(probe, user))
        config = json_object(reply.require_status("AUTH-021", 200), "AUTH-021")
        require_equal(config.get("username"), user.name, "AUTH-021", "username in /config")


@check("AUTH-022", needs="settings", server=GUARDED)
def check_token_tells_the_cookie_and_its_user(probe: Probe) -> None:
    """GET token gives the log-in's own token back, and nulls to a stranger."""
    user = users(probe)[1]
    cookies = [one["cookie"] for one in log_in(probe, user)]
    held = next(
        (c.partition("=")[2] for c in cookies if c.startswith(SECURE) and not c.startswith(PLAIN)),
        None,
    )
    asked = (
        ({"cookie": "; ".join(cookies)}, {"token": held, "user": user.name}),
        (ANYBODY, {"token": None, "user": None}),
    )
    for headers, expected in asked:
        reply = probe.request("GET", "/token", headers=headers).require_status("AUTH-022", 200)
        found = json_object(reply, "AUTH-022")
        require_valid(probe, "http#/$defs/Token", found, "AUTH-022")
        told = {name: found.get(name) for name in expected}
        require_equal(told, expected, "AUTH-022", "the answer of token")
