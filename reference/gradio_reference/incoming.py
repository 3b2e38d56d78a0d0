"""What an HTTP request tells about its caller, read off the ASGI scope.

Both ways to a protocol route lead here: through Quart, and around it (``routes/bare``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.sansio.http import parse_cookie
from werkzeug.sansio.utils import get_current_url
from werkzeug.sansio.utils import get_host

from gradio_reference.request import NOBODY
from gradio_reference.request import Client
from gradio_reference.request import Headers
from gradio_reference.request import Request
from gradio_reference.request import session_key
from gradio_reference.urls import URL
from gradio_reference.urls import Named
from gradio_reference.urls import QueryParams

_NONE, _NO_QUERY = Named(), QueryParams()
_PLAIN = re.compile(r"/[\w/.~-]*", re.ASCII)  # what needs no percent signs
_HOST = re.compile(r"(?:[\w.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?", re.ASCII)


class Incoming:
    """A request and, once the log-in was checked, the name of its user."""

    __slots__ = ("path_params", "scope", "username")

    def __init__(
        self,
        scope: Mapping[str, Any],
        username: str | None = None,
        path_params: Mapping[str, Any] | None = None,
    ) -> None:
        self.scope = scope
        self.username = username
        self.path_params = path_params

    def header(self, name: bytes) -> str | None:
        """The first header field of this name, in lower case as all are in a scope."""
        for field, value in self.scope["headers"]:
            if field == name:
                return str(value, "latin-1")
        return None

    def snapshot(self, session_hash: str | None) -> Request:
        """The request as an endpoint function may see it."""
        scope, cookies = self.scope, self._cookies()
        fields = ((str(name, "latin-1"), str(value, "latin-1")) for name, value in scope["headers"])
        return Request(
            headers=Headers(fields),
            query_params=self.query,
            cookies=Named(parse_cookie(cookies).items(multi=True)) if cookies else _NONE,
            path_params=Named(self.path_params) if self.path_params else _NONE,
            client=Client(*(scope.get("client") or NOBODY)[:2]),
            url=URL(self.url),
            method=scope["method"],
            session_hash=session_hash,
            username=self.username,
        )

    def _cookies(self) -> str:
        headers = self.scope["headers"]
        return ";".join(str(value, "latin-1") for name, value in headers if name == b"cookie")

    @property
    def url(self) -> str:
        """The whole URL, as the client wrote it."""
        scheme, path = self.scope["scheme"], self.scope["path"]
        query = self.scope["query_string"]
        if not query and _PLAIN.fullmatch(path):
            return f"{scheme}://{self._host}{path}"
        return get_current_url(scheme, self._host, "", path, query)

    @property
    def query(self) -> QueryParams:
        """The query string by name; of a repeated name the last value."""
        text = str(self.scope["query_string"], "latin-1")
        return QueryParams(parse_qsl(text, keep_blank_values=True)) if text else _NO_QUERY

    def session_key(self, session_hash: str) -> str:
        """What the server knows a session of this user by (AUTH-009)."""
        return str(session_key(self.username, session_hash))

    def root(self, root_path: str) -> str:
        """The URL under which the caller reaches this server, without a trailing slash (DISC-005).

        Whoever sends forwarded headers is believed (NET-001): they change nothing but the URLs of
        the sender's own answers. A ``root_path`` replaces the path at which the app is mounted
        (NET-002).
        """
        if root_path.startswith(("http://", "https://")):
            return root_path.rstrip("/")
        host = self._first(b"x-forwarded-host")
        if not _HOST.fullmatch(host):
            host = self._host
        scheme = self._first(b"x-forwarded-proto").lower()
        if scheme not in ("http", "https"):
            scheme = self.scope["scheme"]
        return f"{scheme}://{host}{root_path or self.scope.get('root_path', '')}".rstrip("/")

    @property
    def _host(self) -> str:
        return get_host(self.scope["scheme"], self.header(b"host"), self.scope.get("server"))

    def _first(self, header: bytes) -> str:
        """The first value of a list, which the nearest proxy may have begun or continued."""
        return (self.header(header) or "").split(",")[0].strip()
