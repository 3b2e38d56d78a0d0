"""What pages of other origins may read: the headers that tell a browser so."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx

from gradio_conformance.binding import check
from gradio_conformance.faults import NotApplicable
from gradio_conformance.faults import require
from gradio_conformance.inputs import some_endpoint
from gradio_conformance.logins import ANYBODY
from gradio_conformance.logins import GUARDED
from gradio_conformance.probe import Probe
from gradio_conformance.wire import Reply

ALLOW_ORIGIN = "access-control-allow-origin"
ALLOW_CREDENTIALS = "access-control-allow-credentials"
LOCAL_NAMES = ("localhost", "127.0.0.1")
LOCAL = ("http://localhost:3000", "http://127.0.0.1:3000", "https://localhost")
FOREIGN = (
    *("https://other.example", "http://localhost.other.example", "http://127.0.0.1.other.example"),
    *("https://notlocalhost", "http://10.0.0.1:7860", "https://other.example:7860"),
)
PUBLIC_HOST = "app.example"
PAGE = "https://other.example"


def _local_host(probe: Probe) -> str:
    """Host and port of a server of this machine; others have no rule for its pages."""
    address = urlsplit(probe.target.base_url)
    if address.hostname not in LOCAL_NAMES:
        raise NotApplicable("the server is not addressed as one of this machine")
    return address.netloc


def _public(probe: Probe) -> Mapping[str, str]:
    """The header that addresses the server by a public name."""
    local = urlsplit(probe.target.base_url).hostname in LOCAL_NAMES
    return {"host": PUBLIC_HOST} if local else {}


def _config(probe: Probe, headers: Mapping[str, str]) -> Reply:
    return probe.root_request("GET", "/config", headers=headers)


def _require_readable(headers: httpx.Headers, origin: str, clause: str, what: str) -> None:
    """Demand that a page of this origin may read an answer, with the visitor's cookies."""
    expected = f"{ALLOW_ORIGIN} {origin} and {ALLOW_CREDENTIALS} true on {what}"
    found = (headers.get(ALLOW_ORIGIN), headers.get(ALLOW_CREDENTIALS))
    require(found == (origin, "true"), clause, expected, list(found))


def _require_a_rule(probe: Probe) -> None:
    """Demand that there is a page that may read: who lets nobody read has refused nobody."""
    reply = _config(probe, {"origin": LOCAL[0]})
    _require_readable(reply.headers, LOCAL[0], "CORS-001", "/config")


def _require_unreadable(reply: Reply, origin: str, clause: str) -> None:
    found = reply.headers.get(ALLOW_ORIGIN)
    require(found is None, clause, f"no {ALLOW_ORIGIN} for a page of {origin}", found)


@check("CORS-001")
def check_local_pages_may_read(probe: Probe) -> None:
    """A page of this machine may read the answers of a server of this machine."""
    netloc = _local_host(probe)
    port = netloc.rpartition(":")[2]
    for host in (netloc, *(f"{name}:{port}" for name in LOCAL_NAMES)):
        for origin in LOCAL:
            reply = _config(probe, {"origin": origin, "host": host})
            _require_readable(reply.headers, origin, "CORS-001", f"/config of {host}")


@check("CORS-001")
def check_local_pages_may_read_streams(probe: Probe) -> None:
    """A page of this machine may read the stream of a session."""
    _local_host(probe)
    path, origin = "/queue/data?session_hash=no-such-session", LOCAL[0]
    reader = probe.open_stream(
        path, "a page", lambda event: None, lambda how: None, {"origin": origin}
    )
    try:
        probe.wait(reader.ready.is_set, "CORS-001", "an answer", lambda: "none", poll_s=0.01)
        _require_readable(reader.headers, origin, "CORS-001", path)
    finally:
        reader.drop()


@check("CORS-002")
def check_foreign_pages_may_not_read(probe: Probe) -> None:
    """A page of another machine may read nothing of a server of this machine."""
    _local_host(probe)
    _require_a_rule(probe)
    for origin in FOREIGN:
        reply = _config(probe, {"origin": origin})
        _require_unreadable(reply, origin, "CORS-002")
        preflight = {"origin": origin, "access-control-request-method": "POST"}
        answer = probe.request("OPTIONS", "/queue/join", headers=preflight)
        _require_unreadable(answer, origin, "CORS-002")


@check("CORS-003")
def check_the_origin_null_is_refused(probe: Probe) -> None:
    """A sandboxed page may read nothing of a server of this machine."""
    _local_host(probe)
    _require_a_rule(probe)
    _require_unreadable(_config(probe, {"origin": "null"}), "null", "CORS-003")


@check("CORS-004")
def check_preflights_are_answered(probe: Probe) -> None:
    """A preflight allows the method and the headers that a page of this machine asks for."""
    _local_host(probe)
    wanted = "content-type,x-gradio-user"
    for method, path in (("POST", "/queue/join"), ("GET", "/info"), ("POST", "/upload")):
        _require_allowed(probe, path, method, wanted, LOCAL[0], "CORS-004")


