"""Faults of /config, /info and the routes beside them."""

from __future__ import annotations

import random
from typing import Any

from gradio_conformance.mutants.patching import Patches
from gradio_conformance.mutants.patching import fault
from gradio_reference import Server
from gradio_reference.documents import config as config_document
from gradio_reference.documents import info as info_document
from gradio_reference.service import API_PREFIX
from gradio_reference.service import Service


def _prefixed(patch: Patches, prefix: str) -> None:
    """/config announces this prefix, and the routes answer below it."""
    document, call = config_document.config, Server.__call__

    def config(service: Service, root: str, username: str | None) -> dict[str, Any]:
        return {**document(service, root, username), "api_prefix": prefix}

    async def served(app: Server, scope: Any, receive: Any, send: Any) -> None:
        path = scope.get("path", "")
        if scope["type"] == "http" and not path.startswith("/config"):
            path = "/" + path.removeprefix(prefix).removeprefix(API_PREFIX).lstrip("/")
            scope = {**scope, "path": API_PREFIX + path}
        await call(app, scope, receive, send)

    patch(config_document, "config", config)
    patch(Server, "__call__", served)


@fault
def api_prefix_ends_with_a_slash(patch: Patches) -> None:
    _prefixed(patch, API_PREFIX + "/")


@fault
def api_prefix_is_empty(patch: Patches) -> None:
    _prefixed(patch, "")


@fault
def undocumented_is_always_listed(patch: Patches) -> None:
    original = info_document.info

    def info(endpoints: Any, root: str, *, everything: bool = False) -> dict[str, Any]:
        return original(endpoints, root, everything=True)

    patch(info_document, "info", info)


@fault
def app_ids_change(patch: Patches) -> None:
    original = Service.__getattribute__

    def get(service: Service, name: str) -> Any:
        return random.randrange(2**53) if name == "app_id" else original(service, name)

    patch(Service, "__getattribute__", get)
