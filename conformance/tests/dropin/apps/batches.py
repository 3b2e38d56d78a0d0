"""Functions that take many calls at once."""

from server_library import Error
from server_library import Server

app = Server()


@app.api(batch=True, max_batch_size=4)
def double(numbers: list[int]) -> list[int]:
    return [2 * number for number in numbers]


@app.api(batch=True)
async def double_async(numbers: list[int]) -> tuple[list[int]]:
    return ([2 * number for number in numbers],)


@app.api(batch=True)
def two(numbers: list[int], words: list[str]) -> tuple[list[int], list[str]]:
    return list(numbers), [word.upper() for word in words]


@app.api(batch=True)
def wrapped(numbers: list[int]) -> tuple[list[int]]:
    return [[2 * number for number in numbers]]


@app.api(batch=True)
def kinds(numbers: list[int]) -> tuple[list[str]]:
    return ([f"{type(numbers).__name__} of {len(numbers)}"],)


@app.api(batch=True)
def raising(numbers: list[int]) -> tuple[list[int]]:
    raise Error("no batch")


@app.api(batch=True)
def too_short(numbers: list[int]) -> tuple[list[int]]:
    return ([],)


@app.api(batch=True, queue=False)
def not_queued(numbers: list[int]) -> tuple[list[int]]:
    return ([2 * number for number in numbers],)
