"""One scenario with one client: the server, the client's process, and what came of both."""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
import time
from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path

from gradio_conformance.ports import HOST
from gradio_conformance.scenarios.model import Scenario
from gradio_conformance.scenarios.player import Player
from gradio_conformance.scenarios.player import Stuck
from gradio_conformance.scenarios.reports import BadReport
from gradio_conformance.scenarios.reports import Report
from gradio_conformance.scenarios.reports import environment
from gradio_conformance.scenarios.reports import read_report
from gradio_conformance.scenarios.sockets import Exchange
from gradio_conformance.scenarios.sockets import Site
from gradio_conformance.scenarios.stage import Stage
from gradio_conformance.traffic.model import BodyPiece
from gradio_conformance.traffic.model import ExchangeOver
from gradio_conformance.traffic.model import Observation
from gradio_conformance.traffic.model import RequestSeen

FOREIGN = "localhost"  # the same machine, and another origin by its name
FILES: Mapping[str, bytes] = {"note.txt": b"so it goes"}
MOST_REQUESTS = 200  # a client that asks more often goes round in circles, and is ended
LONGEST_LINE = 64 * 1024 * 1024
TOLD_BYTES = 2000  # of stderr, where a client ended otherwise than it should
# The kernel closes the pipe and the connections of a process in no order.
AT_THE_END_S = 0.05
PATIENCES = 8  # a client that is busy for ever is ended after so many times the patience


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that a client has: to send its first request, and between two things it does."""

    start_s: float
    quiet_s: float


@dataclass(slots=True)
class Outcome:
    """What was seen of one client."""

    observations: list[Observation] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    bad: str | None = None  # a line that was no report
    code: int | None = None  # None: it was killed
    stderr: str = ""
    stuck: Stuck | None = None
    line: int = 0  # of the script, the last that was played

    ended_at: float | None = None  # when its stdout came to its end

    @property
    def ending(self) -> str:
        if self.code is None:
            return "the client was still running when its time was over, and was killed"
        return f"the client ended with exit code {self.code}"

    @property
    def seen(self) -> list[Observation]:
        """The observations, without those that a client's end left behind: what was open when it
        ended it did not leave.
        """
        if self.ended_at is None:
            return [s for s in self.observations if not _left(s)]
        limit = self.ended_at - AT_THE_END_S
        return [s for s in self.observations if not (_left(s) and s.at >= limit)]

    @property
    def paths(self) -> list[str]:
        return [seen.target for seen in self.observations if isinstance(seen, RequestSeen)]


class Course:
    """Serves one scenario; :meth:`meet` runs a client against it. Each client that meets it finds
    the script at its beginning.
    """

    def __init__(self, scenario: Scenario, patience: Patience) -> None:
        self.scenario = scenario
        self._patience = patience
        self._epoch = self._began = time.monotonic()
        self._busy = self._began  # when the client was last seen to do something
        self._changed = asyncio.Event()
        self._outcome = Outcome()
        self._process: asyncio.subprocess.Process | None = None
        self._requests = 0
        self._stage = Stage(scenario, self._note)
        self._site = Site(
            self._handle,
            self._observe,
            self._clock,
            staged=scenario.beyond is not None,
        )
        self._other = Site(self._handle_elsewhere, self._observe, self._clock)
        self._other.numbers = self._site.numbers  # one count of exchanges

    async def __aenter__(self) -> Course:
        await self.open()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    async def open(self, port: int = 0) -> None:
        """Listen on ``port``, or on any that is free."""
        await self._site.open(port)
        await self._other.open()
        self._place()

    async def close(self) -> None:
        await self._site.close()
        await self._other.close()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._site.port}"

    async def meet(self, command: Sequence[str], number: int = 1) -> Outcome:
        """Run ``command``, the URL as its last argument, until it ends or its time is over.

        ``OSError`` if it cannot be started.
        """
        self._restart(f"client {number}")
        outcome = self._outcome
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as stderr:
            files = _placed(folder)
            told = environment(self.scenario, self.url, files)
            self._process = await asyncio.create_subprocess_exec(
                *command,
                self.url,
                env=os.environ | told,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=stderr,
                limit=LONGEST_LINE,
                start_new_session=True,
            )
            try:
                await self._together(self._process, outcome)
            finally:
                _kill(self._process)
                await self._process.wait()
            size = stderr.seek(0, os.SEEK_END)
            stderr.seek(max(0, size - TOLD_BYTES))
            outcome.stderr = stderr.read().decode("utf-8", "replace").strip()
        return outcome

    async def serve(self) -> Outcome:
        """Play the script once to whoever comes, with all the patience there is."""
        self._restart("")
        await self._play(self._outcome, by_hand=True)
        return self._outcome

    async def _handle(self, exchange: Exchange) -> None:
        await self._stage.handle(exchange)  # that of the client which is met now

    async def _handle_elsewhere(self, exchange: Exchange) -> None:
        await self._stage.handle_foreign(exchange)

    # -- the client ------------------------------------------------------------------------

    async def _together(self, process: asyncio.subprocess.Process, outcome: Outcome) -> None:
        reading = asyncio.ensure_future(self._read(process, outcome))
        playing = asyncio.ensure_future(self._play(outcome))
        try:
            await playing
            self._stage.closed = True
            self._note()
            alive = process.returncode is None and not reading.done()
            if outcome.stuck is not None and alive:
                return  # it had its time
            if await self._until(lambda: process.returncode is not None or reading.done()):
                await asyncio.wait([reading], timeout=self._patience.quiet_s)
                outcome.code = await _ended(process, self._patience.quiet_s)
        finally:
            for task in (reading, playing):
                task.cancel()
            await asyncio.gather(reading, playing, return_exceptions=True)

    async def _play(self, outcome: Outcome, *, by_hand: bool = False) -> None:
        player = Player(self._stage, self._until, by_hand=by_hand)
        try:
            await player.play()
        except Stuck as stuck:
            outcome.stuck = stuck
        outcome.line = player.line

    async def _read(self, process: asyncio.subprocess.Process, outcome: Outcome) -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            if not line.strip() or outcome.bad:
                continue
            try:
                outcome.reports.append(read_report(line, self._clock()))
            except BadReport as error:
                outcome.bad = str(error)
            self._note()
        outcome.ended_at = self._clock()
        await process.wait()
        self._note()

    # -- waiting ---------------------------------------------------------------------------

    def _restart(self, client: str) -> None:
        self._outcome = Outcome()
        self._process = None
        self._requests = 0
        self._began = self._busy = time.monotonic()
        self._stage = Stage(self.scenario, self._note)
        self._place()
        self._site.client = self._other.client = client

    def _place(self) -> None:
        self._stage.url = self.url
        self._stage.foreign = self._other.elsewhere = f"http://{FOREIGN}:{self._other.port}"

    def _clock(self) -> float:
        return time.monotonic() - self._epoch

    def _observe(self, seen: Observation) -> None:
        if self._floods:
            return
        self._outcome.observations.append(seen)
        self._requests += isinstance(seen, RequestSeen)
        if isinstance(seen, BodyPiece):
            self._changed.set()  # a heartbeat is no sign of life of the client
        else:
            self._note()

    def _note(self) -> None:
        self._busy = time.monotonic()
        self._changed.set()

    async def _until(self, condition: Callable[[], bool]) -> bool:
        """Wait for what the client has to do; not longer than its patience after the last thing
        that was seen, nor after its end.
        """
        most = self._began + self._patience.start_s + PATIENCES * self._patience.quiet_s
        while not condition():
            gone = self._process is not None and self._process.returncode is not None
            limit = min(most, self._busy + self._quiet())
            if gone or self._floods or time.monotonic() >= limit:
                return condition()
            self._changed.clear()
            await _within(self._changed.wait(), limit - time.monotonic())
        return True

    def _quiet(self) -> float:
        return self._patience.quiet_s if self._requests else self._patience.start_s

    @property
    def _floods(self) -> bool:
        return self._requests >= MOST_REQUESTS


def _placed(folder: str) -> dict[str, str]:
    """The files of the user's device, by name."""
    paths = {name: Path(folder, name) for name in FILES}
    for name, path in paths.items():
        path.write_bytes(FILES[name])
    return {name: str(path) for name, path in paths.items()}


def _left(seen: Observation) -> bool:
    return isinstance(seen, ExchangeOver) and seen.how == "left"


async def _within(waiting: Awaitable[object], seconds: float) -> None:
    try:
        await asyncio.wait_for(waiting, max(0.0, seconds))
    except TimeoutError:
        pass


async def _ended(process: asyncio.subprocess.Process, seconds: float) -> int | None:
    await _within(process.wait(), seconds)
    return process.returncode


def _kill(process: asyncio.subprocess.Process) -> None:
    """End the client and all that it started; it has a process group of its own."""
    try:
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except ProcessLookupError:
        pass
