"""The public URL behind proxies: root_path and forwarded headers."""

from __future__ import annotations

import json
import tempfile
from typing import Any

import pytest

from gradio_reference import FileData
from gradio_reference import Server
from gradio_reference.mounting import placed

pytestmark = pytest.mark.anyio


def serve(**options: Any) -> Any:
    app = Server(__name__)

    @app.api
    def made(text: str) -> FileData:
        with tempfile.NamedTemporaryFile("w", suffix=".txt", delete=False) as file:
            file.write(text)
        return FileData(path=file.name)

    @app.get("/custom")
    async def custom() -> str:
        return "own"

    app.configure(**options)
    return app.test_client()


async def root(client: Any, path: str = "/config", **headers: str) -> str:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = await client.get(path, headers={"Host": "inner:7860"} | fields)
    assert answer.status_code == 200
    return str((await answer.get_json())["root"])


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, "http://inner:7860"),
        ({"X_Forwarded_Host": "pub.example:8443, b"}, "http://pub.example:8443"),
        ({"X_Forwarded_Proto": "https, http"}, "https://inner:7860"),
        ({"X_Forwarded_Host": "a", "X_Forwarded_Proto": "HTTPS"}, "https://a"),
        ({"X_Forwarded_Host": "[2001:db8::1]:80"}, "http://[2001:db8::1]:80"),
        # The prefix is what root_path is for; Gradio does not read it either.
        ({"X_Forwarded_Prefix": "/pre"}, "http://inner:7860"),
        # What is neither a host nor a scheme of the web is not repeated.
        ({"X_Forwarded_Host": "evil.example/path"}, "http://inner:7860"),
        ({"X_Forwarded_Host": "a b"}, "http://inner:7860"),
        ({"X_Forwarded_Proto": "javascript"}, "http://inner:7860"),
    ],
)
async def test_the_first_forwarded_values_make_the_root(
    headers: dict[str, str], expected: str
) -> None:
    assert await root(serve(), **headers) == expected  # NET-001


@pytest.mark.parametrize("given", ["/sub", "/sub/"])
async def test_a_root_path_is_shown_and_the_routes_answer_with_and_without_it(given: str) -> None:
    client = serve(root_path=given)
    for path in ("/config", "/sub/config", "/config/", "/sub/config/"):
        assert await root(client, path) == "http://inner:7860/sub"  # NET-002
        public = await root(client, path, X_Forwarded_Host="pub", X_Forwarded_Proto="https")
        assert public == "https://pub/sub"
    assert await (await client.get("/sub/custom")).get_data() == b"own"
    assert (await client.get("/subway/config")).status_code == 404
    assert (await client.get("/sub")).status_code == 404  # the app has no page at /


async def test_a_whole_url_is_the_root_whoever_asks() -> None:
    client = serve(root_path="https://pub.example/x/")
    assert await root(client, X_Forwarded_Host="other") == "https://pub.example/x"


async def test_urls_of_files_are_those_that_the_joining_client_can_reach() -> None:
    client = serve(root_path="/sub")
    headers = {"X-Forwarded-Host": "pub.example", "X-Forwarded-Proto": "https"}
    body = {"data": ["x"], "fn_index": 0, "session_hash": "s"}
    await client.post("/gradio_api/queue/join", json=body, headers=headers)
    stream = await client.get("/gradio_api/queue/data?session_hash=s")  # the reader came directly
    text = await stream.get_data(as_text=True)
    done = [json.loads(line[6:]) for line in text.splitlines() if "process_completed" in line]
    url = done[0]["output"]["data"][0]["url"]
    assert url.startswith("https://pub.example/sub/gradio_api/file=")
    path = url.removeprefix("https://pub.example")
    assert await (await client.get(path)).get_data() == b"x"


async def test_the_environment_gives_the_root_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_ROOT_PATH", "/env")
    cases: list[tuple[dict[str, Any], str]] = [({}, "/env"), ({"root_path": "/own"}, "/own")]
    for options, expected in cases:
        app = Server(__name__)
        _, url, _ = app.launch(server_port=0, prevent_thread_lock=True, quiet=True, **options)
        try:
            assert await root(app.test_client()) == f"http://inner:7860{expected}"
            assert url.startswith("http://127.0.0.1:")
        finally:
            app.close()


@pytest.mark.parametrize(
    ("mount", "path", "root_path", "expected"),
    [
        ("", "/config", "", "/config"),
        ("/mnt", "/mnt/config", "", "/mnt/config"),
        ("/mnt", "/config", "", "/mnt/config"),  # a dispatcher that has taken the path off
        ("/mnt/", "/mnt/config", "", "/mnt/config"),
        ("/mnt", "/mnt", "", "/mnt/"),
        ("/mnt", "/mntx", "", "/mnt/mntx"),
        ("", "/sub/config", "/sub", "/config"),
        ("", "/sub", "/sub", "/"),
        ("/mnt", "/mnt/sub/config", "/sub", "/mnt/config"),
        ("/mnt", "/mnt/config", "/sub", "/mnt/config"),
        ("", "/config", "https://x/sub", "/config"),
    ],
)
def test_where_a_request_is_placed(mount: str, path: str, root_path: str, expected: str) -> None:
    scope = placed({"type": "http", "root_path": mount, "path": path}, root_path)
    assert (scope["root_path"], scope["path"]) == (mount.rstrip("/"), expected)
