"""Desk on both libraries, called by the official Python client: equal results for equal calls."""

from __future__ import annotations

import io
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from . import samples
from .servers import LIBRARIES
from .servers import desk

gradio_client: Any = pytest.importorskip("gradio_client")
pytestmark = pytest.mark.clients


@pytest.fixture(scope="module", params=LIBRARIES)
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    with desk(request.param) as server:
        yield server.url


@pytest.fixture
def client(url: str, tmp_path: Path) -> Iterator[Any]:
    with connected(url, tmp_path) as client:
        yield client


@contextmanager
def connected(url: str, folder: Path) -> Iterator[Any]:
    client = gradio_client.Client(url, verbose=False, download_files=str(folder))
    try:
        yield client
    finally:
        client.close()


def shelve(client: Any, path: Path) -> Any:
    return client.predict(gradio_client.handle_file(str(path)), api_name="/shelve")


@pytest.fixture(scope="module")
def said() -> dict[str, Any]:
    """What the library that was asked first has said."""
    return {}


def test_equal_results_for_equal_calls(client: Any, tmp_path: Path, said: dict[str, Any]) -> None:
    (tmp_path / "harbour.md").write_text(samples.HARBOUR)
    (tmp_path / "sea.png").write_bytes(samples.picture(120, 80))
    text = shelve(client, tmp_path / "harbour.md")
    sea = shelve(client, tmp_path / "sea.png")
    writing = client.submit(text["id"], "By nine", 12, 7, api_name="/write_on")
    poster = client.submit(sea["id"], 4, api_name="/poster")
    path, codes = poster.result(60)
    with Image.open(path) as image:
        pixels = (image.size, image.convert("RGB").tobytes())
    assert len({pixels[1][n : n + 3] for n in range(0, len(pixels[1]), 3)}) == 4
    assert poster.outputs()[0] == [None, codes]
    found = {
        "cards": [text, sea],
        "shelf": client.predict(api_name="/shelf"),
        "written": writing.result(60),
        "growing": writing.outputs(),
        "found": client.predict("gulls and pastries", api_name="/search"),
        "poster": (len(poster.outputs()), codes, pixels),
        "emptied": client.predict(api_name="/empty_shelf"),
        "left": client.predict(api_name="/shelf"),
    }
    assert found["shelf"] == found["cards"]
    assert len(found["growing"]) == 12
    assert (found["emptied"], found["left"]) == (2, [])
    assert said.setdefault("results", found) == found


def test_the_same_failures_with_title_and_message(
    client: Any, tmp_path: Path, said: dict[str, Any]
) -> None:
    (tmp_path / "broken.txt").write_bytes(b"\xff")
    (tmp_path / "a.txt").write_text("Too short.")
    text = shelve(client, tmp_path / "a.txt")
    calls: dict[str, Callable[[], Any]] = {
        "file": lambda: shelve(client, tmp_path / "broken.txt"),
        "unknown": lambda: client.predict("nothing", api_name="/write_on"),
        "kind": lambda: client.predict(text["id"], api_name="/poster"),
        "words": lambda: client.predict(text["id"], "", 2001, api_name="/write_on"),
        "colours": lambda: client.predict(text["id"], 17, api_name="/poster"),
        "question": lambda: client.predict("?!", api_name="/search"),
    }
    found = {}
    for name, call in calls.items():
        with pytest.raises(gradio_client.exceptions.AppError) as caught:
            call()
        found[name] = (caught.value.title, caught.value.message)
    client.predict(api_name="/empty_shelf")
    with pytest.raises(gradio_client.exceptions.AppError) as caught:
        client.predict("gulls", api_name="/search")
    found["empty"] = (caught.value.title, caught.value.message)
    assert found["file"] == ("Cannot read this file", "broken.txt is not UTF-8, from byte 0 on.")
    assert found["empty"] == ("Nothing to search", "There is no text on your shelf.")
    assert said.setdefault("failures", found) == found


def test_two_clients_have_two_shelves(url: str, client: Any, tmp_path: Path) -> None:
    (tmp_path / "harbour.txt").write_text(samples.HARBOUR)
    card = shelve(client, tmp_path / "harbour.txt")
    with connected(url, tmp_path) as other:
        assert other.predict(api_name="/shelf") == []
        with pytest.raises(gradio_client.exceptions.AppError, match="not on your shelf"):
            other.predict(card["id"], api_name="/write_on")
    assert client.predict(api_name="/shelf") == [card]


def png_size(content: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(content)) as image:
        return image.size


def test_the_preview_is_a_picture_of_the_rows_so_far(client: Any, tmp_path: Path) -> None:
    (tmp_path / "sea.png").write_bytes(samples.picture(60, 40))
    sea = shelve(client, tmp_path / "sea.png")
    job = client.submit(sea["id"], 3, api_name="/poster")
    job.result(60)
    previews = [path for path, _ in job.outputs() if path is not None]
    assert len(previews) == 10
    assert {png_size(Path(path).read_bytes()) for path in previews} == {(60, 40)}
