"""A Progress as the default of a parameter, as Gradio's apps of components have it."""

from server_library import Progress
from server_library import Server

app = Server()


@app.api
def annotated(text: str, progress: Progress = Progress()) -> str:  # noqa: B008
    progress(0.5)
    return text
