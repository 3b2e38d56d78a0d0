"""The keywords of launch(): Gradio's are taken or refused with a reason, and none is forgotten."""

from __future__ import annotations

import inspect
import ssl
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from gradio_reference import Server
from gradio_reference import serving
from gradio_reference.keywords import REFUSED
from gradio_reference.keywords import SOCKET
from gradio_reference.keywords import refuse

OURS = {
    name
    for name, item in inspect.signature(Server.launch).parameters.items()
    if name != "self" and item.kind is not item.VAR_KEYWORD
}
# What Gradio's Server mode has otherwise, or elsewhere (the queue's), or not at all.
MORE = {"max_size", "default_concurrency_limit", "allowed_origins", "metrics"}


@pytest.fixture
def unbound(monkeypatch: pytest.MonkeyPatch) -> None:
    """launch() without a socket."""
    monkeypatch.setattr(serving, "launch", lambda server, plan: "")


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_keyword_is_named_with_the_reason(name: str, unbound: None) -> None:
    wanted: dict[str, Any] = {name: "wanted"}
    with pytest.raises(ValueError, match=f"launch\\({name}='wanted'\\) is not offered: .") as found:
        Server(__name__).launch(**wanted)
    assert REFUSED[name].reason in str(found.value)


def test_what_asks_for_nothing_is_accepted(unbound: None) -> None:
    for name, refused in REFUSED.items():
        for value in (None, *refused.neutral):
            Server(__name__).launch(**{name: value})


@pytest.mark.parametrize("name", ["num_workers", "share", "height"])
def test_1_is_not_true_and_0_is_not_false(name: str, unbound: None) -> None:
    wrong: dict[str, Any] = {"num_workers": True, "share": 0, "height": 0}
    with pytest.raises(ValueError, match=name):
        Server(__name__).launch(**{name: wrong[name]})


def test_an_unknown_keyword_is_named_with_the_nearest_known(unbound: None) -> None:
    with pytest.raises(TypeError, match="'server_prot'; did you mean server_port"):
        Server(__name__).launch(server_prot=7)
    with pytest.raises(TypeError, match=r"launch\(\) has no keyword 'zzz'$"):
        Server(__name__).launch(zzz=7)
    with pytest.raises(TypeError, match="'max_file'; did you mean max_file_size"):
        Server(__name__).configure(max_file=7)


@pytest.mark.parametrize("name", SOCKET)
def test_only_launch_opens_a_socket(name: str) -> None:
    assert name in OURS
    with pytest.raises(ValueError, match=f"configure.{name}"):
        Server(__name__).configure(**{name: None})


def test_no_keyword_is_taken_and_refused() -> None:
    assert not OURS & set(REFUSED)


def test_a_failed_configuration_changes_nothing() -> None:
    app = Server(__name__)
    before = app._settings, app._origins
    cases: list[dict[str, Any]] = [
        {"max_size": 0},
        {"share": True},
        {"auth": []},
        {"allowed_origins": ["x"]},
    ]
    for wrong in cases:
        with pytest.raises(ValueError, match=next(iter(wrong))):
            app.configure(title="other", **wrong)
        assert (app._settings, app._origins) == before


# --- Gradio's own list ---------------------------------------------------------------------------


@pytest.mark.gradio
def test_every_keyword_of_gradio_is_known() -> None:
    import gradio

    theirs = dict(inspect.signature(gradio.Server.launch).parameters)
    del theirs["self"]
    assert set(theirs) == (OURS - MORE) | set(REFUSED)


@pytest.mark.gradio
def test_what_gradio_does_by_default_is_not_refused() -> None:
    import gradio

    parameters = inspect.signature(gradio.Server.launch).parameters
    theirs = {name: item.default for name, item in parameters.items() if name in REFUSED}
    refuse("launch", theirs, OURS)
    ours = inspect.signature(Server.launch).parameters
    for name in OURS - MORE:
        assert ours[name].default == parameters[name].default, name


@pytest.mark.gradio
def test_every_option_of_gradios_mounting_is_known() -> None:
    import gradio

    theirs = set(inspect.signature(gradio.mount_gradio_app).parameters)
    # An app that is mounted is served by its parent; Gradio takes the address for its own pages.
    assert theirs - {"app", "blocks", "path"} <= OURS | set(REFUSED)


# --- https ---------------------------------------------------------------------------------------


DATA = Path(__file__).parent / "data"
CERTIFICATE, KEY = str(DATA / "certificate.pem"), str(DATA / "key.pem")


def test_https(capsys: pytest.CaptureFixture[str]) -> None:
    app = Server(__name__)
    options: dict[str, Any] = {"ssl_certfile": CERTIFICATE, "ssl_keyfile": KEY}
    _, url, _ = app.launch(server_port=0, prevent_thread_lock=True, **options)
    try:
        assert url.startswith("https://127.0.0.1:")
        assert url in capsys.readouterr().out
        trusting = ssl.create_default_context(cafile=CERTIFICATE)
        with urllib.request.urlopen(f"{url}/config", timeout=20, context=trusting) as answer:
            assert f'"root": "{url}"' in answer.read().decode()
    finally:
        app.close()


def test_what_is_wrong_with_a_certificate_is_told(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("no certificate")
    cases: list[tuple[dict[str, Any], str]] = [
        ({"ssl_certfile": CERTIFICATE}, "ssl_keyfile: is missing"),
        ({"ssl_keyfile": KEY}, "ssl_certfile: is missing"),
        ({"ssl_certfile": "/none", "ssl_keyfile": KEY}, "ssl_certfile: there is no"),
        ({"ssl_certfile": str(wrong), "ssl_keyfile": KEY}, "not a certificate"),
    ]
    for options, message in cases:
        with pytest.raises(ValueError, match=message):
            Server(__name__).launch(server_port=0, **options)
