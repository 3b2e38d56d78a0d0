"""A default that is a function."""

from server_library import Server


def given() -> str:
    return "given"


app = Server()


@app.api
def text(value: str = given) -> list:
    return [value]
