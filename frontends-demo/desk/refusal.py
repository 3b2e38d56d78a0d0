"""What a tool says to its user when it will not do what was asked."""

from __future__ import annotations


class Refusal(Exception):
    """``title`` is a heading, the message a sentence; both are meant for the user."""

    def __init__(self, title: str, message: str) -> None:
        super().__init__(message)
        self.title = title
