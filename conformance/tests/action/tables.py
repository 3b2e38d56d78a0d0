"""The tables of conformance/ACTION.md, made from action.yml.

``python conformance/tests/action/tables.py`` writes them again.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]
DOCUMENT = ROOT / "conformance" / "ACTION.md"


def tables() -> Mapping[str, str]:
    """``inputs`` and ``outputs`` as Markdown."""
    action = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    return {
        "inputs": "\n".join(_inputs(action["inputs"])),
        "outputs": "\n".join(_outputs(action["outputs"])),
    }


def _inputs(inputs: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield "| input | what it is | default |"
    yield "| --- | --- | --- |"
    for name, value in inputs.items():
        default = f"`{value['default']}`" if "default" in value else ""
        yield f"| `{name}` | {_cell(value['description'])} | {default} |"


def _outputs(outputs: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield "| output | what it is |"
    yield "| --- | --- |"
    for name, value in outputs.items():
        yield f"| `{name}` | {_cell(value['description'])} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("{port}", "`{port}`")


def filled(text: str) -> str:
    """The document with its tables as they should be."""
    for name, table in tables().items():
        begin, end = f"<!-- {name} -->\n", f"\n<!-- end of {name} -->"
        head, _, rest = text.partition(begin)
        _, _, tail = rest.partition(end)
        text = f"{head}{begin}\n{table}\n{end}{tail}"
    return text


if __name__ == "__main__":
    DOCUMENT.write_text(filled(DOCUMENT.read_text("utf-8")), "utf-8")
