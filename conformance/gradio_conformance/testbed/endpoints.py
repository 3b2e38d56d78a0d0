"""All endpoints of the testbed, written once for every library with the Server API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradio_conformance.testbed import batches
from gradio_conformance.testbed import controls
from gradio_conformance.testbed import failures
from gradio_conformance.testbed import files
from gradio_conformance.testbed import generators
from gradio_conformance.testbed import holds
from gradio_conformance.testbed import messages
from gradio_conformance.testbed import state
from gradio_conformance.testbed import values
from gradio_conformance.testbed import verdicts
from gradio_conformance.testbed.kit import SECOND_ENDPOINTS
from gradio_conformance.testbed.kit import Api
from gradio_conformance.testbed.kit import F
from gradio_conformance.testbed.kit import Kit
from gradio_conformance.testbed.kit import Settings
from gradio_conformance.testbed.kit import no_unload


def register(
    api: Api, gr: Any, settings: Settings, unload: Callable[[Any], Any] = no_unload
) -> Kit:
    """Register the endpoints of the server that `settings` describes.

    `api` is the decorator factory (`app.api`), `gr` the library module: it must offer Progress,
    Request, FileData, Info, Warning, Success and Error, for `stateful` also State, validate and
    cache, and there `unload` registers what runs when a session has gone. Returns the kit with the
    server's gates.
    """
    if settings.server == "stateful":
        kit = Kit(api, gr, settings, unload=unload)
        for theme in (state, verdicts, controls):
            theme.register(kit)
        return kit
    offered = api if settings.server == "main" else _only(SECOND_ENDPOINTS, api)
    kit = Kit(offered, gr, settings)
    for theme in (values, generators, failures, messages, holds, batches, controls, files):
        theme.register(kit)
    return kit


def _only(names: frozenset[str], api: Api) -> Api:
    def offered(*, name: str, **options: Any) -> Callable[[F], F]:
        return api(name=name, **options) if name in names else _leave_alone

    return offered


def _leave_alone(function: F) -> F:
    return function
