"""What ``gradio.Server.launch`` takes and this server does not, and why.

A value with which nothing would be different is accepted, so that an app which spells out
Gradio's defaults still starts here; any other is refused with the reason.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a keyword is not offered, and the values beside None that ask for nothing."""

    reason: str
    neutral: tuple[Any, ...] = ()


_NO_PAGE = "this server has no page of its own to change; your own routes are the pages"
_NO_TUNNEL = "this server opens no tunnel; put a reverse proxy or a tunnel of your choice before it"
_NO_NODE = "this server renders no pages, so there is no Node server to start"

REFUSED: Mapping[str, Refused] = {
    "inline": Refused("this server has no page to show inside a notebook", (False,)),
    "inbrowser": Refused("open the printed URL yourself, or use the module webbrowser", (False,)),
    "share": Refused(_NO_TUNNEL, (False,)),
    "share_server_address": Refused(_NO_TUNNEL),
    "share_server_protocol": Refused(_NO_TUNNEL),
    "share_server_tls_certificate": Refused(_NO_TUNNEL),
    "debug": Refused("there is no notebook to block; launch blocks by itself", (False,)),
    "height": Refused(_NO_PAGE, (500,)),
    "width": Refused(_NO_PAGE, ("100%",)),
    "favicon_path": Refused('serve it by a route of your own, @app.get("/favicon.ico")'),
    "ssl_verify": Refused("this server makes no request to itself to be verified", (True, False)),
    "footer_links": Refused(_NO_PAGE, ([],)),
    "run_history": Refused("this server keeps no history of runs", (False,)),
    "app_kwargs": Refused("pass the options of the application to Server(…)", ({},)),
    "node_server_name": Refused(_NO_NODE),
    "node_port": Refused(_NO_NODE),
    "ssr_mode": Refused(_NO_NODE, (False,)),
    "pwa": Refused(_NO_PAGE, (False,)),
    "_frontend": Refused(_NO_PAGE, (True, False)),
    "i18n": Refused(_NO_PAGE),
    "theme": Refused(_NO_PAGE),
    "css": Refused(_NO_PAGE, ("",)),
    "css_paths": Refused(_NO_PAGE, ([],)),
    "js": Refused(_NO_PAGE, ("",)),
    "head": Refused(_NO_PAGE, ("",)),
    "head_paths": Refused(_NO_PAGE, ([],)),
    "num_workers": Refused("one process holds the queue; start more behind sticky sessions", (1,)),
}

# launch() has these as well; elsewhere nothing is listened on.
SOCKET = (
    "server_name",
    "server_port",
    "prevent_thread_lock",
    "quiet",
    "ssl_keyfile",
    "ssl_certfile",
    "ssl_keyfile_password",
)


def refuse(where: str, given: Mapping[str, Any], known: Iterable[str]) -> None:
    """Raises ``ValueError`` for a keyword that is not offered, ``TypeError`` for one that nobody
    knows; each names it.
    """
    for name, value in given.items():
        refused = REFUSED.get(name)
        if name in SOCKET:
            raise ValueError(f"{where}({name}=…): only launch() opens a socket of its own")
        if refused is None:
            close = difflib.get_close_matches(name, [*known, *REFUSED, *SOCKET], 1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise TypeError(f"{where}() has no keyword {name!r}{hint}")
        if value is not None and not any(_same(value, one) for one in refused.neutral):
            raise ValueError(f"{where}({name}={value!r}) is not offered: {refused.reason}")


def _same(value: Any, neutral: Any) -> bool:
    return type(value) is type(neutral) and bool(value == neutral)
