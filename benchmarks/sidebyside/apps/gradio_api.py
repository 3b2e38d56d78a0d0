"""The app on the Server API: on Gradio, or on the reference server by another import."""

from __future__ import annotations

import importlib
from typing import Any

from sidebyside.apps import functions
from sidebyside.apps.serving import BACKLOG
from sidebyside.apps.serving import HOST
from sidebyside.apps.serving import Options
from sidebyside.apps.serving import options
from sidebyside.apps.serving import serve


def make(library: str) -> Any:
    app = importlib.import_module(library).Server()
    for function in (functions.echo, functions.tokens, functions.queued):
        app.api(name=function.__name__)(function)
    app.api(name="open_gate", queue=False)(functions.open_gate)
    return app


def run(chosen: Options) -> None:
    app = make(chosen.library)
    if chosen.server == "own":
        app.launch(server_name=HOST, server_port=chosen.port, quiet=True)
    elif chosen.library == "gradio_reference" and chosen.server != "granian":
        from gradio_reference import serving as own

        plan = own.Plan(HOST, chosen.port, quiet=True, web_server=chosen.server, backlog=BACKLOG)
        own.launch(app, plan)
    else:
        serve(app, chosen)


if __name__ == "__main__":
    run(options())
