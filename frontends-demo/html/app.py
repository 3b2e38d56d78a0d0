"""Two text tools behind a page of their own: the reference server as an application's back end.

Run it with ``gradio-protocol serve frontends-demo/html/app.py --port 7860``. ``/`` is this app's
own route and page, ``/static`` its files; the two functions are reached through the event
protocol, by the page (``static/session.js``) and by every other Gradio client alike.
"""

from __future__ import annotations

import re
from bisect import insort
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import accumulate
from pathlib import Path
from typing import TypedDict

from quart import Response
from quart import send_from_directory

from gradio_reference import Error
from gradio_reference import Progress
from gradio_reference import Server
from gradio_reference import Warning as Warn

STATIC = Path(__file__).parent / "static"
MAX_SENTENCES = 600  # every pair is compared, so the work grows with the square
ALIKE = 0.6  # from this ratio on (0 to 1) two sentences count as a repetition
SHOWN = 5
GRADES = ((90, "very easy"), (70, "easy"), (60, "plain"), (50, "fairly hard"), (30, "hard"))

SENTENCE_END = re.compile(r"(?:(?<=[.!?…])|(?<=[.!?…][\"”')\]]))\s+")
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
VOWELS = re.compile(r"[aeiouy]+")
SILENT = re.compile(r"(?:[^aeiouyl]e|[^aeiouydt]ed)$")  # made, asked; but not table, wanted

app = Server(title="Text tools", static_folder=str(STATIC))


class Sentence(TypedDict):
    """A sentence and its reading ease (Flesch; 100 is easy, 0 is hard)."""

    text: str
    ease: float


class Readability(TypedDict):
    """What has been read so far. ``hardest``: the hardest sentences, hardest first."""

    words: int
    sentences: int
    ease: float
    grade: str
    hardest: list[Sentence]


class Repetition(TypedDict):
    """Two sentences and how much alike they are, 0 to 1."""

    first: str
    second: str
    alike: float


@app.get("/")
async def page() -> Response:
    return await send_from_directory(STATIC, "index.html")


@app.api(name="readability")
def readability(text: str) -> Iterator[Readability]:
    """How easy an English text is to read, sentence by sentence."""
    sentences = split(text)
    if len(sentences) == 1:
        Warn("One sentence says little about a text.")
    counts = [count(sentence) for sentence in sentences]
    hardest: list[Sentence] = []
    totals = accumulate(counts, lambda total, one: (total[0] + one[0], total[1] + one[1]))
    for number, (words, syllables) in enumerate(totals, 1):
        one: Sentence = {"text": sentences[number - 1], "ease": ease(*counts[number - 1], 1)}
        insort(hardest, one, key=lambda sentence: sentence["ease"])
        del hardest[SHOWN:]
        score = ease(words, syllables, number)
        yield {
            "words": words,
            "sentences": number,
            "ease": score,
            "grade": next((grade for least, grade in GRADES if score >= least), "very hard"),
            "hardest": hardest.copy(),
        }


@app.api(name="repetitions")
def repetitions(text: str) -> Iterator[list[Repetition]]:
    """The pairs of sentences of a text that are most alike, most alike first."""
    sentences = split(text)
    progress = Progress()
    found: list[Repetition] = []
    for number, second in enumerate(sentences):
        progress((number, len(sentences)), desc="Comparing", unit="sentences")
        # SequenceMatcher keeps what it knows of its second text, so that one is set once.
        matcher = SequenceMatcher(b=second, autojunk=False)
        for first in sentences[:number]:
            matcher.set_seq1(first)
            if matcher.quick_ratio() >= ALIKE and (ratio := matcher.ratio()) >= ALIKE:
                pair: Repetition = {"first": first, "second": second, "alike": round(ratio, 3)}
                insort(found, pair, key=lambda repetition: -repetition["alike"])
                del found[SHOWN:]
        yield found.copy()


def split(text: str) -> list[str]:
    """The sentences of a text; ``Error`` when it has none, or more than can be compared."""
    sentences = [" ".join(part.split()) for part in SENTENCE_END.split(text) if WORD.search(part)]
    if not sentences:
        raise Error("There is no word in this text.", title="Nothing to read")
    if len(sentences) > MAX_SENTENCES:
        raise Error(
            f"The text has {len(sentences)} sentences; at most {MAX_SENTENCES} can be read.",
            title="Too long",
        )
    return sentences


def count(sentence: str) -> tuple[int, int]:
    """Words and syllables; a syllable is a group of vowels, but for an unspoken ending."""
    words = [word.lower() for word in WORD.findall(sentence)]
    return len(words), sum(syllables(word) for word in words)


def syllables(word: str) -> int:
    """At least 1; an estimate, as every counter without a dictionary gives."""
    return max(1, len(VOWELS.findall(word)) - bool(SILENT.search(word)))


def ease(words: int, syllables: int, sentences: int) -> float:
    """Flesch's reading ease, to one decimal."""
    return round(206.835 - 1.015 * words / sentences - 84.6 * syllables / words, 1)


if __name__ == "__main__":
    app.launch()
