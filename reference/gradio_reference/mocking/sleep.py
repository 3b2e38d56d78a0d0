"""A server that sleeps: its first request wakes it, after a while."""

from __future__ import annotations

import time

from gradio_reference.mocking import faults
from gradio_reference.mocking.faults import Fault
from gradio_reference.mocking.faults import Switchboard
from gradio_reference.mocking.faults import Where


class Sleep:
    """Follows the fault *sleeping* of the switchboard, which is over with it."""

    def __init__(self, switchboard: Switchboard) -> None:
        self._switchboard = switchboard
        self._knocked: float | None = None

    @property
    def _fault(self) -> Fault | None:
        found = self._switchboard.on.get(faults.ALL)
        return found if found is not None and found.kind.where is Where.SERVER else None

    @property
    def asleep(self) -> bool:
        fault = self._fault
        if fault is None:
            return False
        seconds = faults.SLEEP if fault.seconds is None else fault.seconds
        return self._knocked is None or time.monotonic() < self._knocked + seconds

    def knock(self) -> bool:
        """A request has come: whether it is too early. The first one always is."""
        if self._fault is None:
            return False
        if self._knocked is None:
            self._knocked = time.monotonic()
            return True
        if self.asleep:
            return True
        self.wake()
        return False

    def wake(self) -> None:
        if self._fault is not None:
            self._switchboard.switch(faults.ALL, None)
        self._knocked = None

    def fall_asleep(self) -> None:
        """Forget who has knocked."""
        self._knocked = None
