"""What the traffic of a test breaks of the protocol, on either side."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from gradio_conformance.traffic.judge import Judge
from gradio_conformance.traffic.model import Observation
from gradio_conformance.traffic.model import Offence
from gradio_spec.loader import load_known
from gradio_spec.loader import load_spec
from gradio_spec.model import Spec

from .servers import Site

RELEASE = "gradio-6.31.0"


@cache
def _spec() -> Spec:
    return load_spec()


@cache
def known_clauses() -> frozenset[str]:
    """The clauses that this release of Gradio is known to break."""
    return frozenset(entry.clause for entry in load_known(RELEASE).entries)


def offences(seen: Sequence[Observation]) -> tuple[Offence, ...]:
    """All that is wrong with this traffic."""
    judge = Judge(_spec())
    for observation in seen:
        judge.feed(observation)
    judge.finish()
    return tuple(judge.offences)


def unexpected(site: Site, found: Sequence[Offence]) -> list[Offence]:
    """Those that nobody knew of: any of the front end, and of Gradio those that are not listed."""
    allowed = known_clauses() | site.excused if site.library == "gradio" else frozenset()
    return [one for one in found if one.side == "client" or one.clause not in allowed]
