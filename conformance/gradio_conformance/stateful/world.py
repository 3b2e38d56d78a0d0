"""Executes the steps of a script on a probe.

What each step owes is read from the ``actions`` of ``lifecycle.yaml``; what each message may be,
the monitor says. Nothing about the protocol is repeated here.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Collection
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

from gradio_conformance.calls import event_id_of
from gradio_conformance.faults import NonConformance
from gradio_conformance.history import explain
from gradio_conformance.history import groups_of
from gradio_conformance.probe import Probe
from gradio_conformance.recording import collect
from gradio_conformance.recording import mark
from gradio_conformance.stateful import requests
from gradio_conformance.stateful.accounts import CallAccount
from gradio_conformance.stateful.accounts import Client
from gradio_conformance.stateful.judging import Broken
from gradio_conformance.stateful.judging import Judge
from gradio_conformance.stateful.ledger import Ledger
from gradio_conformance.stateful.palette import CANCELLED
from gradio_conformance.stateful.script import PLAINLY
from gradio_conformance.stateful.script import Beat
from gradio_conformance.stateful.script import Call
from gradio_conformance.stateful.script import Cancel
from gradio_conformance.stateful.script import Fetch
from gradio_conformance.stateful.script import Join
from gradio_conformance.stateful.script import Leave
from gradio_conformance.stateful.script import Open
from gradio_conformance.stateful.script import Pause
from gradio_conformance.stateful.script import Refused
from gradio_conformance.stateful.script import Release
from gradio_conformance.stateful.script import Reset
from gradio_conformance.stateful.script import Resume
from gradio_conformance.stateful.script import Script
from gradio_conformance.stateful.script import Step
from gradio_conformance.stateful.script import Unbeat
from gradio_conformance.stateful.script import circumstances
from gradio_conformance.wire import Reply
from gradio_spec.actions import Effect

FETCHED = "fetch in delivered"


class World:
    """The clients of one script, on one server. :meth:`do` and :meth:`finish` raise ``Broken``."""

    def __init__(self, probe: Probe, server: str = "main") -> None:
        self.probe = probe
        self._since = mark(probe)
        self._groups = groups_of(probe.spec.testbed, server)
        self.ledger = Ledger(probe, self._groups)
        self.judge = Judge(self.ledger)
        self._actions = probe.spec.lifecycle.actions
        self._answers: list[Future[Reply]] = []
        self._does: dict[type[Step], tuple[Callable[[Any], None], str]] = {
            Join: (self._join, "JOIN-001"),
            Refused: (self._refused, "NET-004"),
            Open: (self._open, "SSE-001"),
            Pause: (self._pause, "SSE-001"),
            Resume: (self._resume, "SSE-001"),
            Leave: (self._leave, "SSE-020"),
            Beat: (self._beat, "SSE-001"),
            Unbeat: (self._unbeat, "SSE-001"),
            Cancel: (self._cancel, "CANCEL-001"),
            Reset: (self._reset, "CANCEL-013"),
            Release: (self._release, "RUN-001"),
            Call: (self._call, "CALL-001"),
            Fetch: (self._fetch, "CALL-002"),
        }

    def play(self, script: Script) -> None:
        """All steps of a script and its end. Raises ``Broken``."""
        for step in script.steps:
            self.do(step)
        self.finish()

    def do(self, step: Step) -> None:
        """One step, and unless it is hurried all that must come of it."""
        does, clause = self._does[type(step)]
        with self.judge.blaming(clause):
            does(step)
            if not step.hurried:
                self.judge.settle()
        self.ledger.hurried = step.hurried
        self.judge.verify()

    def circumstance_of(self, step: Step) -> str | None:
        """The circumstance that the step brings about by itself, if it disturbs nothing else."""
        if isinstance(step, Refused):
            return f"{step.action} by {step.way}"
        if isinstance(step, Open):
            return circumstances("open", *self.ledger.client(step.session).states, PLAINLY)
        if isinstance(step, Fetch):
            owed = self.ledger.owed.get(step.call)
            return FETCHED if owed and owed.call and owed.call.delivered else None
        return None

    def finish(self) -> None:
        """Open all gates and read everything to its end; all that is owed must come."""
        judge, owed_by_label = self.judge, self.ledger.owed
        with judge.blaming("EVT-003"):
            for client in self.ledger.clients.values():
                self._let_flow(client)
            for owed in owed_by_label.values():
                if owed.gate is not None:
                    owed.gate.open_for_good()
                    owed.released = owed.offer.releases(owed.data)
            for answer in self._answers:
                requests.require_cancelled(self.probe, answer)
            for client in self.ledger.clients.values():
                judge.finish_session(client)
            for client in self.ledger.clients.values():
                if client.heartbeat is not None:
                    client.heartbeat.drop()
            for owed in owed_by_label.values():
                judge.finish_call(owed)
                judge.require_never_ran(owed)
        judge.verify()
        with self.probe.changed:
            self.probe.record(self.probe.monitor.finish())
        judge.verify()
        with judge.blaming("RUN-001"):
            history = collect(self.probe, self._since, at_rest=True)
            self.probe.record(explain(history, self._groups))
        judge.verify()

    # -- joins and streams ----------------------------------------------------------------------

    def _join(self, step: Join) -> None:
        client = self.ledger.client(step.session)
        owed = self.ledger.new(step.event, step.endpoint, step.data)
        fn_index = self.probe.target.fn_index(step.endpoint)
        body = {"data": owed.data, "fn_index": fn_index, "session_hash": client.session.hash}
        room = self.ledger.room()
        reply = client.session.post_join(body)
        if not self._accepted("join", room, reply):
            return
        owed.event = client.session.adopt(reply, fn_index)
        client.owed.append(owed)
        client.left = False
        self.ledger.owed[step.event] = owed

    def _accepted(self, action: str, room: frozenset[str], reply: Reply) -> bool:
        """Whether the queue took a join or call; it must, or must not, if its room is known."""
        (effect, *unsure) = self._actions[action].effects_on(room)
        accepted = reply.status == 200
        if not unsure and accepted != (effect.then == "accepted"):
            # Who says that a queue with room is full has its bound wrong.
            clause = effect.clause
            if reply.status == 503 and self.ledger.max_size is not None:
                clause = "QUEUE-012"
            raise Broken(clause, f"a {action} {effect.then}", reply.describe(), action)
        if not accepted:
            reply.require_status("JOIN-017", 503)
        return accepted

    def _refused(self, step: Refused) -> None:
        (effect,) = self._actions[step.action].effects_on(["room"], step.way)
        with self.judge.under(f"{step.action} by {step.way}"):
            reply = requests.wrong_request(self.probe, step.action, step.way)
            reply.require_client_error(effect.clause)

    def _open(self, step: Open) -> None:
        client = self.ledger.client(step.session)
        states = client.states
        (effect, *unsure) = self._actions["open"].effects_on(states)
        if states == {"unknown"} and effect.then == "unspecified":
            return  # nobody knows whether this stream would wait for a join
        older = client.stream
        self._let_flow(client)
        newer = client.session.open()
        newer.until_ready()
        if unsure or effect.then in ("flows", "unspecified"):
            return
        with self.judge.under(circumstances("open", *states, PLAINLY)):
            if effect.then == "replaces" and older is not None:
                older.until_end(clause=effect.clause)
                return
            newer.until_end(clause=effect.clause)
            if effect.then == "not-found" and not newer.knows_no_session:
                told = newer.describe()
                raise NonConformance(effect.clause, "that the session is unknown", told)
            self.judge.verify()

    def _pause(self, step: Pause) -> None:
        client = self.ledger.client(step.session)
        if client.stream is not None:
            client.stream.reader.pause()
            client.paused = True

    def _resume(self, step: Resume) -> None:
        self._let_flow(self.ledger.client(step.session))

    def _let_flow(self, client: Client) -> None:
        if client.paused and client.stream is not None:
            client.stream.reader.resume()
        client.paused = False

    def _leave(self, step: Leave) -> None:
        client = self.ledger.client(step.session)
        if client.stream is None:
            return
        leaving = {owed.label: self.ledger.states(owed) for owed in client.unfinished}
        counts = "QUEUE-011" in self.probe.spec.clauses
        waiting = requests.waiting(self.probe) if counts else 0
        self._let_flow(client)
        client.session.drop()
        client.left = client.ever_left = True
        self.judge.circumstance = "leave"
        for owed in client.owed:
            if owed.label not in leaving:
                continue
            (effect, *_) = self._actions["leave"].effects_on(leaving[owed.label])
            owed.forgotten, owed.never_runs = True, leaving[owed.label] == {"waiting"}
            owed.blame, owed.circumstance = effect.clause, "leave in waiting"
        gone = sum(states == {"waiting"} for states in leaving.values())
        if gone and counts:
            # Who goes away is noticed when the server next looks.
            requests.until_waiting(self.probe, max(0, waiting - gone), "SSE-020")

    def _beat(self, step: Beat) -> None:
        client = self.ledger.client(step.session)
        if client.heartbeat is None:
            client.heartbeat = self.probe.heartbeat(client.session.hash)

    def _unbeat(self, step: Unbeat) -> None:
        client = self.ledger.client(step.session)
        if client.heartbeat is None:
            return
        client.heartbeat.drop()
        client.heartbeat = None
        (effect,) = self._actions["end_heartbeat"].effects_on(["waiting"])
        for owed in client.unfinished:
            if owed.untouched and owed.blame is None:
                owed.apply([effect], "end of the heartbeat")

    # -- cancels and gates ----------------------------------------------------------------------

    def _cancel(self, step: Cancel) -> None:
        owed = self.ledger.owed.get(step.event)
        if owed is None:  # its join was refused
            return
        action = self._actions["cancel_call" if owed.call else "cancel"]
        states = self.ledger.states(owed)
        others = [o for o in self.ledger.owed.values() if o is not owed and not o.is_over]
        was_over = owed.is_over
        effects = action.effects_on(states, step.way)
        if _is_open(effects):
            return
        circumstance = circumstances("cancel", *states, step.way)
        self.judge.circumstance = circumstance
        answer = requests.cancel(self.probe, owed, step.way)
        slow = owed.offer.generates and owed.held
        if requests.is_answered(self.probe, answer, slow=slow):
            requests.require_cancelled(self.probe, answer)
        else:
            # Whether it counts before the next step nobody can know.
            self._answers.append(answer)
            effects = (*effects, replace(effects[-1], then="unchanged"))
        if not was_over:
            cancelled = {effect.then for effect in effects} == {CANCELLED}
            owed.never_runs |= cancelled and states == {"waiting"}
            owed.apply(effects, circumstance)
        for other in others:
            if action.others is not None and other.untouched:
                other.apply([action.others], circumstance)

    def _reset(self, step: Reset) -> None:
        owed = self.ledger.owed.get(step.event)
        if owed is None:
            return
        (effect,) = effects = self._actions["reset"].effects_on(["waiting"])
        if _is_open(effects):
            return
        with self.judge.under("reset"):
            requests.require_reset(self.probe, owed, effect.clause)
        if not owed.is_over:
            owed.apply([effect], "reset")

    def _release(self, step: Release) -> None:
        owed = self.ledger.owed.get(step.event)
        if owed is not None and owed.gate is not None and owed.held:
            owed.gate.release()
            owed.released += 1

    # -- simple calls ---------------------------------------------------------------------------

    def _call(self, step: Call) -> None:
        owed = self.ledger.new(step.call, step.endpoint, step.data)
        members = {}
        if step.session:
            client = self.ledger.client(step.session)
            client.known = True
            members["session_hash"] = client.session.hash
        room = self.ledger.room()
        reply = self.probe.call(step.endpoint, owed.data, **members)
        if not self._accepted("call", room, reply):
            return
        event_id = event_id_of(self.probe, reply)
        owed.call = CallAccount(step.endpoint, event_id, members.get("session_hash", event_id))
        self.ledger.owed[step.call] = owed

    def _fetch(self, step: Fetch) -> None:
        owed = self.ledger.owed.get(step.call)
        call = owed.call if owed is not None else None
        if owed is None or call is None:
            return
        if call.stream is not None and not call.delivered:
            if call.stream.end is None:
                return  # what a second GET gets beside the first is unspecified
            self.judge.judge_call(owed, call.stream)
        (effect,) = self._actions["fetch"].effects_on([call.state])
        stream = self.probe.call_stream(call.name, call.event_id)
        if effect.then == "flows":
            call.stream = stream
            return
        with self.judge.under(FETCHED):
            stream.until_end(clause=effect.clause)
            self.judge.verify()


def _is_open(effects: Collection[Effect]) -> bool:
    """Whether the version leaves open what may become of it: nobody could judge what came."""
    return any(effect.then == "unspecified" for effect in effects)
