"""All endpoints of the testbed, written once for every library with the Server API."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from gradio_conformance.testbed import batches
from gradio_conformance.testbed import controls
from gradio_conformance.testbed import failures
from gradio_conformance.testbed import files
from gradio_conformance.testbed import generators
from gradio_conformance.testbed import holds
from gradio_conformance.testbed import messages
from gradio_conformance.testbed import state
from gradio_conformance.testbed import streaming
from gradio_conformance.testbed import users
from gradio_conformance.testbed import values
from gradio_conformance.testbed import verdicts
from gradio_conformance.testbed.kit import TESTBED
from gradio_conformance.testbed.kit import Api
from gradio_conformance.testbed.kit import F
from gradio_conformance.testbed.kit import Kit
from gradio_conformance.testbed.kit import Settings
from gradio_conformance.testbed.kit import no_unload
from gradio_spec.testbed import endpoints_of

PLAIN = (values, generators, failures, messages, holds, batches, controls, files)
# What only some libraries have (State, validators, caches) is left alone on all other servers.
THEMES: Mapping[str, tuple[ModuleType, ...]] = {
    "stateful": (state, verdicts, controls),
    "guarded": (users, values, holds, files, controls),
    "media": (streaming, controls),
}


def register(
    api: Api, gr: Any, settings: Settings, unload: Callable[[Any], Any] = no_unload
) -> Kit:
    """Register the endpoints of the server that `settings` describes.

    `api` is the decorator factory (`app.api`), `gr` the library module: it must offer Progress,
    Request, FileData, Info, Warning, Success and Error, for `stateful` also State, validate and
    cache, for `media` State and MediaStream. On `stateful`, `unload` registers what runs when a
    session has gone. Returns the kit with the server's gates.
    """
    names = frozenset(row["name"] for row in endpoints_of(TESTBED, settings.server))
    kit = Kit(_only(names, api), gr, settings, unload=unload)
    for theme in THEMES.get(settings.server, PLAIN):
        theme.register(kit)
    return kit


def _only(names: frozenset[str], api: Api) -> Api:
    def offered(*, name: str, **options: Any) -> Callable[[F], F]:
        return api(name=name, **options) if name in names else _leave_alone

    return offered


def _leave_alone(function: F) -> F:
    return function
