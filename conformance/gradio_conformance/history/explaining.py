"""All laws over one history. Laws that build on others are asked where those hold."""

from __future__ import annotations

from collections.abc import Mapping

from gradio_conformance.history.batches import keeps_batches
from gradio_conformance.history.estimates import keeps_estimates
from gradio_conformance.history.estimates import keeps_totals
from gradio_conformance.history.groups import Group
from gradio_conformance.history.known import Place
from gradio_conformance.history.known import places
from gradio_conformance.history.order import keeps_limit
from gradio_conformance.history.order import keeps_order
from gradio_conformance.history.outcomes import keeps_promises
from gradio_conformance.history.records import History
from gradio_spec.records import Violation


def explain(history: History, groups: Mapping[str, Group]) -> tuple[Violation, ...]:
    """What no legal schedule explains; empty if one explains it all.

    ``groups``: the group of each endpoint (:func:`groups_of`); events of other endpoints are left
    out of account.
    """
    found = places(history, groups)
    violations = [violation for place in found for violation in _explain_group(place, history)]
    if not violations:
        # Totals of all groups mean nothing where one of them is already wrong.
        violations += keeps_totals(found, history.samples)
    return tuple(violations)


def _explain_group(place: Place, history: History) -> list[Violation]:
    violations = list(keeps_promises(place, history))
    limit = list(keeps_limit(place))
    violations += limit or keeps_order(place)
    violations += keeps_batches(place, history)
    # Bounds on ranks follow from order, limit and outcomes.
    return violations or list(keeps_estimates(place))
