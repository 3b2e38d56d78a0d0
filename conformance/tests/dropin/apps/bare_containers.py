"""Type hints of containers that do not say what is in them."""

from server_library import Server

app = Server()


@app.api
def row(value: tuple) -> list:
    return [value]


@app.api
def several(value: set) -> frozenset:
    return value
