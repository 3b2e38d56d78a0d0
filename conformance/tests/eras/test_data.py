"""The data files of the era table agree with the testbed, the releases and one another."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eras.makers import cell
from eras.makers import failed
from gradio_conformance.eras.comparing import explanations
from gradio_conformance.eras.comparing import study
from gradio_conformance.eras.data import HERE
from gradio_conformance.eras.data import held
from gradio_conformance.eras.model import Kind
from gradio_conformance.eras.model import Status
from gradio_conformance.eras.model import Table
from gradio_conformance.eras.model import Task
from gradio_conformance.eras.model import matrix
from gradio_conformance.testbed.kit import TESTBED
from gradio_spec.data import SpecError
from gradio_spec.releases import release


@pytest.mark.parametrize("task", matrix().tasks, ids=lambda task: task.id)
def test_each_task_calls_an_endpoint_of_the_testbed_with_all_its_arguments(task: Task) -> None:
    rows = {f"/{row['name']}": row for row in TESTBED["endpoints"]}
    assert len(rows[task.endpoint]["parameters"]) == len(task.arguments)


def test_each_family_has_its_row() -> None:
    families = {release(server).family for server in matrix().servers}
    assert families == {"ws", "sse", "sse_v1", "sse_v2", "sse_v2.1", "sse_v3"}


def test_the_study_names_no_pair_twice() -> None:
    pairs = [(one.server, one.client) for one in study()]
    assert len(pairs) == len(set(pairs)) == 54


def test_explanations_have_ids_of_their_own() -> None:
    names = [one.id for one in explanations()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("servers", "clients", "reason"),
    [(["4.44.2"], [], "no server '4.44.2'"), ([], ["py-9"], "no client 'py-9'")],
)
def test_unknown_rows_and_columns_are_refused(
    servers: list[str], clients: list[str], reason: str
) -> None:
    with pytest.raises(SpecError, match=reason):
        matrix().chosen(servers, clients)


def test_rows_and_columns_are_chosen_in_the_order_of_the_table() -> None:
    chosen = matrix().chosen(["6.31.0", "3.50.2"], ["js-2.7.0", "py-2.7.2"])
    assert list(chosen.servers) == ["3.50.2", "6.31.0"]
    assert [client.id for client in chosen.clients] == ["py-2.7.2", "js-2.7.0"]


def test_a_table_survives_json() -> None:
    table = Table([cell("4.44.1", "py-2.7.2", Kind.LIVE, file=failed("no", alone=Status.OK))])
    assert Table.of_json(json.loads(json.dumps(table.as_json())), "it") == table


def test_what_is_no_table_is_refused_by_its_field() -> None:
    data = Table([cell("4.44.1", "py-2.7.2")]).as_json()
    data["cells"][0]["outcomes"]["echo"]["status"] = "fine"
    with pytest.raises(SpecError, match="it: cells/0/outcomes/echo/status: 'fine'"):
        Table.of_json(data, "it")


@pytest.mark.parametrize("path", sorted(HERE.glob("*.yaml")), ids=lambda path: path.stem)
def test_each_data_file_has_a_schema_that_refuses_what_it_does_not_know(path: Path) -> None:
    with pytest.raises(SpecError):
        held("it", {"more": 1}, path.stem)
