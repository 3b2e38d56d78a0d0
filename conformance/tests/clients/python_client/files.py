"""Files: uploaded by the client on its own, downloaded on its own, at any depth of a value."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gradio_client import handle_file  # type: ignore[import-not-found,import-untyped,unused-ignore]

from .bench import Bench
from .bench import Json
from .bench import scenario
from .report import failure

NAME = "sweet und süß 1.txt"


def _files(texts: list[str]) -> list[str]:
    """New files of one name with these texts."""
    paths = []
    for text in texts:
        path = Path(tempfile.mkdtemp()) / NAME
        path.write_text(text, "utf-8")
        paths.append(str(path))
    return paths


def _read(found: Any) -> Json:
    """What the client gave, each path of a downloaded file replaced by its name and text."""
    if isinstance(found, str) and Path(found).is_file():
        return {"name": Path(found).name, "text": Path(found).read_text("utf-8")}
    if isinstance(found, dict):
        return {key: _read(one) for key, one in found.items()}
    return [_read(one) for one in found] if isinstance(found, (list, tuple)) else found


@scenario
def upload(bench: Bench) -> Json:
    predict = bench.client.predict
    one, two = map(handle_file, _files(["one", "zwei"]))
    nested = {"a": [one, {"b": [[two]]}], "c": 1}
    return {
        "file": predict(one, api_name="/file_texts"),
        "nested": predict(nested, api_name="/file_texts"),
    }


@scenario
def download(bench: Bench) -> Json:
    predict = bench.client.predict
    one, two = map(handle_file, _files(["one", "zwei"]))
    made = [NAME, "made"]
    attempts: dict[str, Callable[[], Any]] = {
        "there and back": lambda: predict(one, api_name="/file_echo"),
        "a list": lambda: predict([one, two], api_name="/file_list"),
        "of a batch": lambda: predict(two, api_name="/file_batch"),
        "made": lambda: predict(*made, api_name="/file_made"),
        "made, async": lambda: predict(*made, api_name="/file_made_async"),
        "nested": lambda: predict(*made, api_name="/file_nested"),
        "in chunks": lambda: list(bench.client.submit(NAME, ["1", "2"], api_name="/file_steps")),
    }
    return {name: _read(attempt()) for name, attempt in attempts.items()}


@scenario
def file_too_large(bench: Bench) -> Json:
    """The client reads max_file_size and refuses by itself."""
    client = bench.connect(bench.second)
    (large,) = _files(["x" * 2000])
    try:
        return {"accepted": client.predict(handle_file(large), api_name="/echo")}
    except Exception as error:
        report = failure(bench, error)
        return report | {"message": report["message"].replace(large, "(file)")}
