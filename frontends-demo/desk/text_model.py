"""A language model of one text: which word follows which two."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from collections.abc import Sequence
from random import Random

ORDER = 2  # words that the next one depends on
SHORTER = 0.35  # how often one word counts where two have been followed by a single word only
ENDS = (".", "!", "?", "…", '."', '!"', '?"', ".”", "!”", "?”", ".)")


class TextModel:
    """Trained on the words of a text, in their order. Raises ``ValueError`` if there are none."""

    def __init__(self, words: Sequence[str]) -> None:
        if not words:
            raise ValueError("words: there are none to learn from")
        self._next: dict[tuple[str, ...], list[str]] = defaultdict(list)
        self._starts = [words[0]]
        for place in range(1, len(words)):
            for length in range(1, min(ORDER, place) + 1):
                self._next[_context(words[place - length : place])].append(words[place])
            if words[place - 1].endswith(ENDS):
                self._starts.append(words[place])

    def words(self, before: Sequence[str], seed: int) -> Iterator[str]:
        """Words that could follow ``before``, without end; equal for equal seeds."""
        chance = Random(seed)
        recent = list(before[-ORDER:])
        while True:
            word = chance.choice(self._candidates(recent, chance))
            recent = [*recent, word][-ORDER:]
            yield word

    def _candidates(self, recent: Sequence[str], chance: Random) -> list[str]:
        found = [self._next.get(_context(recent[-n:])) for n in range(len(recent), 0, -1)]
        known = [followers for followers in found if followers]
        if not known:
            return self._starts
        if len(known) > 1 and len(set(known[0])) == 1 and chance.random() < SHORTER:
            return known[1]
        return known[0]


def written(text: str, beginning: str, words: int, seed: int) -> Iterator[str]:
    """``beginning`` and more and more words of a model of ``text``, ``words`` times."""
    grown = beginning.rstrip()
    more = TextModel(text.split()).words(beginning.split(), seed)
    for _, word in zip(range(words), more, strict=False):
        grown = f"{grown} {word}" if grown else word
        yield grown


def _context(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(word.casefold() for word in words)
