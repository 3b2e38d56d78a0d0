"""The shelves: what each session has put on the desk."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from desk.documents import Document
from desk.documents import Kept
from desk.refusal import Refusal

SESSIONS = 500
DOCUMENTS = 24
TOTAL_BYTES = 256 * 1024 * 1024


class Shelves:
    """Documents by session and id, bounded: beyond ``sessions`` of them, or ``total`` bytes, the
    shelf that was not used for the longest time is forgotten. May be used from all threads.
    """

    def __init__(self, sessions: int = SESSIONS, total: int = TOTAL_BYTES) -> None:
        self._sessions, self._total = sessions, total
        self._shelves: OrderedDict[str, dict[str, Kept]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def put(self, session: str, kept: Kept) -> None:
        """Raises ``Refusal`` when the shelf is full."""
        with self._lock:
            shelf = self._used(session)
            if kept.card["id"] in shelf:
                return
            if len(shelf) >= DOCUMENTS:
                message = f"It holds {DOCUMENTS} documents. Empty it to add more."
                raise Refusal("The shelf is full", message)
            self._shelves[session] = {**shelf, kept.card["id"]: kept}
            self._bytes += len(kept.content)
            while len(self._shelves) > self._sessions or self._bytes > self._total:
                self._forget(next(iter(self._shelves)))

    def cards(self, session: str) -> list[Document]:
        with self._lock:
            return [kept.card for kept in self._used(session).values()]

    def texts(self, session: str) -> list[tuple[str, str]]:
        """Names and texts."""
        with self._lock:
            kept = self._used(session).values()
        return [(one.card["name"], one.text) for one in kept if one.card["kind"] == "text"]

    def get(self, session: str, document: str, kind: str) -> Kept:
        """Raises ``Refusal`` if it is not there or is of the other kind."""
        with self._lock:
            kept = self._used(session).get(document)
        if kept is None:
            raise Refusal("Not on the shelf", "This document is not on your shelf any more.")
        if kept.card["kind"] != kind:
            raise Refusal("Wrong kind of document", f"{kept.card['name']} is not a {kind}.")
        return kept

    def empty(self, session: str) -> int:
        """How many documents were taken off."""
        with self._lock:
            return self._forget(session)

    def _used(self, session: str) -> dict[str, Kept]:
        if session in self._shelves:
            self._shelves.move_to_end(session)
        return self._shelves.get(session, {})

    def _forget(self, session: str) -> int:
        shelf = self._shelves.pop(session, {})
        self._bytes -= sum(len(kept.content) for kept in shelf.values())
        return len(shelf)
