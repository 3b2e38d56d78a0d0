"""Mailboxes of which nothing runs or waits: remembered while there is room for them."""

from __future__ import annotations

from collections import OrderedDict

from gradio_reference.core.mailbox import Address
from gradio_reference.core.mailbox import Mailbox
from gradio_reference.core.model import Limits


class Idle:
    """The idle mailboxes, the least recently used first, and the bytes of their messages."""

    __slots__ = ("_weights", "weight")

    def __init__(self) -> None:
        self._weights: OrderedDict[Address, int] = OrderedDict()
        self.weight = 0

    def add(self, mailbox: Mailbox, limits: Limits) -> list[Address]:
        """One more; returns those that are to be forgotten. The last one stays, however heavy."""
        self.remove(mailbox.address)
        self._weights[mailbox.address] = weight = mailbox.weigh()
        self.weight += weight
        forgotten = []
        while len(self._weights) > 1 and (
            len(self._weights) > limits.idle or self.weight > limits.idle_weight
        ):
            address = next(iter(self._weights))
            self.remove(address)
            forgotten.append(address)
        return forgotten

    def remove(self, address: Address) -> None:
        """It is not idle any more, if it was."""
        self.weight -= self._weights.pop(address, 0)
