"""Who may log in, and who has: accounts and log-in tokens. Nothing here knows HTTP."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Sequence
from functools import partial
from inspect import isawaitable
from typing import Any

from gradio_reference.threads import ThreadPool

Checker = Callable[[str, str], "bool | Awaitable[bool]"]
Pair = tuple[str, str]
Auth = Checker | Pair | Sequence[Pair]

MAX_LOGINS = 100_000  # the one that was used longest ago is forgotten above that
THREADS = 4  # password hashes are slow on purpose, and must not stop the loop


class Accounts:
    """A fixed list of users. Neither the time nor the answer tells which names exist."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        self._key = secrets.token_bytes(32)
        self._known = {name: self._digest(password) for name, password in pairs}
        self._nobody = secrets.token_bytes(32)

    async def admits(self, name: str, password: str) -> bool:
        expected = self._known.get(name, self._nobody)
        return hmac.compare_digest(expected, self._digest(password))

    def _digest(self, password: str) -> bytes:
        return hmac.digest(self._key, password.encode("utf-8", "surrogatepass"), "sha256")


class Asked:
    """The app's own function decides; one that is not async runs in a thread."""

    def __init__(self, checker: Checker) -> None:
        self._checker = checker
        self._pool = ThreadPool(THREADS, "login")

    async def admits(self, name: str, password: str) -> bool:
        said: Any = await self._pool.run(partial(self._checker, name, password))
        return bool(await said if isawaitable(said) else said)


def accounts(auth: Any) -> Accounts | Asked | None:
    """What ``launch(auth=…)`` takes: a pair, a list of pairs, or a function of name and password.
    Raises ``ValueError`` or ``TypeError`` that says what is wrong.
    """
    if auth is None:
        return None
    if callable(auth):
        return Asked(auth)
    if isinstance(auth, str) or not isinstance(auth, Sequence):
        raise TypeError("auth: must be a (name, password) pair, a list of such pairs or a function")
    if not auth:
        raise ValueError("auth: an empty list would let nobody in")
    pairs = [auth] if isinstance(auth[0], str) else list(auth)
    return Accounts([_pair(place, pair) for place, pair in enumerate(pairs)])


def _pair(place: int, pair: Any) -> Pair:
    if not isinstance(pair, (tuple, list)) or [type(part) for part in pair] != [str, str]:
        raise ValueError(f"auth: entry {place} is not a (name, password) pair of texts")
    name, password = pair
    if not name or name != name.strip():
        # AUTH-013: white space around the name that a user types is dropped.
        raise ValueError(f"auth: the name {name!r} is empty or has white space around it")
    return name, password


class Logins:
    """Who is logged in, by token. Only digests are kept, so that a look-up tells nothing by its
    time. They last as long as the server.
    """

    def __init__(self, limit: int = MAX_LOGINS) -> None:
        self.cookie_id = secrets.token_urlsafe(32)
        self._limit = limit
        self._users: OrderedDict[bytes, str] = OrderedDict()

    def __len__(self) -> int:
        return len(self._users)

    def add(self, user: str) -> str:
        """A new token for this user."""
        token = secrets.token_urlsafe(32)
        self._users[_key(token)] = user
        if len(self._users) > self._limit:
            self._users.popitem(last=False)
        return token

    def user(self, token: str | None) -> str | None:
        """Whose token it is; None for nobody's."""
        if not token:
            return None
        key = _key(token)
        user = self._users.get(key)
        if user is not None:
            self._users.move_to_end(key)
        return user

    def drop(self, token: str) -> None:
        self._users.pop(_key(token), None)

    def drop_all(self, user: str) -> None:
        """End all log-ins of a user."""
        for key in [key for key, owner in self._users.items() if owner == user]:
            del self._users[key]


def _key(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
