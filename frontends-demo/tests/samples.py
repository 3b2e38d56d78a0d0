"""Documents for the tests, made when they are wanted."""

from __future__ import annotations

import io
import math
from functools import lru_cache

from PIL import Image

HARBOUR = """\
The harbour wakes before the town does. Before the first ferry has left, the harbour has been awake
for an hour. Fishermen sort the night's catch on the quay, and the gulls, who have no patience, sort
it again.

By eight the town is awake too, and busy. Shopkeepers roll up their shutters; children negotiate for
pastries. By nine the town is wide awake, and nobody remembers that the harbour was first.

The lighthouse keeper sleeps when the town wakes. All night the lighthouse has been turning above
the rocks, and all night the keeper has written letters that no ferry takes.
"""


@lru_cache
def picture(width: int, height: int, form: str = "PNG") -> bytes:
    """A picture with soft colours and edges, always the same for the same size."""
    image = Image.new("RGB", (width, height))
    image.putdata([_pixel(n % width / width, n // width / height) for n in range(width * height)])
    out = io.BytesIO()
    image.save(out, form)
    return out.getvalue()


def _pixel(x: float, y: float) -> tuple[int, int, int]:
    sun = math.hypot(x - 0.7, y - 0.3) < 0.16
    if sun:
        return 250, 214, 120
    sea = y > 0.6 + 0.03 * math.sin(x * 20)
    return (
        (int(20 + 40 * x), int(70 + 60 * (1 - y)), 120) if sea else (200, int(210 - 120 * y), 180)
    )


@lru_cache
def large() -> bytes:
    """A picture whose poster of 16 colours takes some seconds."""
    size = (640, 640)
    across = Image.linear_gradient("L").resize(size)
    bands = [across, across.rotate(90), Image.radial_gradient("L").resize(size)]
    out = io.BytesIO()
    Image.merge("RGB", bands).save(out, "PNG")
    return out.getvalue()
