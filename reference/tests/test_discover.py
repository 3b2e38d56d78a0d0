# The endpoints are signatures only.
# mypy: disable-error-code="empty-body"
"""/config, /info, openapi.json and the small routes of discovery."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from typing import Literal

import pytest
from openapi_spec_validator import validate

from gradio_reference import Request
from gradio_reference import Server
from gradio_reference.documents.labels import ordinal
from gradio_spec.loader import load_spec

pytestmark = pytest.mark.anyio
SCHEMAS = load_spec().schemas


def app() -> Server:
    app = Server(__name__, title="Tools")

    @app.api(description="Says it back.")
    def echo(text: str, times: int = 2, mode: Literal["a", "b"] | None = None) -> tuple[str, int]:
        return text * times, times

    @app.api
    def bare(items: tuple) -> set: ...  # type: ignore[type-arg]

    @app.api(queue=False)
    def stream(request: Request) -> Iterator[int]:
        """Counts.

        Slowly.
        """
        yield 1

    @app.api(api_visibility="undocumented")
    def hidden(text: str) -> str: ...

    @app.api(api_visibility="private", batch=True)
    def secret(text: str) -> str: ...

    return app


async def get(path: str, **options: Any) -> Any:
    response = await app().test_client().get(path, **options)
    assert response.status_code == 200
    return await response.get_json()


async def test_config_satisfies_its_schema() -> None:
    config = await get("/config")
    assert not SCHEMAS.check("config", config)
    assert config["root"] == "http://localhost"
    assert [item["api_name"] for item in config["dependencies"]] == [
        "echo",
        "bare",
        "stream",
        "hidden",
        "secret",
    ]
    echo, _, stream, *_ = config["dependencies"]
    assert (echo["inputs"], echo["outputs"]) == ([1, 2, 3], [4, 5])
    assert (stream["inputs"], stream["queue"], stream["types"]["generator"]) == ([], False, True)
    assert config["components"][1]["props"]["value"] == 2
    with_slash = await get("/config/?page=nope")
    assert with_slash["dependencies"] == config["dependencies"]


async def test_info_satisfies_its_schema() -> None:
    info = await get("/gradio_api/info?serialize=False")
    assert not SCHEMAS.check("info", info)
    assert list(info["named_endpoints"]) == ["/echo", "/bare", "/stream"]
    text, times, mode = info["named_endpoints"]["/echo"]["parameters"]
    assert (text["label"], text["parameter_has_default"], text["parameter_default"]) == (
        "1st",
        False,
        None,
    )
    assert (times["parameter_default"], times["example_input"]) == (2, 2)
    assert (mode["parameter_has_default"], mode["parameter_default"]) == (True, None)
    assert mode["python_type"]["type"] == "None | Literal['a', 'b']"
    assert [item["type"]["type"] for item in info["named_endpoints"]["/echo"]["returns"]] == [
        "string",
        "integer",
    ]
    assert info["named_endpoints"]["/echo"]["description"] == "Says it back."
    assert info["named_endpoints"]["/stream"]["description"] == "Counts. Slowly."


@pytest.mark.parametrize(
    ("query", "everything"), [("1", True), ("true", True), ("false", False), ("0", False)]
)
async def test_all_endpoints(query: str, everything: bool) -> None:
    info = await get(f"/gradio_api/info/?all_endpoints={query}")
    assert ("/hidden" in info["named_endpoints"]) == everything
    assert ("code_snippets" in info["named_endpoints"]["/echo"]) != everything
    assert "/secret" not in info["named_endpoints"]


async def test_openapi_is_valid_and_lists_every_public_endpoint() -> None:
    document = await get("/gradio_api/openapi.json")
    validate(document)
    posts = [path for path in document["paths"] if "/call/v2/" in path]
    assert posts == [f"/gradio_api/call/v2/{name}" for name in ("echo", "bare", "stream")]


async def test_root_follows_the_proxy_and_is_not_remembered() -> None:
    client = app().test_client()
    headers = {"X-Forwarded-Host": "a.example, b", "X-Forwarded-Proto": "https, http"}
    first = await (await client.get("/config", headers=headers)).get_json()
    assert first["root"] == "https://a.example"
    info = await (await client.get("/gradio_api/info")).get_data(as_text=True)
    assert "a.example" not in info  # E-23


@pytest.mark.parametrize(
    ("root_path", "root"),
    [("/sub", "http://localhost/sub"), ("https://x.example/y/", "https://x.example/y")],
)
async def test_root_path(root_path: str, root: str) -> None:
    server = app()
    server.configure(root_path=root_path)
    client = server.test_client()
    for path in ["/config"] + (["/sub/config"] if root_path == "/sub" else []):
        assert (await (await client.get(path)).get_json())["root"] == root


async def test_app_id_and_startup_events() -> None:
    client = app().test_client()
    config = await (await client.get("/config")).get_json()
    assert await (await client.get("/gradio_api/app_id")).get_json() == {"app_id": config["app_id"]}
    assert config["app_id"] < 2**53
    answers = [await (await client.get("/gradio_api/startup-events")).get_json() for _ in "ab"]
    assert answers == [True, False]


async def test_unknown_paths_and_wrong_methods_are_json_below_the_prefix_only() -> None:
    client = app().test_client()
    missing = await client.get("/gradio_api/nope")
    assert (missing.status_code, await missing.get_json()) == (404, {"detail": "Not Found"})
    wrong = await client.delete("/gradio_api/queue/join")
    assert (wrong.status_code, await wrong.get_json()) == (405, {"detail": "Method Not Allowed"})
    assert "POST" in wrong.headers["Allow"]
    own = await client.get("/nope")
    assert own.status_code == 404
    assert own.mimetype == "text/html"


async def test_the_apps_own_routes_and_static_files_work(tmp_path: Any) -> None:
    (tmp_path / "a.txt").write_text("static")
    server = Server(__name__, static_folder=str(tmp_path), static_url_path="/static")

    @server.get("/")
    async def index() -> dict[str, int]:
        return {"own": 1}

    client = server.test_client()
    assert await (await client.get("/")).get_json() == {"own": 1}
    static = await client.get("/static/a.txt")
    assert await static.get_data() == b"static"


def test_the_module_that_makes_the_server_is_found() -> None:
    assert Server().import_name == __name__


@pytest.mark.parametrize(
    ("number", "text"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (21, "21st")]
)
def test_ordinal(number: int, text: str) -> None:
    assert ordinal(number) == text
