"""A proxy in front of any server that observes what passes, and brings misfortune where it is told.

with Proxy("http://127.0.0.1:7860") as proxy:
    proxy.faults.add(Fault("GET queue/data", times=1, after_messages=2))
    …  # a client works with proxy.url
    proxy.until(lambda seen: any(isinstance(o, ExchangeOver) for o in seen), within_s=10)
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from collections.abc import Sequence
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from gradio_conformance.ports import HOST
from gradio_conformance.ports import free_port
from gradio_conformance.traffic.background import Background
from gradio_conformance.traffic.background import bound
from gradio_conformance.traffic.faults import Faults
from gradio_conformance.traffic.faults import Faulty
from gradio_conformance.traffic.judge import Judge
from gradio_conformance.traffic.judge import Side
from gradio_conformance.traffic.model import How
from gradio_conformance.traffic.model import Observation
from gradio_conformance.traffic.model import Offence
from gradio_conformance.traffic.recorder import Recorder
from gradio_conformance.traffic.relay import Relay
from gradio_conformance.traffic.relay import origin
from gradio_conformance.traffic.renaming import Names
from gradio_conformance.urls import base_url
from gradio_spec.loader import load_spec

NAME = "judging proxy"


class Proxy:
    """Stands in front of the server at ``upstream`` on ``host``:``port`` (0: any free one).

    Bodies pass at once and unchanged, but that what names the server's address names the proxy's.
    All methods may be called from any thread. ``ValueError`` if ``upstream`` is no server's
    address, ``OSError`` if the port is taken. ``listen`` gets each observation when it is made, on
    the proxy's thread; without ``keep`` it is the only one that does.
    """

    def __init__(
        self,
        upstream: str,
        port: int = 0,
        *,
        host: str = HOST,
        listen: Callable[[Observation], None] | None = None,
        keep: bool = True,
    ) -> None:
        self.upstream = base_url(upstream)
        self.faults = Faults()
        self._host = host
        self._port = port or free_port()
        self._listen = listen
        self._keep = keep
        self._changed = threading.Condition()
        self._seen: list[Observation] = []
        self._judging = threading.Lock()
        self._judge: Judge | None = None
        self._judged = 0  # observations
        self._start = time.monotonic()
        shown = f"[{host}]" if ":" in host else host
        self.origin = f"http://{shown}:{self._port}"
        # Same path, other address: what a server says relative to its root stays true.
        self.base = urlsplit(self.upstream).path.rstrip("/")
        self.url = self.origin + self.base
        relay = Relay(self.upstream, Names({origin(self.upstream): self.origin}))
        self._recorder = Recorder(Faulty(relay, self.faults, self.base), self._tell, self._now)
        self._background: Background | None = None
        self._socket: socket.socket | None = None

    # -- life ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Accept connections. ``OSError`` if the port is taken."""
        self._socket = bound(self._port, self._host)
        self.come_back()

    def close(self) -> None:
        """Go away; what is still open is recorded as that."""
        self._stop("open")
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def go_down(self) -> None:
        """As a server that has died: all that is open is cut, connections are refused."""
        if self._background is not None:
            self._stop("cut")
            self._socket = bound(self._port, self._host)  # nobody else gets the port meanwhile

    def come_back(self) -> None:
        """Accept connections again after :meth:`go_down`."""
        if self._background is None and self._socket is not None:
            self._recorder.ending = None
            background = Background(self._recorder, self._socket, NAME)
            background.start()
            self._background, self._socket = background, None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # -- what was seen ------------------------------------------------------------------------

    @property
    def observations(self) -> tuple[Observation, ...]:
        """All that was seen so far, in order."""
        with self._changed:
            return tuple(self._seen)

    def until(
        self, condition: Callable[[Sequence[Observation]], bool], *, within_s: float = 30.0
    ) -> tuple[Observation, ...]:
        """Wait until the condition holds of all that was seen; returns that.

        ``TimeoutError`` after ``within_s`` seconds.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: condition(self._seen), within_s):
                raise TimeoutError(f"not within {within_s:g} s; {len(self._seen)} were observed")
            return tuple(self._seen)

    def offences(self, side: Side | None = None) -> tuple[Offence, ...]:
        """The broken clauses in all that was seen so far, of one side or of both.

        The recording is taken to hold all that its clients ever asked for.
        """
        with self._judging:
            if self._judge is None:
                self._judge = Judge(load_spec(), whole=True)
            seen = self.observations
            for observation in seen[self._judged :]:
                self._judge.feed(observation)
            self._judged = len(seen)
            found = tuple(self._judge.offences)
        return tuple(o for o in found if side in (None, o.side))

    # -- parts ----------------------------------------------------------------------------------

    def _tell(self, observation: Observation) -> None:
        if self._keep:
            with self._changed:
                self._seen.append(observation)
                self._changed.notify_all()
        if self._listen is not None:
            self._listen(observation)

    def _now(self) -> float:
        return time.monotonic() - self._start

    def _stop(self, how: How) -> None:
        if self._background is not None:
            self._recorder.ending = how
            self._background.end()
            self._background = None
