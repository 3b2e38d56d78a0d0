"""What both official clients do, through the judging proxy: they are not accused, and the servers
are found to do what is known of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gradio_conformance.traffic.judge import Judge
from gradio_conformance.traffic.proxy import Proxy
from gradio_spec.loader import load_known
from gradio_spec.loader import load_spec

from . import servers

pytestmark = [pytest.mark.clients, pytest.mark.slow]

# Its user asks for a private endpoint by name, and @gradio/client calls it (CLIENT-034);
# gradio_client refuses. Found by hand to be so.
ACCUSED: dict[str, set[str]] = {"python": set(), "javascript": {"CLIENT-034"}}
REPORTS: dict[str, Callable[[str], dict[str, Any]]] = {
    "python": servers.python_report,
    "javascript": servers.javascript_report,
}
KNOWN = {
    "reference": set[str](),
    "gradio": {entry.clause for entry in load_known("gradio-6.31.0").entries},
}


@pytest.mark.parametrize("library", KNOWN)
@pytest.mark.parametrize("client", REPORTS)
def test_nobody_is_accused_who_keeps_to_it(client: str, library: str) -> None:
    with servers.testbed(library) as url, Proxy(url) as proxy:
        REPORTS[client](proxy.url)
    judge = Judge(load_spec(), whole=True)
    for observation in proxy.observations:
        judge.feed(observation)
    judge.finish()
    by_client = {o.clause: o for o in judge.offences if o.side == "client"}
    by_server = {o.clause: o for o in judge.offences if o.side == "server"}
    assert set(by_client) == ACCUSED[client], by_client
    assert set(by_server) <= KNOWN[library], by_server
    assert sum(clause.startswith("CLIENT-") for clause in judge.asked) >= 13
