"""The law of the checks: every clause that a run can be asked for has one, and each says truly
what it proves and needs.
"""

from __future__ import annotations

import inspect
import re
from collections import Counter
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest

import gradio_conformance.checks
from gradio_conformance.binding import CheckInfo
from gradio_conformance.binding import check
from gradio_conformance.binding import info_of
from gradio_conformance.catalogue import all_checks
from gradio_conformance.catalogue import checks_of
from gradio_spec.loader import load_spec
from gradio_spec.model import Clause
from gradio_spec.model import Scope
from gradio_spec.testbed import endpoints_of

SPEC = load_spec()
TESTABLE = tuple(SPEC.testable())
CHECKS = list(all_checks().values())
SERVERS = tuple(SPEC.testbed["servers"])
ENDPOINTS: Mapping[str, Any] = {row["name"]: row for row in SPEC.testbed["endpoints"]}
MODULES = [
    module.name
    for module in iter_modules(gradio_conformance.checks.__path__)
    if module.name.startswith("check_")
]
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\.[a-z0-9]+(-[a-z0-9]+)*")
# A title stands on one line of a report.
LONGEST_TITLE = 120

each_check = pytest.mark.parametrize("info", CHECKS, ids=lambda info: info.slug)


@pytest.mark.parametrize("clause", TESTABLE, ids=lambda clause: clause.id)
def test_every_testable_clause_has_a_check(clause: Clause) -> None:
    assert checks_of(clause.id)


@pytest.mark.parametrize(
    "clause",
    [c for c in TESTABLE if c.scope is Scope.ANY_APP],
    ids=lambda clause: clause.id,
)
def test_a_clause_of_every_app_has_a_check_without_testbed(clause: Clause) -> None:
    assert [i.slug for i in checks_of(clause.id) if not i.needs and i.server == "main"]


@pytest.mark.parametrize(
    "clause",
    [c for c in TESTABLE if c.scope is Scope.TESTBED],
    ids=lambda clause: clause.id,
)
def test_a_clause_of_the_testbed_has_a_check_that_needs_it(clause: Clause) -> None:
    assert [i.slug for i in checks_of(clause.id) if i.needs]


@each_check
def test_clauses_exist_once_and_are_not_excluded(info: CheckInfo) -> None:
    assert len(set(info.clauses)) == len(info.clauses)
    for clause_id in info.clauses:
        assert clause_id in SPEC.clauses
        assert SPEC.clause(clause_id).excluded is None


@each_check
def test_needs_are_endpoints_of_the_server(info: CheckInfo) -> None:
    assert info.server in SERVERS
    assert len(set(info.needs)) == len(info.needs)
    for name in info.needs:
        assert name in ENDPOINTS
        assert ENDPOINTS[name] in endpoints_of(SPEC.testbed, info.server)


@each_check
def test_the_second_server_is_asked_for_only_with_the_testbed(info: CheckInfo) -> None:
    assert info.server == "main" or info.needs


@each_check
def test_slug_and_title_can_be_read(info: CheckInfo) -> None:
    assert SLUG.fullmatch(info.slug)
    assert info.title == info.title.strip()
    assert 0 < len(info.title) <= LONGEST_TITLE
    assert not info.title.startswith("Check ")


def test_titles_are_unique() -> None:
    counted = Counter(info.title for info in CHECKS)
    assert [title for title, times in counted.items() if times > 1] == []


def test_no_clause_of_one_check_belongs_to_a_profile_that_has_none() -> None:
    profiles = {SPEC.clause(clause).profile for info in CHECKS for clause in info.clauses}
    assert {SPEC.profiles[profile].status for profile in profiles} == {"stable"}


@pytest.mark.parametrize("name", MODULES)
def test_every_check_function_is_bound(name: str) -> None:
    module = import_module(f"{gradio_conformance.checks.__name__}.{name}")
    functions = {n: f for n, f in vars(module).items() if n.startswith("check_") and callable(f)}
    assert functions, "a module of checks without checks"
    for function_name, function in functions.items():
        assert info_of(function) is not None, function_name
        first = next(iter(inspect.signature(inspect.unwrap(function)).parameters))
        assert first == "probe", function_name


@pytest.mark.parametrize("name", MODULES)
def test_checks_use_no_bare_assert(name: str) -> None:
    source = (Path(gradio_conformance.checks.__path__[0]) / f"{name}.py").read_text("utf-8")
    assert not re.search(r"^\s*assert\b", source, re.MULTILINE)


def test_a_check_proves_something() -> None:
    with pytest.raises(TypeError, match="at least one clause"):
        check()


def test_a_binding_carries_what_lists_and_reports_show() -> None:
    @check("DISC-001", needs="echo")
    def check_some_thing() -> None:
        """First line.

        More.
        """

    info = info_of(check_some_thing)
    assert info is not None
    assert info.slug == "test-catalogue.some-thing"
    assert (info.title, info.clauses, info.needs, info.server) == (
        "First line",
        ("DISC-001",),
        ("echo",),
        "main",
    )
    assert info_of(len) is None


def test_clauses_without_a_check_are_none() -> None:
    assert checks_of("DISC-999") == ()
    assert [i.slug for i in checks_of("DISC-026")] == []
