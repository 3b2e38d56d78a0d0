"""Text of others in GitHub's Markdown: as text, as code in a line, and as a block of code.

No text of a server becomes markup, a tag or a mention, and none ends a table's cell.
"""

from __future__ import annotations

import re

from gradio_conformance.reporting.words import one_line
from gradio_conformance.reporting.words import visible

LONGEST = 600  # of one value
# What is markup anywhere in a line, and what is at the beginning of one: lists, quotes, headings.
_MARKUP = re.compile(r"[\\`*_\[\]|~$#]")
_BEGINNING = re.compile(r"\A(?=[-+>=])|\A(\d{1,9})(?=[.)](?:\s|\Z))")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", "@": "&#64;"})


def plain(text: str, longest: int = LONGEST) -> str:
    """Text as one line that is nothing but text."""
    shown = _MARKUP.sub(r"\\\g<0>", _cut(one_line(text), longest).strip())
    return _BEGINNING.sub(r"\1\\", shown).translate(_ENTITIES)


def code(text: str, longest: int = LONGEST) -> str:
    """Text as a span of code in a line; a bar would end a table's cell (:func:`code_cell`)."""
    shown = _cut(one_line(text), longest).strip() or " "
    fence = "`" * (_longest_run(shown) + 1)
    room = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{room}{shown}{room}{fence}"


def code_cell(text: str, longest: int = LONGEST) -> str:
    """Text as code in a cell of a table, where a bar needs a backslash before it."""
    shown = code(text, longest)
    # After another backslash GitHub takes that for the text's own, and ends the cell.
    return f"<code>{plain(text, longest)}</code>" if "\\|" in shown else shown.replace("|", "\\|")


def fenced(text: str, language: str = "text") -> str:
    """Text as a block of code, which nothing in it can end."""
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}{language}\n{visible(text).rstrip()}\n{fence}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}…"
