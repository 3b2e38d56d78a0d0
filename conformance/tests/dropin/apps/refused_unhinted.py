"""A parameter without a type hint."""

from server_library import Server

app = Server()


@app.api
def unhinted(value) -> str:
    return value
