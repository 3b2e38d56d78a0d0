"""Ranked search in passages of texts, by BM25."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypedDict

WORD = re.compile(r"\w+")
PARAGRAPH = re.compile(r"\n\s*\n")
SENTENCE = re.compile(r"(?<=[.!?…])\s+")
LONGEST = 90  # words of a passage, unless one sentence has more
SHOWN = 8
K1, B = 1.2, 0.75  # the usual ones: how soon a repeated word counts no more, how much length does


class Passage(TypedDict):
    """``document`` is the name of the text that the passage stands in."""

    document: str
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class _Indexed:
    document: str
    text: str
    words: Counter[str]
    length: int


def words_of(text: str) -> list[str]:
    return WORD.findall(text.casefold())


def passages(text: str) -> Iterator[str]:
    """Paragraphs, long ones in pieces of whole sentences; white space is one space."""
    for paragraph in PARAGRAPH.split(text):
        piece: list[str] = []
        for sentence in SENTENCE.split(paragraph):
            words = sentence.split()
            if piece and len(piece) + len(words) > LONGEST:
                yield " ".join(piece)
                piece = []
            piece += words
        if piece:
            yield " ".join(piece)


def search(question: str, texts: Iterable[tuple[str, str]]) -> list[Passage]:
    """The passages of (name, text) pairs that answer best, best first, at most eight. Scores are
    above 0 and comparable within one search only.
    """
    index = [_indexed(name, passage) for name, text in texts for passage in passages(text)]
    asked = set(words_of(question))
    found_in = Counter(word for one in index for word in asked & one.words.keys())
    mean = sum(one.length for one in index) / max(1, len(index))
    ranked: list[Passage] = []
    for one in index:
        score = sum(_score(one, word, found_in[word], len(index), mean) for word in sorted(asked))
        if score > 0:
            ranked.append({"document": one.document, "text": one.text, "score": round(score, 4)})
    return sorted(ranked, key=lambda passage: -passage["score"])[:SHOWN]


def _indexed(name: str, text: str) -> _Indexed:
    words = words_of(text)
    return _Indexed(name, text, Counter(words), len(words))


def _score(one: _Indexed, word: str, found_in: int, passages: int, mean: float) -> float:
    times = one.words[word]
    if not times:
        return 0.0
    rarity = math.log(1 + (passages - found_in + 0.5) / (found_in + 0.5))
    return rarity * times * (K1 + 1) / (times + K1 * (1 - B + B * one.length / mean))
