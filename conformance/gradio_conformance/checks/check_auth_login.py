"""Logging in and out: the form, the cookies, the refusals, and what ends a log-in."""

from __future__ import annotations

from collections.abc import Mapping

from gradio_conformance.answers import require_valid
from gradio_conformance.binding import check
from gradio_conformance.faults import NonConformance
from gradio_conformance.faults import require
from gradio_conformance.faults import require_equal
from gradio_conformance.logins import ANYBODY
from gradio_conformance.logins import GUARDED
from gradio_conformance.logins import PLAIN
from gradio_conformance.logins import SECURE
from gradio_conformance.logins import User
from gradio_conformance.logins import log_in
from gradio_conformance.logins import logged_in
from gradio_conformance.logins import post_login
from gradio_conformance.logins import set_cookies
from gradio_conformance.logins import user_of
from gradio_conformance.logins import users
from gradio_conformance.probe import Probe
from gradio_conformance.uploads import FORM_TYPE
from gradio_conformance.uploads import Part
from gradio_conformance.uploads import form
from gradio_conformance.wire import Reply

NOBODY = "nobody-of-this-name"
WRONG = "wrong"


def _admitted(probe: Probe, user: User, clause: str) -> Reply:
    reply = post_login(probe, username=user.name, password=user.password)
    return reply.require_status(clause, 200)


def _refused(probe: Probe, name: str, password: str, clause: str) -> Reply:
    reply = post_login(probe, username=name, password=password)
    require(400 <= reply.status < 500, clause, "a 4xx status for POST /login", reply.describe())
    return reply


@check("AUTH-002", needs="settings", server=GUARDED)
def check_good_credentials_are_admitted(probe: Probe) -> None:
    """POST /login answers 200 with success and HttpOnly cookies for every path."""
    for user in users(probe):
        reply = _admitted(probe, user, "AUTH-002")
        require_equal(reply.json("AUTH-002"), {"success": True}, "AUTH-002", "the body")
        cookies = set_cookies(reply)
        require(bool(cookies), "AUTH-002", "cookies", dict(reply.headers))
        for cookie in cookies:
            there = bool(cookie["httponly"]) and cookie["path"] == "/" and bool(cookie.value)
            require(there, "AUTH-002", "HttpOnly and Path=/", cookie.OutputString())


@check("AUTH-012", needs="settings", server=GUARDED)
def check_cookies_are_for_https_and_for_http(probe: Probe) -> None:
    """One cookie is Secure and goes to foreign pages, the other is for http and this site."""
    cookies = set_cookies(_admitted(probe, users(probe)[0], "AUTH-012"))
    plain = [c for c in cookies if c.key.startswith(PLAIN)]
    secure = [c for c in cookies if c.key.startswith(SECURE) and c not in plain]
    told = [cookie.OutputString() for cookie in cookies]
    require(len(plain) == len(secure) == 1, "AUTH-012", "one cookie of either kind", told)
    for cookie, is_secure, same_site in ((secure[0], True, "none"), (plain[0], False, "lax")):
        kept = bool(cookie["secure"]) is is_secure and cookie["samesite"].lower() == same_site
        expected = f"SameSite={same_site}, Secure {'there' if is_secure else 'absent'}"
        require(kept, "AUTH-012", expected, cookie.OutputString())


@check("AUTH-003", needs="settings", server=GUARDED)
def check_bad_credentials_are_refused(probe: Probe) -> None:
    """A wrong password and an unknown name get a 4xx with a text, and no cookie."""
    first, second = users(probe)[:2]
    tries = ((first.name, WRONG), (first.name, second.password), (NOBODY, first.password))
    for name, password in tries:
        reply = _refused(probe, name, password, "AUTH-003")
        require(not set_cookies(reply), "AUTH-003", "no cookie", dict(reply.headers))
        body = reply.json("AUTH-003")
        is_text = isinstance(body, Mapping) and isinstance(body.get("detail"), str)
        require(is_text, "AUTH-003", "a text in detail", body)


@check("AUTH-011", needs="settings", server=GUARDED)
def check_bad_credentials_are_401(probe: Probe) -> None:
    """The refusal of a log-in has the status that the official clients know."""
    first = users(probe)[0]
    for name, password in ((first.name, WRONG), (NOBODY, first.password)):
        reply = post_login(probe, username=name, password=password)
        reply.require_status("AUTH-011", 401)


@check("AUTH-015", needs="settings", server=GUARDED)
def check_refusals_do_not_tell_which_names_there_are(probe: Probe) -> None:
    """An unknown name is refused in the same words as a wrong password."""
    first = users(probe)[0]
    wrong = _refused(probe, first.name, WRONG, "AUTH-015")
    unknown = _refused(probe, NOBODY, WRONG, "AUTH-015")
    found, expected = [(r.status, r.text) for r in (unknown, wrong)]
    require_equal(list(found), list(expected), "AUTH-015", "status and body")


