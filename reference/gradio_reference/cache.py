"""Results of cached functions. What a client sees of it: ``used_cache`` (EVT-029)."""

from __future__ import annotations

import hashlib
import json
import logging
from collections import OrderedDict
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from typing import TypeVar
from typing import overload

from gradio_reference.core.model import Result
from gradio_reference.encoding import plain
from gradio_reference.request import Request
from gradio_reference.signature import Parameter
from gradio_reference.signature import Signature
from gradio_reference.sizes import bytes_of

F = TypeVar("F", bound=Callable[..., Any])
Key = Callable[[dict[str, Any]], Any]
MAX_ENTRIES = 128
MAX_MEMORY = 64 * 1024 * 1024
_MARK = "__gradio_reference_cache__"
logger = logging.getLogger("gradio_reference")


@dataclass(frozen=True, slots=True)
class Rules:
    """How the results of one function are cached. ``max_memory`` in bytes of JSON."""

    key: Key | None = None
    max_size: int = MAX_ENTRIES
    max_memory: int = MAX_MEMORY
    per_session: bool = False


@overload
def cache(fn: F) -> F: ...


@overload
def cache(
    fn: None = None,
    *,
    key: Key | None = None,
    max_size: int = MAX_ENTRIES,
    max_memory: int | str | None = MAX_MEMORY,
    per_session: bool = False,
) -> Callable[[F], F]: ...


def cache(fn: F | None = None, **options: Any) -> F | Callable[[F], F]:
    """Remember what an endpoint function returned or yielded, for equal inputs: ``@app.api`` above
    ``@cache`` or ``@cache(max_size=…)``.

    A call that is remembered is answered at once, without a place in the queue (EVT-029). Failures
    are not remembered. ``key`` makes of the inputs, by name, what is compared. At most
    ``max_size`` results and ``max_memory`` bytes of JSON (or text such as "5mb") are kept per
    function, the ones used last; with ``per_session`` a session sees its own only. Called by
    other code, the function runs as ever. Raises ``ValueError`` or ``TypeError`` for a bad option.
    """
    rules = _rules(**options)

    def mark(function: F) -> F:
        try:
            setattr(function, _MARK, rules)
        except AttributeError:
            raise TypeError(f"cache: {function!r} cannot be marked; wrap it in a def") from None
        return function

    return mark if fn is None else mark(fn)


def _rules(
    key: Key | None = None,
    max_size: int = MAX_ENTRIES,
    max_memory: int | str | None = MAX_MEMORY,
    per_session: bool = False,
) -> Rules:
    if key is not None and not callable(key):
        raise TypeError(f"cache: key must be a function, not {key!r}")
    memory = MAX_MEMORY if max_memory is None else bytes_of(max_memory, "cache: max_memory")
    for name, value in (("max_size", max_size), ("max_memory", memory)):
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise ValueError(f"cache: {name}: {value!r} is not a positive number")
    return Rules(key, max_size, memory or MAX_MEMORY, per_session)


def rules_of(
    fn: Callable[..., Any], endpoint: str, signature: Signature, batch: bool
) -> Rules | None:
    """How the results of an endpoint's function are cached; None: not at all. Raises
    ``ValueError`` if they depend on more than the inputs that a client sends.
    """
    rules = getattr(fn, _MARK, None)
    if rules is None:
        return None
    if batch:
        raise ValueError(f"{endpoint}: batch=True does not work with @cache")
    if any(signature.states):
        raise ValueError(f"{endpoint}: a cached function cannot take or give a State")
    if any(argument.source is Request for argument in signature.arguments):
        raise ValueError(f"{endpoint}: a cached function cannot take a Request")
    assert isinstance(rules, Rules)
    return rules


class Recording:
    """The result of one run while it comes to be. What outgrows ``limit`` bytes is let go."""

    def __init__(self, results: Results, key: str, limit: int) -> None:
        self._results = results
        self._key = key
        self._limit = limit
        self._size = 0
        self._chunks: list[list[Any]] = []

    def add(self, chunk: list[Any]) -> None:
        self._size += _size(chunk)
        if self._size > self._limit:
            self._chunks.clear()
        else:
            self._chunks.append(chunk)

    def keep(self, final: list[Any]) -> None:
        """The run has succeeded."""
        self._size += _size(final)
        if self._size <= self._limit:
            self._results.put(self._key, Result(tuple(self._chunks), final), self._size)


class Results:
    """The remembered results of one function, the ones used last."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._kept: OrderedDict[str, tuple[Result, int]] = OrderedDict()
        self._memory = 0

    def __len__(self) -> int:
        return len(self._kept)

    def recall(
        self, signature: Signature, row: Sequence[Any], session: str | None
    ) -> Result | None:
        """What equal inputs gave."""
        key = self._key(signature, row, session)
        if key is None or key not in self._kept:
            return None
        self._kept.move_to_end(key)
        return self._kept[key][0]

    def record(
        self, signature: Signature, row: Sequence[Any], session: str | None
    ) -> Recording | None:
        """Remember a run that starts with these inputs; None if they cannot be compared."""
        key = self._key(signature, row, session)
        return None if key is None else Recording(self, key, self._rules.max_memory)

    def put(self, key: str, result: Result, size: int) -> None:
        """``size`` in bytes of JSON."""
        _, before = self._kept.pop(key, (None, 0))
        self._kept[key] = (result, size)
        self._memory += size - before
        while len(self._kept) > self._rules.max_size or self._memory > self._rules.max_memory:
            _, (_, gone) = self._kept.popitem(last=False)
            self._memory -= gone

    def _key(self, signature: Signature, row: Sequence[Any], session: str | None) -> str | None:
        if self._rules.per_session and not session:
            return None
        pairs = zip(signature.inputs, row, strict=True)
        values: Any = {item.name: value for item, value in pairs if isinstance(item, Parameter)}
        try:
            if self._rules.key is not None:
                values = self._rules.key(values)
            text = json.dumps(plain(values), sort_keys=True)
        except Exception:
            logger.exception("The inputs of a cached function cannot be compared")
            return None
        owner = session if self._rules.per_session else ""
        return hashlib.sha256(f"{owner}\n{text}".encode("utf-8", "replace")).hexdigest()


def results_by_index(rules: Mapping[int, Rules | None]) -> dict[int, Results]:
    """An empty cache for each cached endpoint."""
    return {index: Results(each) for index, each in rules.items() if each is not None}


def _size(values: list[Any]) -> int:
    return len(json.dumps(values))
