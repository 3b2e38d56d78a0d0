"""What runs of the phone app without a phone: its client in Node.js, its bundle for Android."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from click.testing import CliRunner

from desk.frontends import FRONTENDS
from desk.frontends import install
from gradio_conformance.cli.check_client import check_client

from . import servers

pytestmark = pytest.mark.phone

MOBILE = FRONTENDS["mobile"].folder
SPEC = Path(__file__).resolve().parents[2] / "spec" / "gradio_spec"
HERMES = bytes.fromhex("c61fbc03c103191f")  # what byte code begins with
TESTS_S = 240


@pytest.fixture(scope="session")
def npm() -> str:
    """Path of npm, when the packages of the app have been installed."""
    return install(FRONTENDS["mobile"])


def run(npm: str, script: str, **environment: str) -> str:
    """What a script of the app's package.json has printed; fails with it if it fails."""
    done = subprocess.run(
        [npm, "run", "--silent", script],
        cwd=MOBILE,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TESTS_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.mark.parametrize("library", servers.LIBRARIES)
def test_its_client_keeps_up_with_a_server_over_both_transports(npm: str, library: str) -> None:
    with ExitStack() as stack:
        first, other, guarded = (
            stack.enter_context(servers.desk(library, *options))
            for options in ((), (), ("--login", "ann:lovelace"))
        )
        urls = {
            "DESK_URL": first.url,
            "DESK_OTHER_URL": other.url,
            "DESK_LOGIN_URL": guarded.url,
        }
        told = run(npm, "test", GRADIO_SPEC=str(SPEC), **urls)
    assert "# fail 0" in told, told
    assert "# skipped 0" in told, told


@pytest.mark.parametrize("transport", ["xhr", "fetch"])
def test_its_client_keeps_the_clauses_of_clients(
    npm: str, transport: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(npm, "node")
    monkeypatch.setenv("TRANSPORT", transport)
    client = ["--", "node", str(MOBILE / ".node" / "node" / "client.js")]
    done = CliRunner().invoke(check_client, client)
    assert done.exit_code == 0, done.output


def test_it_becomes_byte_code_for_android(
    npm: str, record_property: Callable[[str, object], None]
) -> None:
    run(npm, "android")
    (bundle,) = MOBILE.glob(".android/_expo/static/js/android/*.hbc")
    code = bundle.read_bytes()
    assert code.startswith(HERMES)
    record_property("bytes", len(code))
    assert b"queue/join" in code  # the app's own, and not some other bundle
