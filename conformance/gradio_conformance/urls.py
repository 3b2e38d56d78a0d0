"""The address of a server under test: what is accepted, and what of it may be shown."""

from __future__ import annotations

from urllib.parse import urlsplit

SCHEMES = ("http", "https")
HIDDEN = "***"


def base_url(text: str) -> str:
    """A server's address without trailing slash; ``ValueError`` says why it is none.

    It may have a path (a server behind a proxy) and a user name with password (basic
    authentication), but no query and no fragment: routes are appended to it.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise ValueError(f"{shown(text)!r} is no URL: {error}") from None
    if parts.scheme not in SCHEMES:
        raise ValueError(f"{shown(text)!r} does not begin with http:// or https://")
    if not parts.hostname or any(c.isspace() or not c.isprintable() for c in text):
        raise ValueError(f"{shown(text)!r} names no host")
    if port == 0:
        raise ValueError(f"{shown(text)!r} has the port 0")
    for name, found in (("a query", parts.query), ("a fragment", parts.fragment)):
        if found:
            raise ValueError(f"{shown(text)!r} has {name}; give the address of the server alone")
    return text.rstrip("/")


def shown(url: str) -> str:
    """The URL as reports may print it: without its password."""
    before, at, host = url.partition("://")[2].partition("/")[0].rpartition("@")
    user, colon, password = before.partition(":")
    if not (at and colon and password):
        return url
    return url.replace(f"{before}@{host}", f"{user}:{HIDDEN}@{host}", 1)
