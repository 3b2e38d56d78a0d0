"""The official MCP client finds and calls the testbed's tools, with the same results on either
library.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from gradio_conformance.ports import free_port

mcp = pytest.importorskip("mcp")
from mcp.client.streamable_http import streamable_http_client  # noqa: E402

pytestmark = pytest.mark.anyio

CALLS: dict[str, tuple[dict[str, Any], str, bool]] = {
    "echo_text": ({"text": "ü\n"}, "ü\n", False),
    "add": ({"a": 40, "b": 2}, "42", False),
    "pair": ({"text": "é", "whole": 1}, "['é', 1]", False),
    "tokens": ({"text": "a b"}, "a b", False),
    "no_outputs": ({"text": "x"}, "[]", False),
    "fail_user": ({"message": "no luck"}, "no luck", True),
}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(
    scope="module", params=["reference", pytest.param("gradio", marks=pytest.mark.gradio)]
)
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Of the server tools of a testbed."""
    module = ["-m", "gradio_conformance.testbed", "--library", request.param]
    command = [sys.executable, *module, "--port", str(free_port())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            lines = (re.search(r"tools (http://[^,\s]+)", line) for line in process.stdout)
            yield next(found[1] for found in lines if found)
        finally:
            process.terminate()


async def test_the_official_client(url: str) -> None:
    told: list[float] = []

    async def tell(progress: float, total: float | None, message: str | None) -> None:
        told.append(progress)

    async with (
        httpx.AsyncClient(trust_env=False, follow_redirects=True, timeout=30) as http,
        streamable_http_client(f"{url}/gradio_api/mcp/", http_client=http) as (read, write, _),
        mcp.ClientSession(read, write) as session,
    ):
        greeting = await session.initialize()
        assert greeting.serverInfo.name
        tools = {tool.name: tool for tool in (await session.list_tools()).tools}
        assert {*CALLS, "hold"} <= set(tools)
        assert not {"undocumented", "private"} & set(tools)
        for name, (arguments, text, failed) in CALLS.items():
            result = await session.call_tool(name, arguments)
            assert (result.content[0].text, result.isError) == (text, failed), name
        await session.call_tool("tokens", {"text": "a b"}, progress_callback=tell)
        assert told == sorted(set(told))
        assert told
        assert (await session.list_resources()).resources == []
        assert (await session.list_prompts()).prompts == []
