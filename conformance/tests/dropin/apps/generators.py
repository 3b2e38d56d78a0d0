"""Functions that yield: a message for each step, then the end."""

from collections.abc import AsyncIterator
from collections.abc import Generator
from collections.abc import Iterator

from server_library import Error
from server_library import Info
from server_library import Server

app = Server()


@app.api
def count(steps: int) -> int:
    for step in range(steps):
        yield step


@app.api
async def count_async(steps: int) -> int:
    for step in range(steps):
        yield step


@app.api
def growing(text: str) -> str:
    found = ""
    for letter in text:
        found += letter
        yield found


@app.api
def growing_items(steps: int) -> list[dict[str, int]]:
    found: list[dict[str, int]] = []
    for step in range(steps):
        found = [*found, {"step": step}]
        yield found


@app.api
def changing(kind: str) -> list:
    yield [1, "a", {"b": [1, 2]}]
    yield [1, "a", {"b": [1, 2, 3]}]
    yield [2, "abc", {"c": None}]
    yield []


@app.api
def two(steps: int) -> tuple[int, str]:
    for step in range(steps):
        yield step, "x" * step


@app.api
def too_few(steps: int) -> tuple[int, str]:
    yield (steps,)


@app.api
def without_output(steps: int) -> None:
    for _ in range(steps):
        yield None


@app.api
def same(steps: int) -> str:
    for _ in range(steps):
        yield "the same"


@app.api
def with_return(steps: int) -> int:
    yield steps
    return "returned"


@app.api
def annotated(steps: int) -> Iterator[int]:
    yield from range(steps)


@app.api
def annotated_generator(steps: int) -> Generator[int, None, None]:
    yield from range(steps)


@app.api
async def annotated_async(steps: int) -> AsyncIterator[int]:
    for step in range(steps):
        yield step


@app.api
def raising(steps: int) -> int:
    yield from range(steps)
    raise ValueError("after the steps")


@app.api
def raising_for_user(steps: int) -> int:
    yield from range(steps)
    raise Error("after the steps", title="Sorry", duration=2)


@app.api
def telling(steps: int) -> int:
    for step in range(steps):
        Info(f"step {step}")
        yield step


@app.api
def returns_an_iterator(steps: int) -> int:
    return iter(range(steps))


@app.api(queue=False)
def not_queued(steps: int) -> int:
    yield from range(steps)
