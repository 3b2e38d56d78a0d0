"""Another client of Desk, which keeps its poster busy: others have to wait."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from . import samples

WAIT_S = 60.0


class Rival:
    """A session of its own at ``url``; not seen by the proxy in front of the page."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=WAIT_S)
        config = self._http.get("/config").raise_for_status().json()
        self._api = config["api_prefix"]
        self._ids = {one["api_name"]: one["id"] for one in config["dependencies"]}
        self._session = secrets.token_hex(16)
        self._posters: list[str] = []

    def make_posters(self, times: int) -> None:
        """Join that many posters of some seconds each, and look at none of them."""
        document = self._shelve()
        self._posters += [self._join("poster", [document, 16]) for _ in range(times)]

    def give_up(self) -> None:
        """Cancel them all, the last first."""
        fn_index = self._ids["poster"]
        while self._posters:
            event = {"fn_index": fn_index, "event_id": self._posters.pop()}
            body = {"session_hash": self._session, **event}
            self._http.post(f"{self._api}/cancel", json=body)

    def close(self) -> None:
        self.give_up()
        self._http.close()

    def _shelve(self) -> str:
        files = {"files": ("large.png", samples.large())}
        [path] = self._http.post(f"{self._api}/upload", files=files).raise_for_status().json()
        meta = {"_type": "gradio.FileData"}
        self._join("shelve", [{"path": path, "orig_name": "large.png", "meta": meta}])
        document = self._result()
        return str(document["id"])

    def _join(self, name: str, data: list[Any]) -> str:
        body = {"fn_index": self._ids[name], "data": data, "session_hash": self._session}
        answer = self._http.post(f"{self._api}/queue/join", json=body)
        return str(answer.raise_for_status().json()["event_id"])

    def _result(self) -> Any:
        query = {"session_hash": self._session}
        with self._http.stream("GET", f"{self._api}/queue/data", params=query) as response:
            lines = (line for line in response.iter_lines() if line.startswith("data:"))
            messages = [json.loads(line[5:]) for line in lines]
        [done] = [one for one in messages if one["msg"] == "process_completed"]
        return done["output"]["data"][0]


@contextmanager
def rival(url: str, posters: int) -> Iterator[Rival]:
    """A rival that has joined so many posters."""
    one = Rival(url)
    try:
        one.make_posters(posters)
        yield one
    finally:
        one.close()
