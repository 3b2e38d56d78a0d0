"""A name that is more than one segment of a path."""

from server_library import Server

app = Server()


@app.api(name="a/b")
def nested(value: int) -> int:
    return value
