"""A proxy with a judge in it and an inspector beside it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import IO
from typing import Any
from typing import Self

import httpx

from gradio_conformance.ports import HOST
from gradio_conformance.ports import free_port
from gradio_conformance.traffic.background import Background
from gradio_conformance.traffic.background import bound
from gradio_conformance.traffic.inspector.app import BASE
from gradio_conformance.traffic.inspector.app import InspectorApp
from gradio_conformance.traffic.inspector.page import live_page
from gradio_conformance.traffic.inspector.store import Store
from gradio_conformance.traffic.inspector.view import Update
from gradio_conformance.traffic.inspector.view import View
from gradio_conformance.traffic.model import Observation
from gradio_conformance.traffic.proxy import Proxy
from gradio_conformance.traffic.recording import RecordingWriter
from gradio_conformance.traffic.redaction import Redactor
from gradio_conformance.urls import shown
from gradio_conformance.wire import fetch
from gradio_conformance.wire import http_client
from gradio_spec.model import Spec

ASK_S = 5.0
TICK_S = 1.0


class Watch:
    """Everything of ``gradio-protocol watch`` but its console. ``news`` gets what there is to see,
    on the proxy's thread; ``record`` is a file to write the traffic to.
    """

    def __init__(
        self,
        upstream: str,
        spec: Spec,
        *,
        host: str = HOST,
        port: int = 0,
        inspector_port: int | None = 0,
        record: Path | None = None,
        with_secrets: bool = False,
        whole: bool = False,
        news: Callable[[Sequence[Update]], None] | None = None,
    ) -> None:
        self._host = host
        started = datetime.now(UTC).isoformat(timespec="milliseconds")
        self.proxy = Proxy(upstream, port, host=host, listen=self._take, keep=False)
        server = shown(self.proxy.upstream)
        known = documents_of(self.proxy.upstream)
        self.is_reachable = bool(known)
        # Where the proxy is, the server's own path begins at once.
        base = self.proxy.base
        self.view = View(spec, self.proxy.origin, whole=whole, base=base, **known)
        self.store = Store(self.view, server=server, started_at=started, news=news)
        self.inspector_url: str | None = None
        self._inspector: Background | None = None
        self._app: InspectorApp | None = None
        self._inspector_port = inspector_port
        self._server = server
        self._record = record
        self._file: IO[str] | None = None
        self._writer: RecordingWriter | None = None
        self._redactor = None if with_secrets else Redactor()
        self._over = threading.Event()
        self._clock = threading.Thread(target=self._tick, name="watch's clock", daemon=True)
        self._started_at = started
        self._whole = whole

    def __enter__(self) -> Self:
        """``OSError`` if a port is taken or the file cannot be written."""
        if self._record is not None:
            self._file = self._record.open("w", encoding="utf-8", newline="\n")
            self._writer = RecordingWriter(
                self._file,
                server=self._server,
                started_at=self._started_at,
                whole=self._whole,
                redacted=self._redactor is not None,
            )
        if self._inspector_port is not None:
            number = self._inspector_port or free_port()
            self._app = InspectorApp(self.store, live_page(self._server, self.proxy.url))
            self._inspector = Background(self._app, bound(number, self._host), "inspector")
            self._inspector.start()
            name = f"[{self._host}]" if ":" in self._host else self._host
            self.inspector_url = f"http://{name}:{number}{BASE}"
        self.proxy.start()
        self._clock.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._clock.join()
        self.proxy.close()
        self.store.finish()
        if self._inspector is not None and self._app is not None:
            self._app.end()
            self._inspector.end()
        if self._writer is not None and self._file is not None:
            self._writer.close()
            self._file.close()

    def _take(self, observation: Observation) -> None:
        self.store.take(observation)
        if self._writer is not None and self._file is not None:
            clean = self._redactor.of(observation) if self._redactor else observation
            self._writer.write(clean)
            self._file.flush()

    def _tick(self) -> None:
        start = time.monotonic()
        while not self._over.wait(TICK_S):
            self.store.pass_time(time.monotonic() - start)


def documents_of(url: str) -> dict[str, Mapping[str, Any]]:
    """``config`` and ``info`` of a server, those that it gives to anybody."""
    found: dict[str, Mapping[str, Any]] = {}
    with http_client(ASK_S) as client:
        config = _document(client, f"{url}/config")
        if config is None or "dependencies" not in config:
            return found
        found["config"] = config
        prefix = config.get("api_prefix", "")
        info = _document(client, f"{url}{prefix if isinstance(prefix, str) else ''}/info")
        if info is not None and isinstance(info.get("named_endpoints"), dict):
            found["info"] = info
    return found


def _document(client: httpx.Client, url: str) -> Mapping[str, Any] | None:
    try:
        status, _headers, body = fetch(client, "GET", url, ASK_S)
        found = json.loads(body) if status == 200 else None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
