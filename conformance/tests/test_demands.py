"""What is demanded of an answer is what the clauses demand, and no more."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gradio_conformance.demands import Demands
from gradio_spec.loader import load_spec

PREFIX = "/gradio_api"
DEMANDS = Demands(load_spec().schemas, PREFIX, {"echo": 0, "pair": 4})
JOIN = {"data": [], "fn_index": 4, "session_hash": "s"}
CANCEL = {"session_hash": "", "fn_index": 9, "event_id": "e"}

ACCEPTED: list[tuple[str, Any]] = [
    ("/queue/join", JOIN),
    ("/queue/join/", JOIN | {"more": 1, "event_data": {}}),
    ("/cancel", CANCEL),
    ("/call/echo", {"data": [1, 2], "session_hash": "s"}),
    ("/run/ech%6F", {"data": []}),
    ("/api/nobody", {"data": [], "fn_index": 0}),
]
REFUSED: list[tuple[str, Any]] = [
    ("/queue/join", {}),
    ("/queue/join", []),
    ("/queue/join", JOIN | {"data": None}),
    ("/queue/join", JOIN | {"data": {}}),
    ("/queue/join", JOIN | {"session_hash": None}),
    ("/queue/join", JOIN | {"session_hash": ""}),
    ("/queue/join", JOIN | {"session_hash": 5}),
    ("/queue/join", JOIN | {"fn_index": None}),
    ("/queue/join", JOIN | {"fn_index": 1}),
    ("/cancel", CANCEL | {"event_id": None}),
    ("/cancel", CANCEL | {"fn_index": "9"}),
    ("/cancel", {"session_hash": "s", "fn_index": 9}),
    ("/call/nobody", {"data": []}),
    ("/call/echo", {"data": 5}),
    ("/call/v2/echo", 5),
    ("/run/nobody", {"data": []}),
    ("/api/echo", {"data": [], "fn_index": 7}),
    ("/run/echo", {}),
]
OPEN: list[tuple[str, Any]] = [
    ("/queue/join", JOIN | {"fn_index": 4.0}),
    ("/queue/join", JOIN | {"fn_index": "4"}),
    ("/queue/join", JOIN | {"oauth_token": 5}),
    ("/queue/join", JOIN | {"data": [float("nan")]}),
    ("/reset", {}),
    ("/call/echo", {"data": [], "session_hash": 5}),
    ("/call/echo", {"data": [], "session_hash": ""}),
    ("/call/v2/echo", {"value": 1}),
    ("/queue/status", {}),
]
CASES = [
    *(("accepted", *case) for case in ACCEPTED),
    *(("refused", *case) for case in REFUSED),
    *(("open", *case) for case in OPEN),
]


@pytest.mark.parametrize(("wanted", "path", "body"), CASES)
def test_bodies(wanted: str, path: str, body: Any) -> None:
    url = f"http://127.0.0.1{PREFIX}{path}"
    demand = DEMANDS.of_post(url, "application/json", json.dumps(body).encode())
    assert demand.verdict == wanted
    assert (demand.clause in load_spec().clauses) == (wanted != "open")


def test_what_is_no_json() -> None:
    join, call = (f"http://127.0.0.1{PREFIX}/{path}" for path in ("queue/join", "call/echo"))
    text = DEMANDS.of_post(join, "text/plain", json.dumps(JOIN).encode())
    assert (text.verdict, text.clause) == ("refused", "JOIN-009")
    assert DEMANDS.of_post(call, "text/plain", b'{"data":[]}').verdict == "open"
    for url, clause in ((join, "JOIN-007"), (call, "CALL-012")):
        for body in (b"", b"{", b"\xff", b"[" * 100_000):
            demand = DEMANDS.of_post(url, "application/json; charset=utf-8", body)
            assert (demand.verdict, demand.clause) == ("refused", clause)
