"""A waiting line: increasing numbers, first in first out, with the place of each."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from collections.abc import Iterator
from itertools import islice

_SMALL = 64  # a line this short is not worth tidying


class Line:
    """Numbers that only ever increase, of which any may leave.

    A Fenwick tree counts who is still there, so that to append, to remove and to rank costs
    O(log n); who has left is swept out when they are the majority, so memory is O(n).
    """

    __slots__ = ("_head", "_here", "_numbers", "_size", "_tree")

    def __init__(self, numbers: Iterable[int] = ()) -> None:
        self._fill(numbers)

    def _fill(self, numbers: Iterable[int]) -> None:
        self._numbers: list[int] = []
        self._here = bytearray()
        self._tree: list[int] = []
        self._head = 0  # index of the first that is still there
        self._size = 0
        for number in numbers:
            self.append(number)

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[int]:
        for index in range(self._head, len(self._numbers)):
            if self._here[index]:
                yield self._numbers[index]

    def append(self, number: int) -> None:
        """Add a number that is greater than all before."""
        self._numbers.append(number)
        self._here.append(1)
        node = len(self._numbers)
        count, child = 1, node - 1
        while child > node - (node & -node):
            count += self._tree[child - 1]
            child -= child & -child
        self._tree.append(count)
        self._size += 1

    def remove(self, number: int) -> None:
        """Take a number out. Raises ``KeyError`` if it is not there."""
        index = bisect_left(self._numbers, number)
        if index == len(self._numbers) or self._numbers[index] != number or not self._here[index]:
            raise KeyError(number)
        self._here[index] = 0
        self._size -= 1
        node = index + 1
        while node <= len(self._tree):
            self._tree[node - 1] -= 1
            node += node & -node
        while self._head < len(self._here) and not self._here[self._head]:
            self._head += 1
        if len(self._numbers) > _SMALL and 2 * self._size < len(self._numbers):
            self._fill(list(self))

    def first(self) -> int:
        """The smallest. Raises ``IndexError`` if there is none."""
        return self._numbers[self._head]

    def take(self, count: int) -> list[int]:
        """The ``count`` smallest; they stay in line."""
        return list(islice(self, count))

    def rank(self, number: int) -> int:
        """How many are smaller than ``number``."""
        node = bisect_left(self._numbers, number)
        count = 0
        while node:
            count += self._tree[node - 1]
            node -= node & -node
        return count
