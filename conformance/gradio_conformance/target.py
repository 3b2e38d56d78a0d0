"""What is known of the server under test before the first check: its own description of itself."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import httpx

from gradio_conformance.faults import NonConformance
from gradio_conformance.faults import show
from gradio_conformance.urls import shown
from gradio_conformance.wire import CONNECT_S
from gradio_conformance.wire import fetch
from gradio_conformance.wire import http_client
from gradio_spec.model import Profile
from gradio_spec.model import Sign
from gradio_spec.model import Spec

POLL_S = 0.1
NO_ANSWER = (httpx.HTTPError, httpx.InvalidURL, UnicodeError)
HEARTBEAT_S = 15.0  # what the protocol says where the testbed says nothing


class Unreachable(Exception):
    """No usable server answers at the URL."""


@dataclass(frozen=True, slots=True)
class Target:
    """A server under test, as its ``/config`` and ``/info`` describe it.

    ``base_url`` has no trailing slash; ``prefix`` is the API prefix with its leading slash.
    ``settings`` is what the testbed says of itself, or ``None`` if the server does not host the
    testbed. ``headers`` are what every request carries: the cookies of a log-in.
    """

    base_url: str
    prefix: str
    config: Mapping[str, Any]
    info: Mapping[str, Any]
    settings: Mapping[str, Any] | None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_testbed(self) -> bool:
        return self.settings is not None

    def server_url(self, name: str) -> str | None:
        """Another server of the testbed, by its name in ``testbed.yaml``, if it has one."""
        found = (self.settings or {}).get(name)
        return found if isinstance(found, str) and found else None

    def claims(self, profile: Profile) -> bool:
        """Is the profile for every server, or does something show that this one offers it?"""
        return not profile.offered_by or any(map(self._shows, profile.offered_by))

    def serves(self, profile: Profile) -> bool:
        """Has this server itself the routes of the profile, not just another one of its testbed?"""
        signs = [sign for sign in profile.offered_by if sign.kind == "config"]
        return not signs or any(map(self._shows, signs))

    def _shows(self, sign: Sign) -> bool:
        if sign.kind == "server":
            return self.server_url(sign.name) is not None
        if sign.kind == "endpoint":
            return self.offers(sign.name)
        return self.config.get(sign.name) is True

    @property
    def heartbeat_s(self) -> float:
        """The interval that the testbed says it was started with; the protocol's default
        otherwise.
        """
        told = (self.settings or {}).get("heartbeat_interval")
        good = isinstance(told, int | float) and not isinstance(told, bool) and told > 0
        return float(told) if good and told is not None else HEARTBEAT_S

    @property
    def describes_itself_as(self) -> str:
        return f"{self.config.get('mode', 'server')} {self.config.get('version', '?')}"

    @property
    def dependencies(self) -> Sequence[Mapping[str, Any]]:
        """The entries of ``/config`` that can be read at all; its checks judge the others."""
        found = self.config.get("dependencies")
        return [d for d in found if isinstance(d, Mapping)] if isinstance(found, list) else []

    def dependency(self, api_name: str) -> Mapping[str, Any] | None:
        """The ``/config`` entry of an endpoint, by its name without slash."""
        return next((d for d in self.dependencies if d.get("api_name") == api_name), None)

    def offers(self, api_name: str) -> bool:
        return self.dependency(api_name) is not None

    def fn_index(self, api_name: str) -> int:
        """The index that ``queue/join`` wants; ``KeyError`` for a name that is not there."""
        dependency = self.dependency(api_name)
        if dependency is None:
            raise KeyError(api_name)
        index = dependency.get("id")
        if not isinstance(index, int) or isinstance(index, bool):
            raise NonConformance("DISC-006", f"an integer id of {api_name}", show(dependency))
        return index


def wait_until_ready(url: str, seconds: float, alive: Callable[[], bool]) -> None:
    """Return as soon as a server answers at the URL; ``Unreachable`` after ``seconds``.

    Ready is who answers ``/config`` with anything but 5xx: a port may be open, and an app still
    loading. ``alive`` is asked between tries; a false answer (the server's process ended) stops the
    waiting.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            status = status_of(url)
            problem = None if status < 500 else f"GET /config: {status}"
        except Unreachable as error:
            problem = str(error)
        # Asked last: a port that another program took answers, too, while our child fails to.
        if not alive():
            raise Unreachable("the server's process ended before it answered")
        if problem is None:
            return
        if time.monotonic() >= deadline:
            raise Unreachable(f"no server at {shown(url)} after {seconds:g} s: {problem}")
        # A server has no event to wait for: polling is the only way to learn that it is there.
        time.sleep(POLL_S)


def status_of(url: str) -> int:
    """The status of ``/config``; ``Unreachable`` if nothing answers."""
    try:
        with http_client(CONNECT_S) as client, client.stream("GET", f"{url}/config") as response:
            return response.status_code
    except NO_ANSWER as error:
        raise Unreachable(f"{type(error).__name__}: {error}") from error


def discover(url: str, spec: Spec, user: Mapping[str, str] | None = None) -> Target:
    """Read ``/config``, ``/info`` and the testbed's settings; ``Unreachable`` says what was
    missing. ``user`` has a ``name`` and a ``password`` to log in with first: ``NonConformance`` if
    they are not taken (AUTH-002).
    """
    base = url.rstrip("/")
    with http_client(CONNECT_S) as client:
        if user is not None:
            client.headers["cookie"] = "; ".join(_log_in(client, base, user))
        headers = {"cookie": client.headers["cookie"]} if user is not None else {}
        config = _get_object(client, f"{base}/config")
        # `api_prefix` is absent before dialect v3-5.0, where routes have no prefix.
        prefix = config.get("api_prefix", "")
        prefix = prefix if isinstance(prefix, str) else ""
        info = _get_object(client, f"{base}{prefix}/info")
        plain = Target(base, prefix, _numbered(config, spec), info, None, headers)
        return replace(plain, settings=_settings(client, plain))


def _numbered(config: dict[str, Any], spec: Spec) -> dict[str, Any]:
    """``/config`` with the number of each function, which was its place before there were ids."""
    functions = config.get("dependencies")
    if spec.schemas.has("config#/$defs/Dependency/properties/id") or not isinstance(
        functions, list
    ):
        return config
    numbered = [
        {"id": place, **function} if isinstance(function, Mapping) else function
        for place, function in enumerate(functions)
    ]
    return {**config, "dependencies": numbered}


def _log_in(client: httpx.Client, base: str, user: Mapping[str, str]) -> list[str]:
    """The cookies of a new log-in, each as ``name=value``."""
    form = urlencode({"username": user["name"], "password": user["password"]}).encode()
    headers = {"content-type": "application/x-www-form-urlencoded"}
    try:
        status, found, body = fetch(
            client, "POST", f"{base}/login", CONNECT_S, content=form, headers=headers
        )
    except NO_ANSWER as error:
        raise Unreachable(f"POST {shown(base)}/login: {type(error).__name__}: {error}") from error
    cookies = [one.partition(";")[0] for one in found.get_list("set-cookie")]
    if status != 200 or not cookies:
        told = f"{status}, {len(cookies)} cookies: {show(body.decode(errors='replace'), 120)}"
        raise NonConformance("AUTH-002", f"{user['name']} to be logged in", told)
    return cookies


def _get_object(client: httpx.Client, url: str) -> dict[str, Any]:
    where = f"GET {shown(url)}"
    try:
        status, headers, body = fetch(client, "GET", url, CONNECT_S)
    except NO_ANSWER as error:
        raise Unreachable(f"{where}: {type(error).__name__}: {error}") from error
    text = show(body.decode(errors="replace"), 120)
    if 300 <= status < 400:
        location = show(headers.get("location", "nowhere"))
        raise Unreachable(f"{where}: {status}, a redirect to {location}")
    if status != 200:
        raise Unreachable(f"{where}: {status} {text}")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreachable(f"{where}: no JSON: {text}") from None
    if not isinstance(found, dict):
        raise Unreachable(f"{where}: no JSON object: {text}")
    return found


def _settings(client: httpx.Client, target: Target) -> dict[str, Any] | None:
    if not all(map(target.offers, ("settings", "release", "journal"))):
        return None
    url = f"{target.base_url}{target.prefix}/run/settings"
    headers = {"content-type": "application/json"}
    try:
        _, _, body = fetch(client, "POST", url, CONNECT_S, content=b'{"data": []}', headers=headers)
        found = json.loads(body)["data"][0]
    except (*NO_ANSWER, ValueError, LookupError, TypeError, RecursionError):
        return None
    return found if isinstance(found, dict) and "testbed" in found else None
