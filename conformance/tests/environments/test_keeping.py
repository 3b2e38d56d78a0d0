"""The cache of environments: made once, by one, used only when whole."""

from __future__ import annotations

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from rich.console import Console

from gradio_conformance.environments import keeping
from gradio_conformance.environments.keeping import Key
from gradio_conformance.environments.keeping import Told
from gradio_conformance.environments.keeping import kept

KEY = Key("@gradio/client@1.19.1", ("ws",))


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_PROTOCOL_CACHE", str(tmp_path))


class Making:
    """Counts how often it was called, and writes a file."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, folder: Path, told: Told) -> None:
        self.times += 1
        told("writing a file")
        (folder / "there").write_text("yes")


def test_it_is_made_once() -> None:
    make = Making()
    first, second = kept(KEY, make), kept(KEY, make)
    assert first == second
    assert (first / "there").read_text() == "yes"
    assert make.times == 1


def test_another_digest_is_another_environment() -> None:
    names = {key.name for key in (KEY, Key(KEY.title, ()), Key("gradio==1", ("ws",)))}
    assert len(names) == 3
    assert KEY.name.startswith("gradio-client-1.19.1-")


def test_what_is_half_made_is_not_used() -> None:
    def interrupted(folder: Path, told: Told) -> None:
        (folder / "there").write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        kept(KEY, interrupted)
    folder = keeping.cache_folder() / "environments" / KEY.name
    assert not folder.exists()
    folder.mkdir()  # as if the process had been killed, and could not clear up
    (folder / "there").write_text("half")
    assert (kept(KEY, Making()) / "there").read_text() == "yes"


def test_two_do_not_make_it_at_once() -> None:
    make = Making()
    inside, go_on = threading.Event(), threading.Event()

    def slow(folder: Path, told: Told) -> None:
        inside.set()
        assert go_on.wait(30)
        make(folder, told)

    with ThreadPoolExecutor() as pool:
        first = pool.submit(kept, KEY, slow)
        assert inside.wait(30)
        second = pool.submit(kept, KEY, make)
        go_on.set()
        assert first.result(30) == second.result(30)
    assert make.times == 1


def test_the_first_of_them_is_told_what_is_going_on(capsys: pytest.CaptureFixture[str]) -> None:
    kept(KEY, Making())
    assert "@gradio/client@1.19.1: making its environment" in capsys.readouterr().err
    kept(KEY, Making())
    assert capsys.readouterr().err == ""


def test_a_terminal_is_shown_each_step() -> None:
    text = io.StringIO()
    kept(KEY, Making(), Console(file=text, force_terminal=True, width=80))
    assert "making its environment" not in text.getvalue()
    assert KEY.title in text.getvalue()


def test_the_cache_is_where_the_system_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRADIO_PROTOCOL_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    monkeypatch.setattr("sys.platform", "linux")
    assert keeping.cache_folder() == Path("/somewhere/gradio-protocol")
