"""The app's own routes beside its endpoints."""

from server_library import Server

app = Server(title="Routes")


@app.api
def hello(name: str) -> str:
    return f"hello {name}"


@app.get("/status")
async def status():
    return {"ready": True, "items": [1, 2]}


@app.get("/items/{item}")
async def item(item: str):
    return {"item": item}


@app.get("/numbers/{number}")
async def number(number: int):
    return {"number": number, "kind": type(number).__name__}


@app.get("/tree/{path:path}")
async def tree(path: str):
    return {"path": path}


@app.get("/list")
async def a_list():
    return [1, 2, 3]


@app.get("/sync")
def sync():
    return {"sync": True}


@app.post("/made")
async def create():
    return {"made": True}


@app.put("/made")
async def replace():
    return {"replaced": True}


@app.delete("/made")
async def remove():
    return {"removed": True}


@app.get("/text")
async def text():
    return "<h1>text</h1>"


@app.get("/")
async def root():
    return {"page": "my own"}
