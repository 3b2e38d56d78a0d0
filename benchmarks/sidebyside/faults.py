"""What a server can do wrong that ends its measurement."""

from __future__ import annotations


class Broken(Exception):
    """The server did not answer as it must; the message says how."""
