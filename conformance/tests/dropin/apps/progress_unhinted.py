"""The same without a type hint."""

from server_library import Progress
from server_library import Server

app = Server()


@app.api
def unhinted(text: str, progress=Progress()) -> str:  # noqa: B008
    progress(0.5)
    return text