@check("AUTH-013", needs="settings", server=GUARDED)
def check_space_around_the_name_is_left_out(probe: Probe) -> None:
    """White space around the name is dropped, that around the password counts."""
    user = next(u for u in users(probe) if u.password != u.password.strip())
    reply = post_login(probe, username=f" {user.name}\t", password=user.password)
    reply.require_status("AUTH-013", 200)
    reply = post_login(probe, username=user.name, password=user.password.strip())
    require(reply.status != 200, "AUTH-013", "no log-in without the space", reply.describe())


@check("AUTH-014", needs="settings", server=GUARDED)
def check_both_kinds_of_form_are_read(probe: Probe) -> None:
    """A log-in may come url-encoded or as multipart/form-data."""
    for user in users(probe):
        _admitted(probe, user, "AUTH-014")
        parts = [
            Part(value.encode(), filename=None, name=name)
            for name, value in (("username", user.name), ("password", user.password))
        ]
        headers = {**ANYBODY, **FORM_TYPE}
        reply = probe.root_request("POST", "/login", content=form(parts), headers=headers)
        reply.require_status("AUTH-014", 200)


@check("AUTH-016", needs="settings", server=GUARDED)
def check_an_incomplete_form_is_refused(probe: Probe) -> None:
    """A form without a name or without a password is answered 422 and names what is missing."""
    user = users(probe)[0]
    fields = {"username": user.name, "password": user.password}
    for missing in fields:
        rest = {name: value for name, value in fields.items() if name != missing}
        reply = post_login(probe, **rest).require_status("AUTH-016", 422)
        body = reply.json("AUTH-016")
        require_valid(probe, "http#/$defs/Unprocessable", body, "AUTH-016")
        named = [problem.get("loc", [])[-1:] for problem in body["detail"]]
        require([missing] in named, "AUTH-016", f"{missing} to be named", body)


@check("AUTH-007", needs="settings", server=GUARDED)
def check_logout_ends_all_logins_of_the_user(probe: Probe) -> None:
    """After /logout no log-in of the user is worth anything, and those of others are."""
    ann, bob = users(probe)[:2]
    first, second, other = (logged_in(probe, u, "AUTH-007") for u in (bob, bob, ann))
    _logout(probe, first, "", "AUTH-007")
    found = [user_of(probe, headers, "AUTH-007") for headers in (first, second, other)]
    require_equal(found, [None, None, ann.name], "AUTH-007", "who is logged in")


@check("AUTH-017", needs="settings", server=GUARDED)
def check_logout_of_one_session_spares_the_others(probe: Probe) -> None:
    """With all_session=false one log-in ends, and the user's others go on."""
    bob = users(probe)[1]
    first, second = (logged_in(probe, bob, "AUTH-017") for _ in "ab")
    _logout(probe, first, "?all_session=false", "AUTH-017")
    found = [user_of(probe, headers, "AUTH-017") for headers in (first, second)]
    require_equal(found, [None, bob.name], "AUTH-017", "who is logged in")


@check("AUTH-017", needs="settings", server=GUARDED)
def check_logout_of_one_session_with_either_cookie(probe: Probe) -> None:
    """A browser on http, which has one cookie only, can end its log-in too."""
    bob = users(probe)[1]
    for place in range(len(log_in(probe, bob, "AUTH-017"))):
        mine = log_in(probe, bob, "AUTH-017")[place]
        _logout(probe, mine, "?all_session=false", "AUTH-017")
        found = user_of(probe, mine, "AUTH-017")
        require_equal(found, None, "AUTH-017", f"who is logged in with {mine['cookie']}")


@check("AUTH-018", needs="settings", server=GUARDED)
def check_logout_makes_clients_forget(probe: Probe) -> None:
    """/logout redirects and takes its cookies back."""
    mine = log_in(probe, users(probe)[1], "AUTH-018")
    both = {"cookie": "; ".join(one["cookie"] for one in mine)}
    reply = _logout(probe, both, "?all_session=false", "AUTH-018")
    require(bool(reply.headers.get("location")), "AUTH-018", "a Location", dict(reply.headers))
    forgotten = {c.key for c in set_cookies(reply) if c["max-age"] == "0" or c["expires"]}
    kept = {one["cookie"].partition("=")[0] for one in mine} - forgotten
    require(not kept, "AUTH-018", "all cookies to expire", sorted(kept))


def _logout(probe: Probe, headers: Mapping[str, str], query: str, clause: str) -> Reply:
    reply = probe.root_request("GET", f"/logout{query}", headers=headers)
    if reply.status not in (302, 303, 307):
        raise NonConformance(clause, "a redirect as answer of /logout", reply.describe())
    return reply
