"""How late this machine wakes a thread that asked to be woken: the noise in every wait of a check.

A thread asks for a wait of 5 ms, again and again, and notes by how much each was overrun. That is
what happens to the threads of a check, and on the same machine to those of the server: it counts
the other programs, the interpreter's own lock and a paused virtual machine alike. Some 200 wakeups
a second cost less than half a percent of one processor.
"""

from __future__ import annotations

import threading
import time
from array import array
from collections.abc import Callable
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from gradio_conformance.events import Noise

STEP_S = 0.005
PRESSURE = Path("/proc/pressure/cpu")


class NoiseMeter:
    """Measures from ``with`` to its end; :meth:`mark` and :meth:`since` cut out a part.

    ``clock`` is in seconds; ``wait`` waits for so many and returns whether to stop.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        self._clock = clock
        self._over = threading.Event()
        self._wait = wait or self._over.wait
        self._late = array("d")  # seconds; eight bytes each, 6 MB an hour
        self._asked = clock()
        self._thread = threading.Thread(target=self.measure, name="noise", daemon=True)

    def __enter__(self) -> NoiseMeter:
        self._started, self._stalled = self._clock(), stalled_s()
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

    def measure(self) -> None:
        """Wait and note until told to stop; the meter's thread."""
        while True:
            self._asked = self._clock()
            if self._wait(STEP_S):
                return
            self._late.append(max(0.0, self._clock() - self._asked - STEP_S))

    def mark(self) -> int:
        """Now, for :meth:`since`."""
        return len(self._late)

    def until_measured(self, mark: int) -> None:
        """Wait until something has been measured since ``mark``: a step or two."""
        while self.mark() <= mark and not self._over.wait(STEP_S):
            pass

    def since(self, mark: int = 0) -> Noise | None:
        """The noise from ``mark`` until now; ``None`` if nothing was measured in so short a
        time.
        """
        late = list(self._late[mark:])
        # The wait that still goes on: a thread that is not woken at all is the loudest noise.
        overdue = self._clock() - self._asked - STEP_S
        if overdue > 0:
            late.append(overdue)
        return noise_of(late)

    def contention(self) -> float | None:
        """The share of the time so far in which some program of this machine waited for a
        processor (Linux, pressure stall information); ``None`` where nobody says.
        """
        now, elapsed = stalled_s(), self._clock() - self._started
        if now is None or self._stalled is None or elapsed <= 0:
            return None
        return round(min(1.0, (now - self._stalled) / elapsed), 3)


def noise_of(late_s: Sequence[float]) -> Noise | None:
    """Median, 99th percentile (nearest rank) and greatest of some delays, in milliseconds."""
    if not late_s:
        return None
    ranked = sorted(late_s)

    def at(share: float) -> float:
        return round(ranked[min(len(ranked) - 1, int(share * len(ranked)))] * 1000, 1)

    return Noise(at(0.5), at(0.99), round(ranked[-1] * 1000, 1), len(ranked))


def stalled_s(path: Path = PRESSURE) -> float | None:
    """Seconds since the machine's start in which some program waited for a processor."""
    try:
        first = path.read_text("ascii").splitlines()[0]
        return int(first.rpartition("total=")[2]) / 1e6
    except (OSError, ValueError, IndexError):
        return None
