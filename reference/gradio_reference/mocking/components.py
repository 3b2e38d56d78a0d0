"""What the values of Gradio's components look like, where their schema does not say it."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any

from gradio_reference.mocking import words

# A component, or a member of its value → the kind of file that is there.
FILE_KINDS = {
    "annotatedimage": "image",
    "annotations": "image",
    "audio": "audio",
    "gallery": "image",
    "image": "image",
    "imageeditor": "image",
    "imagemask": "image",
    "imageslider": "image",
    "background": "image",
    "composite": "image",
    "layers": "image",
    "model3d": "model3d",
    "paint": "image",
    "sketchpad": "image",
    "video": "video",
}


def _label(rng: Random, schema: Any) -> dict[str, Any]:
    parts = sorted((rng.random() for _ in range(3)), reverse=True)
    shares = [round(part / sum(parts), 4) for part in parts]
    names = words.names(rng, 3)
    confidences = [
        {"label": name, "confidence": share} for name, share in zip(names, shares, strict=True)
    ]
    return {"label": names[0], "confidences": confidences}


def _dataframe(rng: Random, schema: Any) -> dict[str, Any]:
    rows = [[words.name(rng), rng.randint(1, 99), round(rng.random(), 2)] for _ in range(3)]
    return {"headers": ["name", "count", "score"], "data": rows, "metadata": None}


def _chatbot(rng: Random, schema: Any) -> list[Any]:
    """Messages as Gradio 6 has them; of older ones the schema says enough."""
    said = (("user", f"{words.sentence(rng)[:-1]}?"), ("assistant", words.paragraph(rng)))
    return [
        {
            "role": role,
            "metadata": None,
            "content": [{"text": text, "type": "text"}],
            "options": None,
        }
        for role, text in said
    ]


def _highlighted(rng: Random, schema: Any) -> list[Any]:
    tokens = words.sentence(rng).split()
    return [
        {"token": f"{token} ", "class_or_confidence": "noun" if place % 3 == 1 else None}
        for place, token in enumerate(tokens)
    ]


def _plot(rng: Random, schema: Any) -> dict[str, Any]:
    """A chart that Plotly draws."""
    bars = {"type": "bar", "x": words.names(rng, 4), "y": [rng.randint(1, 9) for _ in range(4)]}
    return {"type": "plotly", "plot": json.dumps({"data": [bars], "layout": {}})}


def _native_plot(rng: Random, schema: Any) -> dict[str, Any]:
    rows = [[place, rng.randint(1, 9)] for place in range(5)]
    kinds = {"x": "quantitative", "y": "quantitative"}
    return {"columns": ["x", "y"], "data": rows, "datatypes": kinds, "mark": "line"}


def _json(rng: Random, schema: Any) -> dict[str, Any]:
    items = [{"name": name, "score": round(rng.random(), 3)} for name in words.names(rng, 3)]
    return {"summary": words.sentence(rng), "items": items}


def _time(rng: Random, schema: Any) -> str:
    return f"2026-{rng.randint(1, 12):02}-{rng.randint(1, 28):02} 12:00:00"


# By the name of the component in lower case, as /info and /config differ in that.
COMPONENTS: dict[str, Callable[[Random, Any], Any]] = {
    "barplot": _native_plot,
    "chatbot": _chatbot,
    "code": lambda rng, _: words.code(rng),
    "colorpicker": lambda rng, _: f"#{rng.getrandbits(24):06x}",
    "dataframe": _dataframe,
    "datetime": _time,
    "dialogue": lambda rng, _: [
        {"speaker": f"Speaker {place}", "text": words.sentence(rng)} for place in (1, 2)
    ],
    "highlightedtext": _highlighted,
    "html": lambda rng, _: words.html(rng),
    "json": _json,
    "label": _label,
    "lineplot": _native_plot,
    "markdown": lambda rng, _: words.markdown(rng),
    "plot": _plot,
    "scatterplot": _native_plot,
    "textbox": lambda rng, _: words.paragraph(rng),
}
