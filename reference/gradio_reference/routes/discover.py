"""Profile discover: what this server offers."""

from __future__ import annotations

from collections.abc import Callable

from quart import Blueprint
from quart import Response
from quart import g
from quart import request

from gradio_reference.documents import config as config_document
from gradio_reference.documents import info as info_document
from gradio_reference.documents import openapi as openapi_document
from gradio_reference.routes.answers import json_answer
from gradio_reference.routes.answers import public_root
from gradio_reference.service import Service

Provider = Callable[[], Service]


def config_blueprint(provide: Provider) -> Blueprint:
    """/config, the one protocol route outside the API prefix."""
    routes = Blueprint("gradio_config", __name__)

    @routes.get("/config", strict_slashes=False)
    async def config() -> Response:
        service = provide()
        root = public_root(service.settings.root_path)
        return json_answer(config_document.config(service, root, g.get("username")))

    return routes


def blueprint(provide: Provider) -> Blueprint:
    routes = Blueprint("gradio_discover", __name__)

    @routes.get("/info", strict_slashes=False)
    async def info() -> Response:
        service = provide()
        root = public_root(service.settings.root_path)
        everything = request.args.get("all_endpoints", "").lower() not in ("", "false", "0")
        return json_answer(info_document.info(service.endpoints, root, everything=everything))

    @routes.get("/openapi.json", strict_slashes=False)
    async def openapi() -> Response:
        service = provide()
        root = public_root(service.settings.root_path)
        return json_answer(
            openapi_document.openapi(service.endpoints, service.settings.title, root)
        )

    @routes.get("/app_id", strict_slashes=False)
    async def app_id() -> Response:
        return json_answer({"app_id": provide().app_id})

    @routes.get("/startup-events", strict_slashes=False)
    async def startup_events() -> Response:
        service = provide()
        first, service.started_up = not service.started_up, True
        return json_answer(first)  # DISC-026

    return routes
