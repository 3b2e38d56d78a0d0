"""The inspector's page: one file with everything in it, live or with a recording inside."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from typing import Any

from markupsafe import Markup

from gradio_conformance import __version__
from gradio_conformance.reporting.html import asset
from gradio_conformance.reporting.html import csp_hash
from gradio_conformance.reporting.html import templates_of
from gradio_conformance.traffic.inspector.view import View
from gradio_conformance.traffic.verdict import Judgement
from gradio_spec.loader import load_spec

MOST_DIAGRAMS = 50  # sessions of a recording whose diagram the file holds


def live_page(server: str, address: str) -> str:
    """The page that follows a proxy at ``address`` before ``server``."""
    return _render({"live": True, "server": server, "address": address})


def page_of(judgement: Judgement) -> str:
    """A page that shows a judged recording."""
    recording = judgement.recording
    server = recording.server or ""
    view = View(load_spec(), server or "http://server", whole=recording.whole)
    updates = [update for seen in recording.observations for update in view.feed(seen)]
    updates += view.finish()
    sessions = dict.fromkeys(u["session"] for u in updates if u.get("session"))
    diagrams = {name: view.diagram(name) for name in list(sessions)[:MOST_DIAGRAMS]}
    diagrams[""] = view.diagram()
    told = {
        "live": False,
        "server": server,
        "address": server,
        "verdict": judgement.verdict.value,
        "reason": judgement.reason,
        "remarks": list(recording.remarks),
        "updates": updates,
        "diagrams": diagrams,
    }
    return _render(told)


def _render(told: Mapping[str, Any]) -> str:
    environment = templates_of("gradio_conformance.traffic.inspector")
    style = asset("report.css") + _asset("inspector.css")
    script = _asset("inspector.js")
    # In a block of data, so that it is never run; no "<" ends the block.
    data = json.dumps(told, ensure_ascii=False).replace("<", "\\u003c")
    return environment.get_template("inspector.html.j2").render(
        # Trusted: files of this package, and data in which nothing can end its element.
        style=Markup(style),  # noqa: S704
        script=Markup(script),  # noqa: S704
        data=Markup(data),  # noqa: S704
        live=told["live"],
        server=told["server"],
        version=__version__,
        policy=(
            f"default-src 'none'; style-src {csp_hash(style)}; script-src {csp_hash(script)}; "
            f"connect-src 'self'; base-uri 'none'; form-action 'none'"
        ),
    )


def _asset(name: str) -> str:
    return resources.files(__package__).joinpath("templates", name).read_text("utf-8")
