"""The work that Desk does, without a server: reading, writing on, searching, dithering, keeping."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from desk import documents
from desk import pictures
from desk import search
from desk.refusal import Refusal
from desk.shelf import DOCUMENTS
from desk.shelf import Shelves
from desk.text_model import TextModel
from desk.text_model import written

from . import samples

WORDS = st.lists(st.sampled_from("the cat. sat The on a mat. dog ran".split()), min_size=1)


def read(tmp_path: Path, name: str, content: bytes) -> documents.Kept:
    path = tmp_path / "upload"
    path.write_bytes(content)
    return documents.read(path, name)


# --- documents ------------------------------------------------------------------------------------


def test_a_text_is_read_with_its_words_and_an_excerpt(tmp_path: Path) -> None:
    kept = read(tmp_path, "harbour.md", b"\xef\xbb\xbf" + samples.HARBOUR.encode())
    card = kept.card
    assert (card["kind"], card["words"]) == ("text", len(samples.HARBOUR.split()))
    assert card["excerpt"].startswith("The harbour wakes")
    assert card["excerpt"].endswith(" …")
    assert len(card["excerpt"]) <= documents.EXCERPT + 2
    assert kept.text == samples.HARBOUR


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_picture_is_measured(tmp_path: Path, form: str) -> None:
    card = read(tmp_path, "sea", samples.picture(30, 20, form)).card
    assert (card["kind"], card["width"], card["height"]) == ("picture", 30, 20)
    assert card["words"] is None
    assert form in card["excerpt"]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.txt", b"caf\xe9 noir", "not UTF-8, from byte 3 on"),
        ("a.md", b" \n", "holds no text"),
        ("a.txt", b"a\0b", "holds no text"),
        ("a.txt", b"a " * 5_000_000, "more than 8 MiB"),
        ("a.pdf", b"%PDF-1.4", "neither a text"),
        ("a.png", samples.picture(30, 20)[:100], "neither a text"),
    ],
)
def test_anything_else_is_refused_with_its_reason(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    with pytest.raises(Refusal, match=reason) as caught:
        read(tmp_path, name, content)
    assert caught.value.title == "Cannot read this file"


def test_a_picture_too_large_to_decode_is_refused_before_it_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MOST_PIXELS", 599)
    with pytest.raises(Refusal, match="million pixels"):
        read(tmp_path, "sea.png", samples.picture(30, 20))


def test_the_id_is_of_name_and_content(tmp_path: Path) -> None:
    one, same = read(tmp_path, "a.txt", b"a word"), read(tmp_path, "a.txt", b"a word")
    others = read(tmp_path, "b.txt", b"a word"), read(tmp_path, "a.txt", b"a  word")
    assert one.card == same.card
    assert len({kept.card["id"] for kept in (one, *others)}) == 3


# --- writing on -----------------------------------------------------------------------------------


@given(WORDS, st.lists(st.text(min_size=1), max_size=4), st.integers())
def test_a_model_never_stops_and_writes_words_of_its_text(
    text: list[str], before: list[str], seed: int
) -> None:
    found = list(islice(TextModel(text).words(before, seed), 50))
    assert len(found) == 50
    assert set(found) <= set(text)
    assert found == list(islice(TextModel(text).words(before, seed), 50))


@given(WORDS, st.integers())
def test_every_word_has_followed_the_one_before_or_begins_a_sentence(
    text: list[str], seed: int
) -> None:
    folded = [word.casefold() for word in text]
    follows = set(zip(folded, text[1:], strict=False))
    starts = {text[0]} | {b for a, b in pairwise(text) if a.endswith(".")}
    found = list(islice(TextModel(text).words([], seed), 30))
    for one, other in pairwise(found):
        assert (one.casefold(), other) in follows or other in starts


def test_two_words_decide_where_the_text_has_them() -> None:
    text = "red is warm . blue is cold ."
    model = TextModel(text.split())
    found = Counter(next(model.words("blue is".split(), seed)) for seed in range(200))
    assert found["cold"] > found["warm"] > 0
    assert set(found) == {"cold", "warm"}  # `is` alone is listened to at times


def test_written_text_grows_from_its_beginning_and_is_reproducible() -> None:
    grown = list(written(samples.HARBOUR, "By nine", 25, 3))
    assert len(grown) == 25
    assert grown[0].startswith("By nine ")
    assert all(later.startswith(text + " ") for text, later in pairwise(grown))
    assert grown == list(written(samples.HARBOUR, "By nine", 25, 3))
    assert grown != list(written(samples.HARBOUR, "By nine", 25, 4))


def test_a_model_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="words"):
        TextModel([])


# --- searching ------------------------------------------------------------------------------------


def test_the_passage_with_the_rare_word_comes_first() -> None:
    found = search.search("Who wakes the GULLS?", [("harbour", samples.HARBOUR)])
    assert "gulls" in found[0]["text"]
    assert found[0]["document"] == "harbour"
    assert [one["score"] for one in found] == sorted((one["score"] for one in found), reverse=True)


def test_scores_are_those_of_bm25() -> None:
    [found] = search.search("cat", [("one", "a cat"), ("two", "a dog sat")])
    # idf ln(1 + (2 - 1 + .5) / (1 + .5)), tf 2.2 / (1 + 1.2 (.25 + .75 · 2 / 2.5))
    assert found["score"] == pytest.approx(0.6931 * 2.2 / (1 + 1.2 * (0.25 + 0.75 * 0.8)), abs=1e-3)


def test_what_answers_nothing_is_not_shown() -> None:
    assert search.search("zeppelin", [("harbour", samples.HARBOUR)]) == []


@given(st.text())
def test_passages_hold_all_words_of_a_text_in_their_order(text: str) -> None:
    assert " ".join(search.passages(text)).split() == text.split()


def test_long_paragraphs_are_cut_between_sentences() -> None:
    found = list(search.passages("One two three four five. " * 60))
    assert len(found) > 1
    assert all(passage.endswith(".") for passage in found)
    assert all(len(passage.split()) <= search.LONGEST for passage in found)


# --- posters --------------------------------------------------------------------------------------

COLOURS = st.tuples(*[st.integers(0, 255)] * 3)


@st.composite
def images(draw: st.DrawFn) -> Image.Image:
    width, height = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    few = draw(st.lists(COLOURS, min_size=1, max_size=6))
    pixels = st.lists(st.sampled_from(few), min_size=width * height, max_size=width * height)
    image = Image.new("RGB", (width, height))
    image.putdata(draw(pixels))
    return image


@given(images(), st.integers(1, 16))
def test_a_palette_has_no_more_colours_than_asked_for_and_none_twice(
    image: Image.Image, colours: int
) -> None:
    found = pictures.palette(image, colours)
    assert 1 <= len(found) == len(set(found)) <= colours
    assert found == pictures.palette(image, colours)


def test_a_palette_finds_the_colours_that_are_there() -> None:
    image = Image.new("RGB", (48, 48), (10, 20, 30))
    image.paste((240, 230, 220), (0, 0, 48, 20))
    assert pictures.palette(image, 2) == [(10, 20, 30), (240, 230, 220)]
    assert pictures.palette(image, 5) == [(10, 20, 30), (240, 230, 220)]


@given(images())
def test_a_picture_in_colours_of_the_palette_is_left_as_it_is(image: Image.Image) -> None:
    colours = sorted(set(pictures.triples(image.tobytes())))
    rows = list(pictures.dithered(image, colours))
    assert decoded(pictures.png(rows, image.size, colours)).convert("RGB").tobytes() == (
        image.tobytes()
    )


def test_dithering_keeps_the_mean_brightness() -> None:
    grey = Image.new("RGB", (64, 64), (100, 100, 100))
    rows = list(pictures.dithered(grey, [(0, 0, 0), (255, 255, 255)]))
    assert sum(map(sum, rows)) / 64**2 == pytest.approx(100 / 255, abs=0.01)


def test_what_is_not_dithered_yet_is_transparent() -> None:
    colours: Sequence[pictures.Colour] = [(1, 2, 3), (250, 250, 250)]
    preview = decoded(pictures.png([b"\0\1", b"\1\1"], (2, 5), colours)).convert("RGBA")
    assert preview.size == (2, 5)
    assert preview.getpixel((0, 0)) == (1, 2, 3, 255)
    assert [preview.getpixel((0, row)) for row in (2, 3, 4)] == [(0, 0, 0, 0)] * 3


def test_a_poster_is_upright_fits_and_is_on_white() -> None:
    image = Image.new("RGBA", (2000, 1000), (0, 0, 0, 0))
    exif = image.getexif()
    exif[0x0112] = 6  # turned by 90°
    out = io.BytesIO()
    image.save(out, "PNG", exif=exif)
    poster = pictures.poster_size(out.getvalue())
    assert (poster.size, poster.mode) == ((320, 640), "RGB")
    assert poster.getpixel((5, 5)) == (255, 255, 255)


def decoded(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png))


# --- the shelf ------------------------------------------------------------------------------------


def kept(tmp_path: Path, number: int, size: int = 10) -> documents.Kept:
    return read(tmp_path, f"{number}.txt", b"x" * size)


def test_sessions_have_shelves_of_their_own(tmp_path: Path) -> None:
    shelves, one = Shelves(), kept(tmp_path, 1)
    shelves.put("a", one)
    shelves.put("a", one)
    assert shelves.cards("a") == [one.card]
    assert shelves.cards("b") == []
    with pytest.raises(Refusal, match="any more"):
        shelves.get("b", one.card["id"], "text")
    with pytest.raises(Refusal, match=r"1\.txt is not a picture"):
        shelves.get("a", one.card["id"], "picture")
    assert (shelves.empty("a"), shelves.empty("a"), shelves.cards("a")) == (1, 0, [])


def test_a_full_shelf_refuses(tmp_path: Path) -> None:
    shelves = Shelves()
    for number in range(DOCUMENTS):
        shelves.put("a", kept(tmp_path, number))
    with pytest.raises(Refusal, match="Empty it"):
        shelves.put("a", kept(tmp_path, DOCUMENTS))


def test_the_shelf_that_was_not_used_longest_is_forgotten_first(tmp_path: Path) -> None:
    shelves = Shelves(sessions=2, total=100)
    shelves.put("a", kept(tmp_path, 1))
    shelves.put("b", kept(tmp_path, 2))
    shelves.cards("a")
    shelves.put("c", kept(tmp_path, 3))
    assert [bool(shelves.cards(session)) for session in "abc"] == [True, False, True]
    shelves.put("c", kept(tmp_path, 4, size=85))
    assert [len(shelves.cards(session)) for session in "abc"] == [0, 0, 2]
