"""The keywords of ``@app.api``, names, descriptions, and kinds of functions."""

import functools

from server_library import Server

app = Server(title="Options")


@app.api
def bare(a: int) -> int:
    return a


@app.api()
def called(a: int) -> int:
    return a


@app.api(name="named")
def other_name(a: int) -> int:
    return a


@app.api(name="bare")
def again(a: int) -> int:
    return a + 1


@app.api(name="bare")
def once_more(a: int) -> int:
    return a + 2


@app.api(name="has space")
def has_space(a: int) -> int:
    return a


@app.api(name="naïve-name.1")
def unicode_name(a: int) -> int:
    return a


def given(a: int) -> int:
    return a


app.api(given)
app.api(given, name="given_again")
app.api(lambda: 1, name="a_lambda")


class Adder:
    """Adds."""

    def __init__(self, n: int) -> None:
        self.n = n

    def __call__(self, a: int) -> int:
        """Calls."""
        return a + self.n

    def method(self, a: int) -> int:
        return a + self.n

    @staticmethod
    def static(a: int) -> int:
        return a


app.api(Adder(3), name="an_object")
app.api(Adder(3).method)
app.api(Adder.static)


def decorated(fn):
    @functools.wraps(fn)
    def inner(*args, **kwargs):
        return fn(*args, **kwargs)

    return inner


@app.api
@decorated
def wrapped(a: int, b: str = "b") -> list:
    """Wrapped."""
    return [a, b]


@app.api(description="Told here.")
def described(a: int) -> int:
    """Told there."""
    return a


@app.api(description=False)
def undescribed(a: int) -> int:
    """Told nowhere."""
    return a


@app.api(description="")
def emptily_described(a: int) -> int:
    """Told there."""
    return a


@app.api
def one_line(a: int) -> int:
    """One line."""
    return a


@app.api
def many_lines(a: int) -> int:
    """One line
    and another.

    A second paragraph,
        indented.

    Args:
        a: a number
    Returns:
        the number
    """
    return a


@app.api
def with_parameters(a: int) -> int:
    """Doubles.

    Parameters:
        a (int): a number

    Example:
        with_parameters(1)
    """
    return a


@app.api
def only_returns(a: int) -> int:
    """
    Returns: a number
    """
    return a


@app.api
def google_raises(a: int) -> int:
    """Says.

    Raises:
        ValueError: never
    """
    return a


@app.api
def sphinx(a: int) -> int:
    """Says.

    :param a: a number
    """
    return a


@app.api(api_visibility="undocumented")
def undocumented(a: int) -> int:
    return a


@app.api(api_visibility="private")
def private(a: int) -> int:
    return a


@app.api(queue=False)
def not_queued(a: int) -> int:
    return a


@app.api(concurrency_limit=None)
def unlimited(a: int) -> int:
    return a


@app.api(concurrency_limit=3, concurrency_id="shared")
def limited(a: int) -> int:
    return a


@app.api(concurrency_id="shared")
def sharing(a: int) -> int:
    return a


@app.api(time_limit=30, stream_every=0.1)
def timed(a: int) -> int:
    return a


@app.api
async def coroutine(a: int) -> int:
    return a
