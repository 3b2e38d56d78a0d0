"""What ``pip install 'gradio-protocol[server]'`` is enough for, with nothing but the standard
library to test it: ``tox run -e server``.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import unittest
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import distributions
from pathlib import Path
from typing import Any
from urllib.request import Request
from urllib.request import urlopen

APP = Path(__file__).resolve().parent / "data" / "app.py"
COMMAND = shutil.which("gradio-protocol", path=sysconfig.get_path("scripts")) or "gradio-protocol"
ENVIRONMENT = {**os.environ, "PYTHONUTF8": "1"}
LONG_S = 60.0
MIB = 1024 * 1024
# 8 % of what Gradio 6.31.0 takes: 367 MiB.
MAX_MIB = 29.4
INSTALLERS = {"pip", "setuptools", "wheel"}


@contextmanager
def served(*command: str) -> Iterator[str]:
    """The URL that the server's first line tells; it must end by itself when told to."""
    with subprocess.Popen(
        command, env=ENVIRONMENT, stdout=subprocess.PIPE, encoding="utf-8"
    ) as server:
        try:
            assert server.stdout is not None
            words = server.stdout.readline().replace(",", "").split()
            yield next(word for word in words if word.startswith("http://"))
            server.terminate()
            assert server.wait(LONG_S) == 0
        finally:
            server.kill()


def ask(url: str, body: Any = None) -> str:
    sent = None if body is None else json.dumps(body).encode()
    request = Request(url, sent, {"Content-Type": "application/json"} if sent else {})
    with urlopen(request, timeout=LONG_S) as answer:
        return str(answer.read().decode())


def typed(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *arguments],
        env=ENVIRONMENT,
        capture_output=True,
        encoding="utf-8",
        timeout=LONG_S,
        check=False,
    )


class ServerOnly(unittest.TestCase):
    """Of the extras, only ``server`` is installed."""

    def calls(self, url: str, name: str, *inputs: Any) -> Any:
        """The result of an endpoint, by the two requests that ``curl`` would send."""
        path = f"{url}/gradio_api/call/{name}"
        event = json.loads(ask(path, {"data": inputs}))["event_id"]
        *_, kind, data = ask(f"{path}/{event}").strip().splitlines()
        self.assertEqual(kind, "event: complete")
        return json.loads(data.removeprefix("data: "))

    def test_python_serves_an_app(self) -> None:
        with served(sys.executable, "-m", "gradio_reference", str(APP), "--port", "0") as url:
            self.assertEqual(json.loads(ask(f"{url}/config"))["protocol"], "sse_v3")
            self.assertIn("<html", ask(url))
            self.assertEqual(self.calls(url, "initials", "so it goes"), ["SIG"])

    def test_the_command_serves_the_testbed(self) -> None:
        with served(COMMAND, "serve") as url:
            self.assertEqual(self.calls(url, "echo", "so"), ["so"])

    def test_the_command_serves_a_mock_and_writes_types(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            info = Path(folder, "info.json")
            with served(COMMAND, "serve") as url:
                info.write_text(ask(f"{url}/gradio_api/info"))
            with served(COMMAND, "mock", str(info), "--port", "0") as url:
                self.assertEqual(len(self.calls(url, "echo", "so")), 1)
            done = typed("types", str(info), "--lang", "ts")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn('"/echo": {', done.stdout)

    def test_what_needs_the_suite_says_so_in_a_line(self) -> None:
        for name in (
            *("check", "check-client", "explain", "judge", "list", "replay"),
            *("schema", "selftest", "watch"),
        ):
            with self.subTest(name):
                done = typed(name, "anything", "--at-all")
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertRegex(done.stderr, rf"\AError: {name} needs .*gradio-protocol\[suite\]")
                self.assertEqual(done.stderr.count("\n"), 1)
        self.assertEqual(typed("serve", "--misbehave", "any").returncode, 2)
        self.assertIn("[suite]", typed("--help").stdout)

    def test_another_web_server_names_its_extra(self) -> None:
        for arguments in (("serve", str(APP)), ("serve",)):
            done = typed(*arguments, "--server", "uvicorn")
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn("pip install 'gradio-protocol[server,fast]'", done.stderr)

    def test_nothing_is_imported_that_only_the_specification_needs(self) -> None:
        told = "import gradio_reference, sys; print(*{name.split('.')[0] for name in sys.modules})"
        done = subprocess.run([sys.executable, "-c", told], capture_output=True, check=True)
        imported = set(done.stdout.decode().split())
        self.assertLessEqual({"quart", "hypercorn"}, imported)
        self.assertFalse({"attr", "jsonschema", "referencing", "uvicorn", "yaml"} & imported)

    def test_it_is_small(self) -> None:
        sizes = {
            item.name: sum(
                path.stat().st_size
                for file in item.files or ()
                if (path := Path(str(item.locate_file(file)))).is_file()
            )
            for item in distributions()
            if item.name not in INSTALLERS
        }
        self.assertLess(sum(sizes.values()) / MIB, MAX_MIB, sizes)


if __name__ == "__main__":
    unittest.main()
