"""What clients of Gradio 3 convert values by is there, and gone with Gradio 4."""

from __future__ import annotations

from typing import Any

import pytest

import gradio_reference as gr
from gradio_reference.eras import speak_as

pytestmark = pytest.mark.anyio


def text(one: str, more: list[str]) -> str:
    return one + "".join(more)


def file(one: gr.FileData, more: list[gr.FileData]) -> gr.FileData:
    return (one, *more)[0]


async def documents(name: str) -> tuple[Any, Any]:
    app = gr.Server()
    app.api(name="text")(text)
    app.api(name="file")(file)
    speak_as(app, name)
    client = app.test_client()
    config = await (await client.get("/config")).get_json()
    return config, (await (await client.get("/info")).get_json())["named_endpoints"]


async def test_components_of_gradio_3_name_their_serializers() -> None:
    config, info = await documents("gradio-3.50.2")
    told = [(item["type"], item["serializer"]) for item in config["components"]]
    text_box, upload = ("textbox", "StringSerializable"), ("file", "FileSerializable")
    assert told == [text_box, text_box, text_box, upload, upload, upload]
    parameters = [*info["/text"]["parameters"], *info["/file"]["parameters"]]
    assert [item["serializer"] for item in parameters] == [
        kind for _, kind in (text_box, text_box, upload, upload)
    ]
    # Clients write them down as types of Python, and know few.
    assert [item["type"] for item in info["/text"]["parameters"]] == [
        {"type": "string"},
        {"type": {}, "description": "any value"},
    ]
    assert info["/file"]["parameters"][1]["type"]["type"] == "array"


async def test_components_of_gradio_4_do_not() -> None:
    config, info = await documents("sse")
    assert not any("serializer" in item for item in config["components"])
    assert not any("serializer" in item for item in info["/text"]["parameters"])
