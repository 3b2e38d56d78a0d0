"""A batch that yields."""

from server_library import Server

app = Server()


@app.api(batch=True)
def steps(numbers: list[int]) -> tuple[list[int]]:
    yield (numbers,)
