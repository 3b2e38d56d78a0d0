"""The official clients, judged: conformant but for what is listed, and CLIENTS.md says so."""

from __future__ import annotations

import pytest

from gradio_conformance.events import Verdict
from gradio_conformance.scenarios.model import load_scenarios
from gradio_spec.loader import load_known
from gradio_spec.loader import load_spec

from .record import OFFICIAL
from .record import TABLE
from .record import Official
from .record import judge
from .record import load_record
from .record import render


def by_name(client: Official) -> str:
    return client.name


def test_the_table_is_made_of_the_record() -> None:
    assert TABLE.read_text("utf-8") == render(load_record())


@pytest.mark.parametrize("client", OFFICIAL, ids=by_name)
def test_each_known_deviation_names_a_scenario_and_a_clause_of_clients(client: Official) -> None:
    scenarios, clauses = load_scenarios(), load_spec().client
    for entry in load_known(client.name).entries:
        assert entry.check in scenarios
        assert entry.clause in clauses
        assert entry.reproduce


@pytest.mark.clients
@pytest.mark.parametrize("client", OFFICIAL, ids=by_name)
def test_an_official_client_is_conformant_but_for_what_is_known(client: Official) -> None:
    finished, words = judge(client)
    assert finished.reason is None
    assert finished.verdict is Verdict.CONFORMANT
    assert words == load_record()[client.name]
