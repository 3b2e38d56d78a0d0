"""An app's own routes, written in either way."""

from __future__ import annotations

import asyncio

from gradio_reference import Server


def test_own_routes_may_be_written_as_fastapi_writes_them() -> None:
    asyncio.run(fastapi_paths())


async def fastapi_paths() -> None:
    app = Server(__name__)

    @app.get("/items/{item}")
    async def item(item: str) -> dict[str, str]:
        return {"item": item}

    @app.get("/numbers/{number}")
    async def number(number: int) -> dict[str, int]:
        return {"twice": 2 * number}

    @app.get("/tree/{path:path}/<last>")
    async def tree(path: str, last: str) -> dict[str, str]:
        return {"path": path, "last": last}

    client = app.test_client()
    assert await (await client.get("/items/a")).get_json() == {"item": "a"}
    assert await (await client.get("/numbers/-7")).get_json() == {"twice": -14}
    assert (await client.get("/numbers/seven")).status_code == 404
    assert await (await client.get("/tree/a/b/c")).get_json() == {"path": "a/b", "last": "c"}
