"""Where requests go, and what they may take there."""

from __future__ import annotations

from gradio_conformance.traffic.client_rules.asking import Answer
from gradio_conformance.traffic.client_rules.asking import Case
from gradio_conformance.traffic.client_rules.asking import ClientRule
from gradio_conformance.traffic.client_rules.asking import Found
from gradio_conformance.traffic.client_rules.asking import Moment
from gradio_conformance.traffic.client_rules.asking import function_of
from gradio_conformance.traffic.clients import JOIN
from gradio_conformance.traffic.clients import secrets_of
from gradio_conformance.traffic.exchange import ALL_CALLS

GONE = (403, 404, 405)
SHORTEST_SECRET = 8


def below_the_prefix(case: Case) -> Answer:
    place, site = case.exchange.place, case.site
    if place.operation is not None and place.operation.below_prefix:
        return ()
    stale = site.stale(case.exchange.request.method, place.path)
    # An app may have routes of its own: only one that is not there was meant to be the protocol's.
    is_there = case.exchange.staged or case.exchange.status not in GONE[1:]
    if place.is_elsewhere or stale is None or is_there:
        return None
    expected = f"{stale.method} {site.prefix}{stale.path}, below the api_prefix of /config"
    return [Found(expected, f"{place.path}, answered {case.exchange.status}")]


def fn_index_of_the_config(case: Case) -> Answer:
    sent, site = case.exchange.sent, case.site
    index = sent.get("fn_index") if isinstance(sent, dict) else None
    if not isinstance(index, int) or isinstance(index, bool) or site.config is None:
        return None
    if index not in site.ids.values() and not site.renders:
        known = ", ".join(f"{name}: {number}" for name, number in list(site.ids.items())[:8])
        return [Found(f"the id of a dependency in /config ({known})", f"fn_index {index}")]
    if case.whole and not site.was_asked:
        return [Found("GET /config before the first join", f"fn_index {index}, out of the blue")]
    return ()


def what_stands_between_lets_through(case: Case) -> Answer:
    exchange = case.exchange
    ours = case.clients.server_header
    theirs = exchange.answer_headers.get("server")
    if exchange.place.operation is None or exchange.how != "eof" or exchange.staged:
        return None
    # Who answers under another name than the server does is not the server.
    if exchange.status not in GONE or exchange.is_json or not ours or not theirs or ours == theirs:
        return ()
    actual = f"{exchange.status} from {theirs!r}, where {ours!r} answers /config"
    return [Found(f"{exchange.name} to be let through", actual)]


def credentials_stay_here(case: Case) -> Answer:
    if not case.exchange.place.is_elsewhere:
        return None
    sent = {s for s in secrets_of(case.exchange.headers) if len(s) >= SHORTEST_SECRET}
    for secret in sent & case.clients.secrets:
        origin = "/".join(case.exchange.request.target.split("/")[:3])
        return [
            Found("no credentials of this server for another origin", f"{secret[:3]}… for {origin}")
        ]
    return ()


def nothing_private(case: Case) -> Answer:
    exchange = case.exchange
    function = function_of(case)
    if function is None:
        return None
    sent = exchange.sent if isinstance(exchange.sent, dict) else {}
    # Gradio's own page triggers them by its components, and says which.
    by_hand = sent.get("trigger_id") is None and sent.get("event_data") is None
    if function.get("api_visibility") != "private" or (exchange.name == JOIN and not by_hand):
        return ()
    return [Found("no call of a private function", f"{function.get('api_name')} was called")]


RULES = (
    ClientRule("CLIENT-001", Moment.ANSWER, below_the_prefix),
    ClientRule("CLIENT-002", Moment.REQUEST, fn_index_of_the_config, (JOIN,)),
    ClientRule("CLIENT-033", Moment.OVER, what_stands_between_lets_through),
    ClientRule("CLIENT-032", Moment.REQUEST, credentials_stay_here),
    ClientRule("CLIENT-034", Moment.REQUEST, nothing_private, ALL_CALLS),
)
