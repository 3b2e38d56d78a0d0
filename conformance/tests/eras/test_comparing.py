"""What counts as agreeing, as explained and as stale."""

from __future__ import annotations

import pytest

from eras.makers import OK
from eras.makers import cell
from eras.makers import failed
from gradio_conformance.eras.comparing import Explanation
from gradio_conformance.eras.comparing import Of
from gradio_conformance.eras.comparing import Seen
from gradio_conformance.eras.comparing import changes
from gradio_conformance.eras.comparing import compare
from gradio_conformance.eras.expectations import Expected
from gradio_conformance.eras.expectations import expected_tasks
from gradio_conformance.eras.model import CONNECT
from gradio_conformance.eras.model import Cell
from gradio_conformance.eras.model import Kind
from gradio_conformance.eras.model import Outcome
from gradio_conformance.eras.model import Status
from gradio_conformance.eras.model import Table

HANG = Outcome(Status.HANG)
ENDLESS = Outcome(Status.OK, None, ("its iterator never ends",))
SEEN = [
    Seen("4.44.1", "js-1.19.1", "ok", (1,), expected_tasks({"all": "ok", "generator": "hang"})),
]


def explained(of: Of = Of.STUDY, shows: Expected | None = None) -> Explanation:
    return Explanation(
        "why",
        of,
        frozenset({"4.44.1"}),
        frozenset({"js-1.19.1"}),
        frozenset({"generator"}),
        frozenset(Kind),
        shows or Expected(Status.OK, note="iterator"),
        "It is so.",
    )


def here(kind: Kind = Kind.AS, **tasks: Outcome) -> Cell:
    return cell("4.44.1", "js-1.19.1", kind, **tasks)


def test_a_cell_that_is_as_it_was_seen_agrees() -> None:
    found = compare(Table([here(generator=HANG)]), SEEN, [])
    assert found.is_good
    assert found.compared == {Of.STUDY: 1, Of.LIVE: 0}


def test_one_that_is_not_has_to_be_explained() -> None:
    found = compare(Table([here()]), SEEN, [])
    assert not found.is_good
    (difference,) = found.unexplained
    assert (difference.task, difference.how) == ("generator", "hang expected, it is ok")


def test_an_explanation_holds_where_the_outcome_is_what_it_says() -> None:
    assert compare(Table([here(generator=ENDLESS)]), SEEN, [explained()]).is_good
    wrong = compare(Table([here(generator=OK)]), SEEN, [explained()])
    assert [one.task for one in wrong.unexplained] == ["generator"]
    assert wrong.stale == ["why"]


@pytest.mark.parametrize(
    "wrong",
    [
        cell("4.44.1", "js-1.19.1", generator=HANG, echo=ENDLESS),  # agrees
        cell("4.44.1", "js-1.19.1", generator=failed("iterator")),
    ],
)
def test_an_explanation_that_nothing_meets_is_stale(wrong: Cell) -> None:
    assert compare(Table([wrong]), SEEN, [explained()]).stale == ["why"]


def test_an_explanation_of_cells_that_were_not_run_is_not_stale() -> None:
    assert compare(Table([cell("6.31.0", "py-2.7.2")]), SEEN, [explained()]).is_good
    assert compare(Table([here(generator=HANG)]), [], [explained(Of.LIVE)]).is_good


def test_serve_as_is_held_against_the_release_itself_with_its_messages() -> None:
    live = here(Kind.LIVE, file=failed("AppError: no"), echo=HANG)
    same = here(file=failed("AppError: no"), echo=HANG)
    assert compare(Table([same, live]), [], []).is_good
    other = compare(Table([here(file=failed("AppError: on")), live]), [], [])
    assert [one.task for one in other.unexplained] == ["echo", "file"]
    shows = Expected(Status.OK)
    known = [explained(Of.LIVE, shows)]
    fixed = Table([here(), here(Kind.LIVE, generator=HANG)])
    assert compare(fixed, [], known).is_good


@pytest.mark.parametrize(
    ("rule", "outcome", "agrees"),
    [
        (Expected(Status.FAILED, "404"), failed("HTTP 404"), True),
        (Expected(Status.FAILED, "404"), failed("HTTP 403"), False),
        (Expected(Status.FAILED, "404"), Outcome(Status.FAILED), False),
        (Expected(Status.FAILED), failed("HTTP 403"), True),
        (Expected(Status.OK, note="never"), ENDLESS, True),
        (Expected(Status.OK, note="never"), OK, False),
        (Expected(Status.OK, without="never"), OK, True),
        (Expected(Status.OK, without="never"), ENDLESS, False),
        (Expected(Status.HANG), OK, False),
    ],
)
def test_an_outcome_agrees_by_status_message_and_note(
    rule: Expected, outcome: Outcome, agrees: bool
) -> None:
    assert (rule.differs(outcome) is None) is agrees


def test_where_connecting_fails_nothing_is_said_of_the_tasks() -> None:
    rules = expected_tasks({"connect": {"status": "failed", "message": "404"}})
    assert rules == {CONNECT: Expected(Status.FAILED, "404")}


def test_what_has_changed_since_is_told_but_for_notes() -> None:
    before = Table([here(cancel=ENDLESS), cell("6.31.0", "py-2.7.2", echo=HANG)])
    assert list(changes(before, Table([here(), cell("4.8.0", "py-2.7.2", echo=HANG)]))) == []
    found = list(changes(before, Table([cell("6.31.0", "py-2.7.2")])))
    assert found == ["py-2.7.2 with 6.31.0 (as), echo: hang expected, it is ok"]
