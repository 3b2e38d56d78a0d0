"""Monitoring, outside of the profiles: /monitoring and what lies below it."""

from __future__ import annotations

import html
import secrets
import sys
from collections.abc import Callable
from typing import Any

from quart import Blueprint
from quart import Response

from gradio_reference.bodies import Rejected
from gradio_reference.routes.answers import json_answer
from gradio_reference.routes.answers import public_root
from gradio_reference.service import Service

Provider = Callable[[], Service]
_HEAD = "<!doctype html><meta charset=utf-8><meta http-equiv=refresh content=10><title>Monitoring"
_COLUMNS = ("Function", "Requests", "Success rate", "50th", "90th", "99th (seconds)")


def blueprint(provide: Provider) -> Blueprint:
    routes = Blueprint("gradio_monitoring", __name__)

    @routes.get("/monitoring", strict_slashes=False)
    async def where() -> Response:
        """Tell the page's address to who can read the console, and nobody else."""
        service = _enabled(provide())
        root = public_root(service.settings.root_path)
        sys.stdout.write(f"* Monitoring URL: {root}/monitoring/{service.monitoring_key} *\n")
        sys.stdout.flush()
        return Response("See console for monitoring URL.", content_type="text/html; charset=utf-8")

    @routes.get("/monitoring/summary", strict_slashes=False)
    async def summary() -> Response:
        return json_answer(_enabled(provide()).monitoring.summary())

    @routes.get("/monitoring/metrics", strict_slashes=False)
    async def metrics() -> Response:
        service = provide()
        if service.exposition is None:
            raise Rejected(403, "Metrics are not enabled.")
        body, content_type = service.exposition.text()
        return Response(body, content_type=content_type)

    @routes.get("/monitoring/<key>", strict_slashes=False)
    async def page(key: str) -> Response:
        service = _enabled(provide())
        if not secrets.compare_digest(key.encode(), service.monitoring_key.encode()):
            raise Rejected(403, "Invalid key.")
        text = _page(service.settings.title, service.monitoring.summary()["functions"])
        return Response(text, content_type="text/html; charset=utf-8")

    return routes


def _enabled(service: Service) -> Service:
    if not service.settings.enable_monitoring:
        raise Rejected(403, "Monitoring is not enabled.")
    return service


def _page(title: str, functions: dict[str, Any]) -> str:
    rows: list[tuple[str, ...]] = [_COLUMNS]
    for name, told in functions.items():
        times = told["process_time_percentiles"].values()
        rate = told["success_rate"]
        share = "" if rate is None else f"{rate:.1%}"
        seconds = ["" if time is None else f"{time:.3f}" for time in times]
        rows.append((name, str(told["total_requests"]), share, *seconds))
    lines = ["<td>".join(["<tr>", *map(html.escape, row)]) for row in rows]
    return f"{_HEAD}</title><h1>{html.escape(title)}</h1><table>{''.join(lines)}</table>"
