"""What a client can know of its events without being told: who must run, who must wait."""

from __future__ import annotations

from collections.abc import Mapping

from gradio_conformance.history import Group
from gradio_conformance.probe import Probe
from gradio_conformance.stateful.accounts import ANY_STATE
from gradio_conformance.stateful.accounts import CallAccount
from gradio_conformance.stateful.accounts import Client
from gradio_conformance.stateful.accounts import Owed
from gradio_conformance.stateful.palette import offer_for
from gradio_conformance.stateful.script import GATE


class Ledger:
    """All accounts of one script. ``owed`` is in the order in which events and calls were made."""

    def __init__(self, probe: Probe, groups: Mapping[str, Group]) -> None:
        self.probe = probe
        self.clients: dict[str, Client] = {}
        self.owed: dict[str, Owed] = {}
        self.hurried = False  # the last step did not wait for what must come of it
        self._groups = groups
        self._final = probe.spec.lifecycle.machines["event"].final

    def client(self, label: str) -> Client:
        """The session of this label, new when it is named for the first time."""
        if label not in self.clients:
            self.clients[label] = Client(self.probe.session())
        return self.clients[label]

    def new(self, label: str, endpoint: str, data: list[object]) -> Owed:
        """The account of an event or call to be; its gate takes the place of ``$gate``."""
        offer = offer_for(endpoint, data)
        gate = self.probe.gate() if offer.gated(data) else None
        if gate is not None:
            data = [d.replace(GATE, gate.key) if isinstance(d, str) else d for d in data]
        return Owed(label, offer, data, gate, self._groups[endpoint], offer.ends)

    def must_run(self, owed: Owed) -> bool:
        """Its group has a slot for it, whatever the server does (QUEUE-002, QUEUE-013)."""
        if owed.offer.batch and self._may_share_a_batch(owed):
            return False
        sure, maybe = self._ahead(owed)
        return sure + maybe < owed.limit

    def _may_share_a_batch(self, owed: Owed) -> bool:
        """With one whose gate is shut, also one that was cancelled: a batch ends with its last."""
        group = (o for o in self.owed.values() if o.group == owed.group and o is not owed)
        return any(other.held for other in group)

    def _ahead(self, owed: Owed) -> tuple[int, int]:
        """How many functions of its group, joined before it, occupy a slot until a gate opens.

        Surely, and perhaps: the slot of an event that was cancelled or abandoned while it ran may
        be free already (CANCEL-015 is a SHOULD).
        """
        sure = maybe = 0
        for other in self.owed.values():
            if other is owed:
                break
            if other.group == owed.group and other.held and not other.never_runs:
                sure, maybe = sure + other.untouched, maybe + (not other.untouched)
        return sure, maybe

    def states(self, owed: Owed) -> frozenset[str]:
        """What an event may be now, in the words of the machine ``event``; a call, in those of the
        actions.
        """
        if owed.call is not None:
            return self._states_of_call(owed, owed.call)
        assert owed.event is not None
        seen = self.probe.monitor.events[owed.event.id].state
        sees = any(owed in client.owed and client.sees for client in self.clients.values())
        if seen in self._final:
            return frozenset({seen})
        if self.hurried or not owed.untouched:
            return ANY_STATE
        if self.must_run(owed):
            begun = owed.held and (sees or owed.offer.begins)
            return frozenset({"running"}) if begun else ANY_STATE
        if sees:
            return frozenset({seen})
        sure, _ = self._ahead(owed)
        waits = sure >= owed.limit and not owed.offer.batch
        return frozenset({"waiting"}) if waits else ANY_STATE

    def _states_of_call(self, owed: Owed, call: CallAccount) -> frozenset[str]:
        if call.delivered or (owed.held and owed.untouched and not self.hurried):
            return frozenset({call.state})
        return frozenset({"pending", "delivered"})

    @property
    def max_size(self) -> int | None:
        """What bounds the queue, by the settings of the testbed."""
        return (self.probe.target.settings or {}).get("max_size")

    def room(self) -> frozenset[str]:
        """Whether the queue has room for one more: counted where it can be, else both."""
        max_size = self.max_size
        if max_size is None:
            return frozenset({"room"})
        live = [o for o in self.owed.values() if not o.is_over and not o.never_runs]
        sure = sum(self._waits(owed) for owed in live)
        maybe = sum(self._may_wait(owed) for owed in live)
        if sure >= max_size:
            return frozenset({"full"})
        return frozenset({"room"} if maybe < max_size else {"room", "full"})

    def _waits(self, owed: Owed) -> bool:
        """It surely waits: others hold all slots of its group."""
        if owed.event is not None:
            return self.states(owed) == {"waiting"}
        sure, _ = self._ahead(owed)
        settled = owed.untouched and not owed.offer.batch
        return settled and sure >= owed.limit

    def _may_wait(self, owed: Owed) -> bool:
        if owed.event is not None:
            return bool(self.states(owed) & {"accepted", "waiting"})
        begun = owed.held and owed.offer.begins and owed.untouched and self.must_run(owed)
        return self.hurried or not begun
