"""A tuple of nothing as a parameter."""

from server_library import Server

app = Server()


@app.api
def empty(value: tuple[()]) -> list:
    return [value]
