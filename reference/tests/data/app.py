"""A page of its own and an endpoint: what `gradio-protocol serve` is given."""

from collections.abc import Iterator

from gradio_reference import Server

app = Server()


@app.get("/")
async def page() -> str:
    return "<html><h1>My own page</h1></html>"


@app.api(name="initials")
def initials(text: str) -> Iterator[str]:
    found = ""
    for word in text.split():
        found += word[0].upper()
        yield found
