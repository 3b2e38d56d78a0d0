"""Faults of the rules for pages of other origins, and of the public URL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradio_conformance.mutants.patching import Patches
from gradio_conformance.mutants.patching import fault
from gradio_reference import cors
from gradio_reference import server
from gradio_reference.cors import Access
from gradio_reference.cors import Headers
from gradio_reference.cors import Origins
from gradio_reference.cors import is_local
from gradio_reference.incoming import Incoming
from gradio_reference.mounting import placed
from gradio_reference.routes import answers
from gradio_reference.routes import discover

access = Origins.access
headers = Origins.headers
cross_origin = cors.cross_origin


def _decided(patch: Patches, when: Callable[[str, str], bool], what: Access) -> None:
    """Origins and hosts of which ``when`` is true get this access."""

    def changed(origins: Origins, origin: str, host: str) -> Access:
        return what if when(origin, host) else access(origins, origin, host)

    patch(Origins, "access", changed)


def _to_local(host: str) -> bool:
    return is_local(f"//{host}")


@fault
def local_pages_read_nothing(patch: Patches) -> None:
    _decided(patch, lambda origin, host: is_local(origin), Access.NONE)


@fault
def local_pages_have_no_cookies(patch: Patches) -> None:
    _decided(patch, lambda origin, host: is_local(origin) and _to_local(host), Access.ANONYMOUS)


@fault
def all_pages_read_local_servers(patch: Patches) -> None:
    def foreign(origin: str, host: str) -> bool:
        return _to_local(host) and origin != "null" and not is_local(origin)

    _decided(patch, foreign, Access.ANONYMOUS)


@fault
def names_that_begin_like_local_are_local(patch: Patches) -> None:
    def alike(origin: str, host: str) -> bool:
        name = origin.partition("://")[2]
        return _to_local(host) and name.startswith(("localhost", "127.0.0.1"))

    _decided(patch, alike, Access.CREDENTIALS)


@fault
def sandboxed_pages_may_read(patch: Patches) -> None:
    _decided(patch, lambda origin, host: origin == "null", Access.ANONYMOUS)


@fault
def all_pages_act_for_visitors(patch: Patches) -> None:
    _decided(
        patch, lambda origin, host: not _to_local(host) and origin != "null", Access.CREDENTIALS
    )


@fault
def public_servers_are_for_nobody(patch: Patches) -> None:
    _decided(patch, lambda origin, host: not _to_local(host), Access.NONE)


@fault
def public_origins_are_a_star(patch: Patches) -> None:
    """Not a fault: who may read without cookies is told so by a star."""

    def changed(origins: Origins, origin: str, host: str) -> Headers:
        anonymous = origins.access(origin, host) is Access.ANONYMOUS
        found = headers(origins, origin, host)
        star = (b"access-control-allow-origin", b"*")
        return [star if anonymous and item[0] == star[0] else item for item in found]

    patch(Origins, "headers", changed)


@fault
def answers_do_not_vary(patch: Patches) -> None:
    def changed(origins: Origins, origin: str, host: str) -> Headers:
        return [item for item in headers(origins, origin, host) if item[0] != b"vary"]

    patch(Origins, "headers", changed)


@fault
def preflights_allow_no_method(patch: Patches) -> None:
    kept = [item for item in cors._PREFLIGHT if item[0] != b"access-control-allow-methods"]
    patch(cors, "_PREFLIGHT", kept)


@fault
def preflights_allow_no_header(patch: Patches) -> None:
    async def changed(origins: Origins, scope: Any, send: Any) -> Any:
        return await cross_origin(origins, _without(scope, b"access-control-request-headers"), send)

    patch(cors, "cross_origin", changed)


@fault
def preflights_go_to_the_routes(patch: Patches) -> None:
    async def changed(origins: Origins, scope: Any, send: Any) -> Any:
        plain = _without(scope, b"access-control-request-method")
        if scope["method"] == "OPTIONS":
            await send({"type": "http.response.start", "status": 405, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return None
        return await cross_origin(origins, plain, send)

    patch(cors, "cross_origin", changed)


@fault
def preflights_want_a_login(patch: Patches) -> None:
    async def changed(origins: Origins, scope: Any, send: Any) -> Any:
        if scope["method"] == "OPTIONS" and not _has(scope, b"cookie"):
            await send({"type": "http.response.start", "status": 401, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return None
        return await cross_origin(origins, scope, send)

    patch(cors, "cross_origin", changed)


def _plain_answers(patch: Patches, plain: Callable[[Any, int], bool]) -> None:
    """Answers of which ``plain`` is true, by request and status, get no CORS headers."""

    async def changed(origins: Origins, scope: Any, send: Any) -> Any:
        with_headers = await cross_origin(origins, scope, send)
        if with_headers is None:
            return None

        async def told(message: Any) -> None:
            bare = message["type"] == "http.response.start" and plain(scope, message["status"])
            await (send if bare else with_headers)(message)

        return told

    patch(cors, "cross_origin", changed)


@fault
def failures_cannot_be_read(patch: Patches) -> None:
    _plain_answers(patch, lambda scope, status: status >= 500)


@fault
def refusals_cannot_be_read(patch: Patches) -> None:
    _plain_answers(patch, lambda scope, status: 400 <= status < 500 and status != 401)


@fault
def who_is_not_logged_in_cannot_read_so(patch: Patches) -> None:
    _plain_answers(patch, lambda scope, status: status == 401)


@fault
def streams_cannot_be_read(patch: Patches) -> None:
    _plain_answers(patch, lambda scope, status: str(scope["path"]).endswith("/queue/data"))


@fault
def forwarded_hosts_decide_who_reads(patch: Patches) -> None:
    async def changed(origins: Origins, scope: Any, send: Any) -> Any:
        found = dict(scope["headers"]).get(b"x-forwarded-host")
        if found is not None:
            kept = _without(scope, b"host")
            scope = {**kept, "headers": [*kept["headers"], (b"host", found)]}
        return await cross_origin(origins, scope, send)

    patch(cors, "cross_origin", changed)


def _has(scope: Any, name: bytes) -> bool:
    return any(key == name for key, _ in scope["headers"])


def _without(scope: Any, name: bytes) -> Any:
    return {**scope, "headers": [item for item in scope["headers"] if item[0] != name]}


# -- the public URL ------------------------------------------------------------------------------


@fault
def the_last_forwarded_value_counts(patch: Patches) -> None:
    def last(asked: Incoming, header: bytes) -> str:
        return (asked.header(header) or "").rpartition(",")[2].strip()

    patch(Incoming, "_first", last)


def _deaf_to(patch: Patches, name: bytes) -> None:
    first = Incoming._first

    def changed(asked: Incoming, header: bytes) -> str:
        return "" if header == name else first(asked, header)

    patch(Incoming, "_first", changed)


@fault
def forwarded_schemes_are_ignored(patch: Patches) -> None:
    _deaf_to(patch, b"x-forwarded-proto")


@fault
def forwarded_hosts_are_ignored(patch: Patches) -> None:
    _deaf_to(patch, b"x-forwarded-host")


@fault
def the_root_path_is_not_told(patch: Patches) -> None:
    root = answers.public_root
    patch(discover, "public_root", lambda root_path: root(""))


@fault
def the_root_path_is_no_path(patch: Patches) -> None:
    patch(server, "placed", lambda scope, root_path: placed(scope, ""))
