"""Log-ins as checks make them: the users of the testbed, their cookies, and nobody at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import CookieError
from http.cookies import Morsel
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from gradio_conformance.faults import require
from gradio_conformance.probe import Probe
from gradio_conformance.wire import Reply

GUARDED = "guarded"
ANYBODY: Mapping[str, str] = {"cookie": ""}  # takes the cookies of the probe's own log-in away
URLENCODED = {"content-type": "application/x-www-form-urlencoded"}
SECURE, PLAIN = "access-token-", "access-token-unsecure-"


@dataclass(frozen=True, slots=True)
class User:
    """Somebody whom the server ``guarded`` admits."""

    name: str
    password: str


def users(probe: Probe) -> list[User]:
    """The users of the contract; the probe itself is logged in as the first."""
    rows = probe.spec.testbed["servers"][GUARDED]["users"]
    return [User(row["name"], row["password"]) for row in rows]


def post_login(probe: Probe, **fields: str) -> Reply:
    """``POST /login`` with these fields in a form, by nobody."""
    content = urlencode(fields).encode()
    headers = {**ANYBODY, **URLENCODED}
    return probe.root_request("POST", "/login", content=content, headers=headers)


def set_cookies(reply: Reply) -> list[Morsel[str]]:
    """The cookies that an answer sets; what is no cookie is left out."""
    found: list[Morsel[str]] = []
    for line in reply.headers.get_list("set-cookie"):
        try:
            found += SimpleCookie(line).values()
        except CookieError:
            continue
    return found


def log_in(probe: Probe, user: User, clause: str = "AUTH-002") -> list[Mapping[str, str]]:
    """A new log-in: the header that each of its cookies makes by itself. ``clause`` is broken where
    there is none.
    """
    reply = post_login(probe, username=user.name, password=user.password)
    cookies = set_cookies(reply.require_status(clause, 200))
    require(bool(cookies), clause, f"cookies for {user.name}", dict(reply.headers))
    return [{"cookie": f"{cookie.key}={cookie.value}"} for cookie in cookies]


def logged_in(probe: Probe, user: User, clause: str = "AUTH-002") -> Mapping[str, str]:
    """A new log-in: the header of a client that keeps all cookies."""
    cookies = [one["cookie"] for one in log_in(probe, user, clause)]
    return {"cookie": "; ".join(cookies)}


def user_of(probe: Probe, headers: Mapping[str, str], clause: str) -> object:
    """Whom the server takes the sender of these headers for."""
    return probe.request("GET", "/user", headers=headers).require_status(clause, 200).json(clause)