def _require_allowed(
    probe: Probe, path: str, method: str, wanted: str, origin: str, clause: str
) -> None:
    headers = {
        **ANYBODY,
        "origin": origin,
        "access-control-request-method": method,
        "access-control-request-headers": wanted,
    }
    reply = probe.request("OPTIONS", path, headers=headers)
    require(200 <= reply.status < 300, clause, f"2xx for OPTIONS {path}", reply.describe())
    found = reply.headers.get(ALLOW_ORIGIN)
    require(found == origin, clause, f"{ALLOW_ORIGIN} {origin}", found)
    for header, names in (("methods", [method]), ("headers", wanted.split(","))):
        allowed = _listed(reply.headers.get(f"access-control-allow-{header}", ""))
        missing = [name for name in names if name.lower() not in allowed]
        require(not missing, clause, f"{missing} in the allowed {header}", sorted(allowed))


def _listed(text: str) -> set[str]:
    return {part.strip().lower() for part in text.split(",")}


@check("CORS-005")
def check_answers_vary_with_the_origin(probe: Probe) -> None:
    """What one page may read is kept apart from what another gets."""
    _local_host(probe)
    _require_a_rule(probe)
    named = _listed(_config(probe, {"origin": LOCAL[0]}).headers.get("vary", ""))
    require(bool({"origin", "*"} & named), "CORS-005", "Vary: Origin", sorted(named))


@check("CORS-006")
def check_refusals_can_be_read(probe: Probe) -> None:
    """A page can read why its request was refused."""
    _local_host(probe)
    origin, name = LOCAL[0], some_endpoint(probe.target).name
    json_type = {"content-type": "application/json", "origin": origin}
    for method, path, content in (
        ("GET", "/no-such-route", None),
        ("POST", f"/run/{name}", b"{"),
        ("POST", "/call/no-such-endpoint", b'{"data": []}'),
        ("POST", "/queue/join", b"[]"),
    ):
        headers = {"origin": origin} if content is None else json_type
        reply = probe.request(method, path, content=content, headers=headers)
        _require_readable(reply.headers, origin, "CORS-006", f"the {reply.status} of {path}")


@check("CORS-006", needs="fail")
def check_failures_can_be_read(probe: Probe) -> None:
    """A page can read the error of a function."""
    _local_host(probe)
    headers = {"origin": LOCAL[0]}
    reply = probe.request("POST", "/run/fail", json_body={"data": ["failed"]}, headers=headers)
    reply.require_status("CORS-006", 500)
    _require_readable(reply.headers, LOCAL[0], "CORS-006", "the 500 of run")


@check("CORS-007")
def check_without_an_origin_nothing_is_said(probe: Probe) -> None:
    """An answer to no page at all has no Access-Control headers."""
    _public_page_reads(probe)
    for reply in (_config(probe, {}), probe.request("GET", "/no-such-route")):
        told = [name for name in reply.headers if name.lower().startswith("access-control-")]
        require(not told, "CORS-007", "no Access-Control header", told)


@check("CORS-008")
def check_foreign_pages_do_not_act_for_visitors(probe: Probe) -> None:
    """A server with a public name lets no other site use its visitors' cookies."""
    reply = _public_page_reads(probe)
    found = (reply.headers.get(ALLOW_ORIGIN), reply.headers.get(ALLOW_CREDENTIALS))
    both = found[0] == PAGE and found[1] == "true"
    require(not both, "CORS-008", "no credentials for a page of another site", list(found))


@check("CORS-009")
def check_forwarded_headers_open_nothing(probe: Probe) -> None:
    """What a request says of itself in forwarded headers does not decide who may read."""
    _local_host(probe)
    _require_a_rule(probe)
    claims = (
        {"x-forwarded-host": PUBLIC_HOST},
        {"x-forwarded-for": "203.0.113.7"},
        {"forwarded": f"for=203.0.113.7;host={PUBLIC_HOST};proto=https"},
    )
    for claim in claims:
        reply = _config(probe, {"origin": PAGE, **claim})
        found = reply.headers.get(ALLOW_ORIGIN)
        require(found is None, "CORS-009", f"no {ALLOW_ORIGIN} with {claim}", found)


@check("CORS-010")
def check_a_public_app_can_be_used_from_anywhere(probe: Probe) -> None:
    """A server with a public name lets the pages of all sites read."""
    _public_page_reads(probe)


def _public_page_reads(probe: Probe) -> Reply:
    """The answer of a server with a public name to a page of another site, which may read it."""
    reply = _config(probe, {"origin": PAGE, **_public(probe)})
    found = reply.headers.get(ALLOW_ORIGIN)
    require(found in (PAGE, "*"), "CORS-010", f"{ALLOW_ORIGIN} {PAGE} or *", found)
    return reply


@check("CORS-011", needs="settings", server=GUARDED)
def check_preflights_want_no_login(probe: Probe) -> None:
    """A preflight, which has no cookie, is answered; the 401 of the request can be read."""
    _local_host(probe)
    _require_allowed(probe, "/queue/join", "POST", "content-type", LOCAL[0], "CORS-011")
    reply = _config(probe, {**ANYBODY, "origin": LOCAL[0]}).require_status("CORS-011", 401)
    _require_readable(reply.headers, LOCAL[0], "CORS-011", "the 401 of /config")
