"""Pictures in few colours: a palette by k-means, error diffusion by Floyd and Steinberg."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from collections.abc import Sequence
from random import Random

from PIL import Image
from PIL import ImageOps

Colour = tuple[int, int, int]

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
MOST_PIXELS = 40_000_000
POSTER = (640, 640)  # a poster fits into this; dithering costs some µs for each pixel and colour
SAMPLE = (48, 48)
ROUNDS = 16  # k-means has mostly settled after half of them


class NoPicture(Exception):
    """Says what the bytes are instead, to follow "is"."""


def measure(content: bytes) -> tuple[str, int, int]:
    """Format, width and height of a picture that can be decoded. Raises ``NoPicture``."""
    with _opened(content) as picture:
        width, height = picture.size
        return str(picture.format), width, height


def poster_size(content: bytes) -> Image.Image:
    """The picture upright, in RGB, on white where it is transparent, no larger than a poster."""
    with _opened(content) as picture:
        upright = ImageOps.exif_transpose(picture)
        upright.thumbnail(POSTER)
        white = Image.new("RGBA", upright.size, "white")
        return Image.alpha_composite(white, upright.convert("RGBA")).convert("RGB")


def _opened(content: bytes) -> Image.Image:
    try:
        picture = Image.open(io.BytesIO(content), formats=FORMATS)
        if picture.width * picture.height > MOST_PIXELS:
            raise NoPicture(f"a picture of more than {MOST_PIXELS // 10**6} million pixels")
        picture.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise NoPicture("neither a text (.txt, .md) nor a picture") from error
    return picture


def palette(picture: Image.Image, colours: int) -> list[Colour]:
    """At most that many colours that stand for those of the picture, dark ones first."""
    sample = picture.resize(SAMPLE, Image.Resampling.BOX)
    weights = Counter(triples(sample.tobytes()))
    centres = _seeds(weights, colours)
    for _ in range(ROUNDS):
        sums = [[0, 0, 0, 0] for _ in centres]
        for colour, weight in weights.items():
            total = sums[nearest(colour, centres)]
            for place, part in enumerate((*colour, 1)):
                total[place] += part * weight
        moved = [
            _mean(total) if total[3] else old for total, old in zip(sums, centres, strict=True)
        ]
        if moved == centres:
            break
        centres = moved
    return sorted(set(centres), key=lambda c: (299 * c[0] + 587 * c[1] + 114 * c[2], c))


def _seeds(weights: Counter[Colour], colours: int) -> list[Colour]:
    """k-means++: each next centre is likely far from all before; equal for equal pictures."""
    chance = Random(1)
    candidates = list(weights)
    centres = [max(candidates, key=lambda colour: (weights[colour], colour))]
    gaps = [distance(colour, centres[0]) for colour in candidates]
    while len(centres) < colours and any(gaps):
        odds = [gap * weights[colour] for gap, colour in zip(gaps, candidates, strict=True)]
        [centre] = chance.choices(candidates, odds)
        centres.append(centre)
        gaps = [min(gap, distance(c, centre)) for gap, c in zip(gaps, candidates, strict=True)]
    return centres


def _mean(total: Sequence[int]) -> Colour:
    red, green, blue, count = total
    return round(red / count), round(green / count), round(blue / count)


def dithered(picture: Image.Image, colours: Sequence[Colour]) -> Iterator[bytes]:
    """The rows of the picture from the top, one byte a pixel: the place of its colour."""
    width, height = picture.size
    pixels = picture.tobytes()
    below = [(0.0, 0.0, 0.0)] * (width + 1)  # what the row above has left over for each pixel
    for row in range(height):
        line = triples(pixels[3 * width * row : 3 * width * (row + 1)])
        indices, below = _dithered_row(line, below, colours)
        yield indices


def _dithered_row(
    line: Sequence[Colour], above: list[tuple[float, float, float]], colours: Sequence[Colour]
) -> tuple[bytes, list[tuple[float, float, float]]]:
    """One row and what it leaves over: 7/16 to the right, 3/16, 5/16 and 1/16 below."""
    indices = bytearray()
    below = [[0.0, 0.0, 0.0] for _ in range(len(line) + 1)]
    right = (0.0, 0.0, 0.0)
    for place, pixel in enumerate(line):
        wanted = tuple(
            min(255.0, max(0.0, part + old + new))
            for part, old, new in zip(pixel, above[place], right, strict=True)
        )
        index = nearest(wanted, colours)
        indices.append(index)
        error = [part - got for part, got in zip(wanted, colours[index], strict=True)]
        right = (error[0] * 7 / 16, error[1] * 7 / 16, error[2] * 7 / 16)
        for channel, part in enumerate(error):
            if place:
                below[place - 1][channel] += part * 3 / 16
            below[place][channel] += part * 5 / 16
            below[place + 1][channel] += part / 16
    return bytes(indices), [(red, green, blue) for red, green, blue in below]


def nearest(colour: Sequence[float], colours: Sequence[Colour]) -> int:
    """The place of the colour in ``colours`` that is most alike."""
    red, green, blue = colour
    gaps = [(red - r) ** 2 + (green - g) ** 2 + (blue - b) ** 2 for r, g, b in colours]
    return gaps.index(min(gaps))


def distance(one: Sequence[float], other: Sequence[float]) -> float:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def triples(pixels: bytes) -> list[Colour]:
    parts = iter(pixels)
    return list(zip(parts, parts, parts, strict=True))


def png(rows: Sequence[bytes], size: tuple[int, int], colours: Sequence[Colour]) -> bytes:
    """A picture of that size whose first rows are these; what is missing is transparent."""
    clear = len(colours)
    missing = bytes([clear]) * (size[0] * (size[1] - len(rows)))
    picture = Image.frombytes("P", size, b"".join(rows) + missing)
    picture.putpalette([part for colour in (*colours, (0, 0, 0)) for part in colour])
    out = io.BytesIO()
    if missing:
        picture.save(out, "PNG", transparency=clear)
    else:
        picture.save(out, "PNG")
    return out.getvalue()


def hex_code(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
