"""A default that has no JSON form."""

from server_library import Server

app = Server()


@app.api
def anything(value: object = object()) -> str:  # noqa: B008
    return type(value).__name__
