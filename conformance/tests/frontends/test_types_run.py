"""The generated Python, the official client and a mock together: what the types say comes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gradio_conformance.process import running

from .golden import components

pytestmark = pytest.mark.clients

HERE = Path(__file__).parent
LONG_S = 60.0


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[components.App]:
    from gradio_client import Client

    plan = tmp_path_factory.mktemp("mock") / "mock.yaml"
    plan.write_text("endpoints: {/gen: {stream: {chunks: 3, interval: 0.01}}}")
    said = [str(HERE / "golden" / "components.json"), "--plan", str(plan), "--port", "{port}"]
    command = [sys.executable, "-m", "gradio_conformance", "mock", *said]
    with running(command, wait_s=LONG_S) as url:
        client = Client(url, verbose=False)
        yield components.App(client)
        client.close()


def test_texts_numbers_and_choices(app: components.App) -> None:
    assert isinstance(app.textbox("a"), str)
    assert 0 <= app.slider() <= 100
    assert app.dropdown("b") in ("a", "b")
    assert set(app.checkboxgroup(["a"])) <= {"a", "b"}


def test_files_go_up_and_come_down(app: components.App, tmp_path: Path) -> None:
    from gradio_client import handle_file

    sent = tmp_path / "a.txt"
    sent.write_text("a")
    given: components.FileInput = handle_file(str(sent))
    assert Path(app.image(given)).read_bytes().startswith(b"\x89PNG")
    assert Path(app.audio(given)).read_bytes().startswith(b"RIFF")
    assert b"ftyp" in Path(app.video(given)).read_bytes()[:12]
    gallery = app.gallery([{"image": given}])
    assert all(Path(item["image"]).is_file() for item in gallery if "image" in item)


def test_objects_have_their_members(app: components.App) -> None:
    message: components.Message = {"role": "user", "content": [{"text": "a"}]}
    told = app.chatbot([message])
    assert [one["role"] for one in told] == ["user", "assistant"]
    table = app.dataframe({"headers": ["a"], "data": [[1]]})
    assert len(table["data"][0]) == len(table["headers"])


def test_several_results_defaults_and_names(app: components.App) -> None:
    text, gallery = app.class_(times="a")
    assert isinstance(text, str)
    assert gallery
    assert app.list_() == ()


def test_a_job_is_iterated_over(app: components.App) -> None:
    job = app.submit_gen("a")
    chunks = list(job)
    assert chunks[-1] == job.result(timeout=LONG_S)
    assert chunks[-1].startswith(chunks[0])
