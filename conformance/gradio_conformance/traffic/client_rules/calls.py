"""Calls, their results and their cancels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradio_conformance.faults import show
from gradio_conformance.traffic.client_rules.asking import GRACE_S
from gradio_conformance.traffic.client_rules.asking import Answer
from gradio_conformance.traffic.client_rules.asking import Case
from gradio_conformance.traffic.client_rules.asking import ClientRule
from gradio_conformance.traffic.client_rules.asking import Found
from gradio_conformance.traffic.client_rules.asking import Later
from gradio_conformance.traffic.client_rules.asking import Moment
from gradio_conformance.traffic.client_rules.asking import function_of
from gradio_conformance.traffic.clients import CANCEL
from gradio_conformance.traffic.clients import JOIN
from gradio_conformance.traffic.clients import call_key
from gradio_conformance.traffic.exchange import ALL_CALLS
from gradio_conformance.traffic.exchange import CALL_STREAMS
from gradio_conformance.traffic.exchange import DIRECT
from gradio_conformance.traffic.exchange import Exchange

# Sent again so soon and so often, it was no person.
AGAIN_S = 10.0
AGAIN_TIMES = 2
POSITIONAL = (JOIN, "POST /call/{api_name}", *DIRECT)
NOT_FOR_GOOD = (401, 408, 425, 429)


def refused_for_good(case: Case) -> Answer:
    refused = [
        other
        for other in case.clients.refused.get(call_key(case.exchange), ())
        if other.over_at is not None and case.now - other.over_at <= AGAIN_S
    ]
    if not refused:
        return None
    if len(refused) < AGAIN_TIMES:
        return ()
    actual = f"sent again after {', '.join(str(other.status) for other in refused)}"
    return [Found("no further try of a call that was refused for good", actual)]


def is_refused_for_good(exchange: Exchange) -> bool:
    status = exchange.status or 0
    if exchange.name in DIRECT and status == 500:
        return False  # the function failed
    if exchange.name not in ALL_CALLS or status in NOT_FOR_GOOD:
        return False
    return 400 <= status < 500 or status == 500


def endpoints_are_not_tried_out(case: Case) -> Answer:
    """A call without any of the values that it needs, whose outcome nobody looks at, and which is
    followed by one with them.
    """
    exchange = case.exchange
    function = function_of(case)
    needed = _needed(case, function)
    if function is None or not needed:
        return None
    probes = case.clients.probes.setdefault((exchange.client, function["id"]), [])
    if exchange.arguments in ([], {}):
        probes.append(exchange)
        return ()
    for probe in probes:
        event = case.clients.events.get(probe.event_id or "")
        session = case.clients.sessions.get(probe.session or "")
        is_read = (event is not None and event.readings) or (
            session is not None and session.streams
        )
        if probe.event_id is not None and not is_read:
            probes.clear()
            expected = "/config and /info to be asked whether an endpoint exists"
            actual = f"a call of {function.get('api_name')} without its {needed} arguments, unread"
            return [Found(expected, actual, probe, probe.event_id)]
    probes.clear()
    return ()


def defaults_are_sent(case: Case) -> Answer:
    function, given = function_of(case), case.exchange.arguments
    known = case.site.parameters(function.get("api_name")) if function is not None else None
    if known is None or not isinstance(given, list):
        return None
    left_out = known[len(given) :]
    if not left_out or not all(p.get("parameter_has_default") is True for p in left_out):
        return ()
    names = ", ".join(str(p.get("parameter_name")) for p in left_out)
    return [Found(f"{len(known)} values, the defaults of /info among them", f"none for {names}")]


def results_are_read_once(case: Case) -> Answer:
    event = case.clients.events.get(case.exchange.event_id or "")
    if event is None:
        return None
    older = [
        reading
        for reading in event.readings
        if reading.id < case.exchange.id and reading.status in (None, 200)
    ]
    if not older:
        return ()
    last = older[-1]

    def find(now: float) -> Found | None:
        is_lost = last.how in ("cut", "open") or (last.how == "eof" and event.ended_at is None)
        if is_lost or last.status not in (None, 200):
            return None  # the server's fault, and a way out
        word = {None: "is open", "left": "was left before the end"}.get(last.how, "had the result")
        return Found("one GET, held until complete or error", f"exchange {last.id} {word}")

    if last.is_open:
        return [Later(case.now + GRACE_S, find)]
    found = find(case.now)
    return [found] if found is not None else ()


def cancels_name_all_three(case: Case) -> Answer:
    sent = case.exchange.sent if isinstance(case.exchange.sent, dict) else {}
    missing = [n for n in ("session_hash", "fn_index", "event_id") if sent.get(n) is None]
    if missing:
        return [Found("session_hash, fn_index and event_id", f"no {' and no '.join(missing)}")]
    event = case.clients.events.get(str(sent["event_id"]))
    if event is None or event.call.name != JOIN:
        return ()
    wanted = {"session_hash": event.session, "fn_index": event.fn_index}
    wrong = [name for name, value in wanted.items() if sent[name] != value]
    if not wrong:
        return ()
    expected = ", ".join(f"{name} {show(wanted[name])}" for name in wrong)
    actual = ", ".join(f"{name} {show(sent[name])}" for name in wrong)
    return [Found(f"{expected}, as the event was joined", actual, event_id=event.id)]


def _needed(case: Case, function: Mapping[str, Any] | None) -> int:
    """How many values a call of the function needs, having no defaults."""
    known = case.site.parameters(function.get("api_name")) if function is not None else None
    return sum(p.get("parameter_has_default") is False for p in known or ())


RULES = (
    ClientRule("CLIENT-021", Moment.REQUEST, refused_for_good, ALL_CALLS),
    ClientRule("CLIENT-024", Moment.REQUEST, endpoints_are_not_tried_out, ALL_CALLS),
    ClientRule("CLIENT-027", Moment.REQUEST, defaults_are_sent, POSITIONAL),
    ClientRule("CLIENT-031", Moment.REQUEST, results_are_read_once, CALL_STREAMS),
    ClientRule("CLIENT-029", Moment.REQUEST, cancels_name_all_three, (CANCEL,)),
)
