"""What is known of the server under test before the first check: its own description of itself."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from gradio_conformance.wire import CONNECT_S
from gradio_spec.model import Spec

POLL_S = 0.1


class Unreachable(Exception):
    """No usable server answers at the URL."""


@dataclass(frozen=True, slots=True)
class Target:
    """A server under test, as its ``/config`` and ``/info`` describe it.

    ``base_url`` has no trailing slash; ``prefix`` is the API prefix with its leading slash.
    ``settings`` is what the testbed says of itself, or ``None`` if the server does not host the
    testbed.
    """

    base_url: str
    prefix: str
    config: Mapping[str, Any]
    info: Mapping[str, Any]
    settings: Mapping[str, Any] | None

    @property
    def is_testbed(self) -> bool:
        return self.settings is not None

    @property
    def second_url(self) -> str | None:
        """The testbed's second server (verbose errors, bounded queue), if it has one."""
        return self.settings.get("second") if self.settings else None

    @property
    def heartbeat_s(self) -> float:
        """The interval that the testbed says it was started with; the protocol's default
        otherwise.
        """
        return float((self.settings or {}).get("heartbeat_interval") or 15.0)

    @property
    def describes_itself_as(self) -> str:
        return f"{self.config.get('mode', 'server')} {self.config.get('version', '?')}"

    def dependency(self, api_name: str) -> Mapping[str, Any] | None:
        """The ``/config`` entry of an endpoint, by its name without slash."""
        for dependency in self.config.get("dependencies", ()):
            if dependency.get("api_name") == api_name:
                return dict(dependency)
        return None

    def offers(self, api_name: str) -> bool:
        return self.dependency(api_name) is not None

    def fn_index(self, api_name: str) -> int:
        """The index that ``queue/join`` wants; ``KeyError`` for a name that is not there."""
        dependency = self.dependency(api_name)
        if dependency is None:
            raise KeyError(api_name)
        return int(dependency["id"])


def wait_until_listening(url: str, seconds: float, alive: Any = None) -> None:
    """Return as soon as the port accepts connections; ``Unreachable`` after ``seconds``.

    ``alive`` is called between tries; a false answer (the server's process ended) stops the
    waiting.
    """
    parts = urlsplit(url)
    address = (parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
    deadline = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(address, 1.0).close()
        except OSError as error:
            if alive is not None and not alive():
                raise Unreachable("the server's process ended before it listened") from error
            if time.monotonic() >= deadline:
                raise Unreachable(f"nothing listens at {url}: {error}") from error
            # A port has no event to wait for: polling is the only way to learn that it opened.
            time.sleep(POLL_S)
        else:
            return


def discover(url: str, spec: Spec) -> Target:
    """Read ``/config``, ``/info`` and the testbed's settings; ``Unreachable`` says what was
    missing.
    """
    base = url.rstrip("/")
    with httpx.Client(timeout=CONNECT_S, trust_env=False) as client:
        config = _get_object(client, f"{base}/config")
        # `api_prefix` is absent before dialect v3-5.0, where routes have no prefix.
        prefix = config.get("api_prefix", "")
        prefix = prefix if isinstance(prefix, str) else ""
        info = _get_object(client, f"{base}{prefix}/info")
        settings = _settings(client, f"{base}{prefix}", config)
    return Target(base, prefix, config, info, settings)


def _get_object(client: httpx.Client, url: str) -> dict[str, Any]:
    try:
        reply = client.get(url)
        body = reply.json()
    except httpx.HTTPError as error:
        raise Unreachable(f"GET {url}: {type(error).__name__}: {error}") from error
    except ValueError as error:
        raise Unreachable(f"GET {url}: {reply.status_code}, not JSON ({error})") from error
    if reply.status_code != 200 or not isinstance(body, dict):
        raise Unreachable(f"GET {url}: {reply.status_code} {reply.text[:120]}")
    return body


def _settings(client: httpx.Client, api: str, config: Mapping[str, Any]) -> dict[str, Any] | None:
    names = {d.get("api_name") for d in config.get("dependencies", ()) if isinstance(d, dict)}
    if not {"settings", "release", "journal"} <= names:
        return None
    try:
        reply = client.post(f"{api}/run/settings", json={"data": []})
        found = reply.json()["data"][0]
    except (httpx.HTTPError, ValueError, LookupError, TypeError):
        return None
    return found if isinstance(found, dict) and "testbed" in found else None
