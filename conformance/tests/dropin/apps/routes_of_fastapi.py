"""Own routes in the way of FastAPI, where Quart has another one."""

from server_library import Server

app = Server(title="Routes", version="2.0", docs_url=None)


@app.get("/items", status_code=201, tags=["items"])
async def items(colour: str = "red"):
    return {"colour": colour}
