"""Waits for what a server owes the clients of a script, and says how it ended."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from gradio_conformance.faults import NonConformance
from gradio_conformance.faults import TooLate
from gradio_conformance.faults import show
from gradio_conformance.session import CallStream
from gradio_conformance.stateful.accounts import Client
from gradio_conformance.stateful.accounts import Owed
from gradio_conformance.stateful.ledger import Ledger
from gradio_conformance.stateful.palette import CANCELLED
from gradio_conformance.stateful.palette import FAILURE
from gradio_conformance.stateful.palette import RESULT
from gradio_conformance.stateful.palette import START
from gradio_spec.diff import same


class Broken(NonConformance):
    """A clause was broken under a circumstance.

    ``late``: by something that did not come in time. ``suspects``: the clauses of all actions that
    should have left alone what went wrong; which of them did not, a shorter script will say.
    """

    def __init__(
        self,
        clause: str,
        expected: str,
        actual: str,
        circumstance: str,
        *,
        late: bool = False,
        suspects: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(clause, expected, actual)
        self.circumstance = circumstance
        self.late = late
        self.suspects = suspects | {clause}

    @property
    def key(self) -> tuple[str, str]:
        """What tells one defect from another."""
        return self.clause, self.circumstance


def ending(message: Mapping[str, Any]) -> str:
    """What a terminal message of a session stream says of its event (CANCEL-006, EVT-015)."""
    if message.get("success") is not True:
        return FAILURE
    return CANCELLED if message.get("output") == {} else RESULT


def call_ending(name: str, data: Any, owed: Collection[str], *, tells_errors: bool) -> str:
    """The same of the last event of a call stream, where an error may tell of either (CALL-022);
    before its data did (``tells_errors``), so may a result without data.
    """
    if name == "complete":
        if data is None:
            return CANCELLED if CANCELLED in owed and not tells_errors else "a result without data"
        return RESULT
    return CANCELLED if CANCELLED in owed and FAILURE not in owed else FAILURE


class Judge:
    """Judges the accounts of a ledger. ``circumstance`` is that of the last disturbing action."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.probe = ledger.probe
        self.circumstance = ""

    @contextmanager
    def blaming(self, clause: str, owed: Owed | None = None) -> Iterator[None]:
        """Turn whatever goes wrong inside into ``Broken``; no answer at all breaks ``clause``.

        What the monitor found by then comes first: a wrong message says more than the silence
        after it.
        """
        try:
            yield
        except Broken:
            raise
        except (NonConformance, httpx.HTTPError) as error:
            self.verify()
            late = isinstance(error, TooLate | httpx.TimeoutException)
            if not isinstance(error, NonConformance):
                actual = f"{type(error).__name__}: {error}"
                error = NonConformance(clause, "an answer", actual)
            own = owed if owed and owed.blame == error.clause else None
            raise Broken(
                error.clause,
                error.expected,
                error.actual,
                own.circumstance if own else self.circumstance,
                late=late,
                suspects=own.suspects if own else frozenset(),
            ) from error

    @contextmanager
    def under(self, circumstance: str) -> Iterator[None]:
        """For an action that disturbs nobody else: what goes wrong inside is its own doing."""
        before, self.circumstance = self.circumstance, circumstance
        with self.blaming("NET-004"):
            yield
        self.circumstance = before

    def verify(self) -> None:
        """Raise what the monitor has found, and first that a stream died of a value."""
        with self.probe.changed:
            found = self.probe.findings[:1]
            for client in self.ledger.clients.values():
                self._require_alive(client)
        for finding in found:
            raise Broken(finding.clause, finding.expected, finding.actual, self.circumstance)

    def _require_alive(self, client: Client) -> None:
        """A value that is no JSON fails its own event, not the stream of all (SSE-025)."""
        if client.left or not client.session.streams:
            return
        told = client.session.streams[-1].of_kind(self.probe.stream_failure)
        odd = [owed.label for owed in client.owed if len(owed.offer.ends) > 1]
        if odd and told and told[0].get("session_not_found") is not True:
            expected = f"a stream that outlives the value of {', '.join(odd)}"
            raise Broken("SSE-025", expected, show(dict(told[0])), "")

    # -- what must come by itself --------------------------------------------------------------

    def settle(self) -> None:
        """Wait for all that must come without a further step."""
        for client in self.ledger.clients.values():
            for owed in client.unfinished:
                with self.blaming("EVT-003", owed):
                    self._settle_event(client, owed)
            for owed in client.owed:
                if owed.event and owed.event.is_completed:
                    self._judge_event(owed)
            if client.sees and client.owed and not client.left and not client.unfinished:
                self._until_closed(client)
        for owed in self.ledger.owed.values():
            call = owed.call
            if call is None or call.delivered or not self.ledger.must_run(owed):
                continue
            if owed.held and owed.untouched:
                self._until_begun(owed)
            elif not owed.held and call.stream is not None:
                self.judge_call(owed, call.stream)

    def _settle_event(self, client: Client, owed: Owed) -> None:
        runs = self.ledger.must_run(owed)
        if owed.ends == {CANCELLED}:
            # A generator that is held ends with its step (CANCEL-003).
            if not (owed.offer.generates and owed.held):
                self._until(client, owed, "process_completed", owed.blame or "CANCEL-006")
        elif runs and not owed.held:
            self._until(client, owed, "process_completed", owed.blame or "EVT-003")
            if not client.sees and owed.offer.begins == START and owed.untouched and owed.gate:
                clause = owed.blame or "QUEUE-013"
                owed.gate.wait_journal("end", 1, clause, "the function to end")
        elif runs:
            if client.sees:
                self._until(client, owed, "process_starts", owed.blame or "QUEUE-013")
            elif owed.untouched:
                self._until_begun(owed)
        elif owed.untouched:
            self._until(client, owed, "estimation", "QUEUE-007")

    def _until(self, client: Client, owed: Owed, msg: str, clause: str) -> None:
        """Wait for a message of an event, if its client reads.

        A join may meet the close_stream of the stream that is open, or, of a session that only
        calls have named, the answer that it is not known: then the event belongs to the next one,
        and whether the stream might end so the monitor says.
        """
        stream = client.stream
        if stream is None or not client.sees or owed.event is None:
            return
        try:
            owed.event.until(msg, clause=clause)
        except NonConformance:
            ended = stream.is_closed or (client.known and stream.knows_no_session)
            if not (stream.end == "eof" and ended):
                raise
            self.verify()

    def _until_begun(self, owed: Owed) -> None:
        if owed.gate is not None and owed.offer.begins and not owed.begun:
            clause = owed.blame or "QUEUE-013"
            owed.gate.wait_journal(owed.offer.begins, 1, clause, "the function to begin")
            owed.begun = True

    def _until_closed(self, client: Client) -> None:
        clause = "CANCEL-012" if client.owed[-1].ends == {CANCELLED} else "SSE-011"
        clause = "SSE-022" if client.ever_left else clause
        newest = client.session.streams[-1]
        newest.until_end(clause=clause)
        if newest.knows_no_session and len(client.session.streams) > 1:
            return  # SSE-023: it was opened when an older one had delivered everything
        client.session.until_closed(clause=clause)

    # -- the end --------------------------------------------------------------------------------

    def finish_session(self, client: Client) -> None:
        """All that a session is still owed, and the end of its stream."""
        for owed in client.owed:
            if owed.event is None or owed.forgotten:
                continue
            with self.blaming("EVT-003", owed):
                clause = owed.blame or "EVT-003"
                self._until(client, owed, "process_completed", clause)
                if not owed.event.is_completed:
                    if client.stream is None:
                        client.session.open()
                    owed.event.completed(clause=clause)
                self._judge_event(owed)
        if client.stream is not None and client.owed and not client.left:
            self._until_closed(client)

    def finish_call(self, owed: Owed) -> None:
        """The result of a call that nobody has fetched yet."""
        call = owed.call
        if call is None or call.delivered:
            return
        if call.stream is None:
            call.stream = self.probe.call_stream(call.name, call.event_id)
        self.judge_call(owed, call.stream)

    def judge_call(self, owed: Owed, stream: CallStream) -> None:
        """Wait for the result of a call; it must be what its owner is owed."""
        assert owed.call is not None
        with self.blaming("CALL-004", owed):
            name, data = stream.result(clause=owed.blame or "CALL-004")
            owed.call.delivered = True
            stream.until_end()
            self.verify()
            tells = self.probe.tells_errors_of_calls
            end = call_ending(name, data, owed.ends, tells_errors=tells)
            self._judge(owed, end, [name, data], data)

    def require_never_ran(self, owed: Owed) -> None:
        """An event that was cancelled or abandoned while it waited has not run (CANCEL-005)."""
        if owed.never_runs and owed.gate is not None and owed.offer.begins:
            begun = owed.gate.happened(owed.offer.begins)
            if begun:
                expected = f"{owed.label} never to start"
                raise self._broken(owed, owed.blame or "CANCEL-005", expected, show(begun))

    def _judge_event(self, owed: Owed) -> None:
        if owed.judged or owed.forgotten or owed.event is None:
            return  # what becomes of an event whose reader went away is unspecified
        owed.judged = True
        message = owed.event.completed()
        output = message.get("output")
        data = output.get("data") if isinstance(output, Mapping) else None
        self._judge(owed, ending(message), dict(message), data)

    def _judge(self, owed: Owed, end: str, shown: Any, data: Any) -> None:
        if end not in owed.ends:
            wanted = " or ".join(sorted(owed.ends))
            clause = owed.blame or ("EVT-008" if RESULT in owed.ends else "EVT-015")
            raise self._broken(owed, clause, f"{wanted} as the end of {owed.label}", show(shown))
        wanted_data = owed.offer.result(owed.data)
        if end == RESULT and wanted_data is not None and not same(data, wanted_data):
            expected = f"{show(wanted_data)} from {owed.offer.endpoint}"
            raise self._broken(owed, "EVT-008", expected, show(data))

    def _broken(self, owed: Owed, clause: str, expected: str, actual: str) -> Broken:
        circumstance = owed.circumstance or self.circumstance
        return Broken(clause, expected, actual, circumstance, suspects=owed.suspects)
