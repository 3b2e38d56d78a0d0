"""Functions of which some arguments are given before."""

import functools

from server_library import Server

app = Server()


def given(a: int, b: int = 2) -> list:
    return [a, b]


app.api(functools.partial(given, b=5), name="a_partial")
