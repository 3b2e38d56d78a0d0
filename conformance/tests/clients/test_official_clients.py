"""Both official clients report the same from the reference server and from real Gradio.

Each scenario (python_client/, js/) ends in a report of what the client handed out: results, chunks,
status codes, logs, progress, errors. On the reference server it must be what expected/ says, on
real Gradio the same but for what differences.yaml explains. The reference server runs on each of
its web servers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from gradio_spec.loader import load_known

from . import servers
from .transcripts import HERE
from .transcripts import MUTUAL
from .transcripts import Difference
from .transcripts import brief
from .transcripts import diff
from .transcripts import load_differences
from .transcripts import load_expected
from .transcripts import on_gradio

pytestmark = pytest.mark.clients

VERSIONS = {"python": "gradio_client 2.7.2", "javascript": "@gradio/client 2.7.0"}
LIBRARIES = ("reference", servers.FAST, "gradio")
EXPECTED = {client: load_expected(client) for client in VERSIONS}
SCENARIOS = [(client, name) for client, reports in EXPECTED.items() for name in reports]
DIFFERENCES = load_differences()
ERRATA = {entry.erratum for entry in load_known("gradio-6.31.0").entries}

Transcripts = dict[str, dict[str, Any]]


def run(library: str) -> Transcripts:
    """Both clients on one testbed, one after the other."""
    with servers.testbed(library) as url:
        return {
            "python": servers.python_report(url),
            "javascript": servers.javascript_report(url),
        }


@pytest.fixture(scope="session")
def runs() -> Iterator[dict[str, Future[Transcripts]]]:
    with ThreadPoolExecutor(len(LIBRARIES)) as pool:
        yield {library: pool.submit(run, library) for library in LIBRARIES}


@pytest.fixture(scope="session")
def reference(runs: dict[str, Future[Transcripts]]) -> Transcripts:
    return runs["reference"].result()


@pytest.fixture(scope="session")
def gradio(runs: dict[str, Future[Transcripts]]) -> Transcripts:
    return runs["gradio"].result()


def require_same(found: Any, right: Any) -> None:
    if lines := diff(found, right):
        pytest.fail(lines, pytrace=False)


@pytest.mark.parametrize(("client", "scenario"), SCENARIOS)
def test_reference(client: str, scenario: str, reference: Transcripts) -> None:
    found = brief(reference[client]["scenarios"][scenario])
    require_same(found, EXPECTED[client][scenario])


@pytest.mark.parametrize(("client", "scenario"), SCENARIOS)
def test_fast_server(client: str, scenario: str, runs: dict[str, Future[Transcripts]]) -> None:
    found = brief(runs[servers.FAST].result()[client]["scenarios"][scenario])
    require_same(found, EXPECTED[client][scenario])


@pytest.mark.parametrize(("client", "scenario"), SCENARIOS)
def test_gradio(client: str, scenario: str, gradio: Transcripts) -> None:
    found = brief(gradio[client]["scenarios"][scenario])
    require_same(found, on_gradio(EXPECTED[client], client, DIFFERENCES)[scenario])


@pytest.mark.parametrize("client", VERSIONS)
def test_equal_on_both(client: str, reference: Transcripts, gradio: Transcripts) -> None:
    ours, theirs = (one[client]["scenarios"] for one in (reference, gradio))
    require_same(theirs, on_gradio(ours, client, DIFFERENCES))


@pytest.mark.parametrize("client", VERSIONS)
@pytest.mark.parametrize("library", LIBRARIES)
def test_ran_all_with_the_pinned_client(
    client: str, library: str, runs: dict[str, Future[Transcripts]]
) -> None:
    transcript = runs[library].result()[client]
    assert transcript["client"] == VERSIONS[client]
    assert set(transcript["scenarios"]) == set(EXPECTED[client]) | MUTUAL


@pytest.mark.parametrize(
    "difference", DIFFERENCES, ids=lambda one: f"{one.erratum}-{one.client}-{one.scenario}"
)
def test_difference_is_one_and_a_known_erratum(difference: Difference) -> None:
    right: Any = EXPECTED[difference.client]
    for step in (difference.scenario, *difference.path):
        right = right[step]
    assert diff(difference.gradio, right)
    assert difference.erratum in ERRATA


def test_table_names_every_scenario() -> None:
    readme = (HERE / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \|.*\| (✓|–) \| (✓|–) \|$", readme, re.MULTILINE)
    table = {(client, name) for name, *ticks in rows for client in ticked(*ticks)}
    assert table == {*SCENARIOS, *((client, name) for client in VERSIONS for name in MUTUAL)}


def ticked(*ticks: str) -> list[str]:
    return [client for client, tick in zip(VERSIONS, ticks, strict=True) if tick == "✓"]
