"""Text that reads like text."""

from __future__ import annotations

from random import Random

_SUBJECTS = ("The model", "A short answer", "This paragraph", "The second draft", "Each sentence")
_VERBS = ("describes", "mentions", "summarises", "explains", "repeats", "compares")
_OBJECTS = (
    "the picture above",
    "what was asked",
    "three small examples",
    "the first result",
    "a harbour in the evening",
    "the words of the question",
)
_ENDS = ("in plain words", "with some care", "once more", "and nothing else", "step by step")
_NAMES = ("cat", "dog", "bird", "boat", "tree", "house", "river", "bridge", "garden", "cloud")


def sentence(rng: Random) -> str:
    parts = (rng.choice(part) for part in (_SUBJECTS, _VERBS, _OBJECTS, _ENDS))
    return f"{' '.join(parts)}."


def paragraph(rng: Random) -> str:
    return " ".join(sentence(rng) for _ in range(rng.randint(2, 4)))


def name(rng: Random) -> str:
    return rng.choice(_NAMES)


def names(rng: Random, count: int) -> list[str]:
    return rng.sample(_NAMES, count)


def markdown(rng: Random) -> str:
    items = "\n".join(f"- {one}" for one in names(rng, 3))
    return f"## {sentence(rng)[:-1]}\n\n{paragraph(rng)}\n\n{items}\n"


def html(rng: Random) -> str:
    return f"<h2>{sentence(rng)[:-1]}</h2><p>{paragraph(rng)}</p>"


def code(rng: Random) -> str:
    return f'def {name(rng)}(count: int) -> str:\n    return "{name(rng)} " * count\n'
