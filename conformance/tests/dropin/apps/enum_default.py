"""A default that is a member of an Enum."""

import enum

from server_library import Server


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


app = Server()


@app.api
def coloured(value: Colour = Colour.RED) -> list:
    return [str(value)]
