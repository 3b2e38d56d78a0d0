"""The gate of a function that a task cancels, seen from the side: a step is let through now and
then while the client works, as time would, and afterwards it is asked whether the function runs on.
"""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Any
from typing import Self

import httpx

EVERY_S = 0.25
ANSWER_S = 5.0
STILL_S = 0.6  # without a step for so long, after the gate was opened, the function runs no more
RESTLESS_S = 6.0
MORE_THAN_LEFT = 10_000


class Gate:
    """The gate ``key`` of the testbed at ``url``, open for a step every quarter of a second while
    the block lasts. Servers that do not answer are left alone: the client's own words count.
    """

    def __init__(self, url: str, key: str) -> None:
        self._key = key
        self._http = httpx.Client(base_url=url, timeout=ANSWER_S, trust_env=False)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="gate", daemon=True)
        self._prefix = ""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()
        self._http.close()

    def is_still_used(self) -> bool:
        """Whether the function goes on taking steps though its client was told that it is over."""
        deadline = time.monotonic() + RESTLESS_S
        steps = self._steps()
        while time.monotonic() < deadline:
            time.sleep(STILL_S)  # a step that does not come has no event to wait for
            before, steps = steps, self._steps()
            if steps == before:
                return False
        self._release(MORE_THAN_LEFT)
        return True

    def _run(self) -> None:
        found = self._ask("GET", "/config")
        self._prefix = (found or {}).get("api_prefix") or ""
        while not self._over.wait(EVERY_S):
            self._release(1)

    def _release(self, times: int) -> None:
        self._ask("POST", f"{self._prefix}/run/release", [self._key, times])

    def _steps(self) -> int:
        found = self._ask("POST", f"{self._prefix}/run/journal", [self._key])
        entries = (found or {}).get("data") or [[]]
        return max((entry.get("n") or 0 for entry in entries[0]), default=0)

    def _ask(self, method: str, path: str, data: list[Any] | None = None) -> Any:
        try:
            answer = self._http.request(method, path, json=data and {"data": data})
            return answer.json() if answer.is_success else None
        except (httpx.HTTPError, ValueError):
            return None
