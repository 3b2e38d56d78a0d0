"""``gradio-protocol watch``: a proxy that judges what passes, a console and an inspector."""

from __future__ import annotations

import queue
import signal
import sys
from collections import Counter
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from gradio_conformance.events import EXIT_CODES
from gradio_conformance.events import Verdict
from gradio_conformance.ports import HOST
from gradio_conformance.ports import free_port
from gradio_conformance.reporting.words import counted
from gradio_conformance.reporting.words import one_line
from gradio_conformance.traffic.watch import Watch
from gradio_conformance.urls import base_url
from gradio_spec.loader import load_spec

FIRST_PORT = 7870
STYLES = {2: "green", 3: "cyan", 4: "yellow", 5: "red"}
Update = Mapping[str, Any]
News = queue.SimpleQueue[Sequence[Update] | None]
ENDS = tuple(getattr(signal, n) for n in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, n))


@click.command()
@click.option("--upstream", required=True, metavar="URL", help="The server to stand in front of.")
@click.option("--listen", metavar="HOST:PORT", help="Default: 127.0.0.1, a free port from 7870 up.")
@click.option("--inspector", metavar="PORT", type=click.IntRange(1, 65535), help="The page's port.")
@click.option("--no-inspector", is_flag=True, help="The console alone.")
@click.option(
    "--record",
    metavar="FILE.jsonl",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the traffic to a file that `judge` reads.",
)
@click.option(
    "--with-secrets", is_flag=True, help="Leave passwords, cookies and tokens in that file."
)
@click.option(
    "--whole", is_flag=True, help="The clients begin after this: what is not seen was not done."
)
def watch(
    upstream: str,
    listen: str | None,
    inspector: int | None,
    no_inspector: bool,
    record: Path | None,
    with_secrets: bool,
    whole: bool,
) -> None:
    """Stand between clients and the server at URL, and tell what either does wrong.

    Ends with Ctrl-C; then the exit code says whether anything was broken.
    """
    host, port = _address(listen)
    console = Console(highlight=False)
    news: News = queue.SimpleQueue()
    try:
        watching = Watch(
            base_url(upstream),
            load_spec(),
            host=host,
            port=port or free_port(FIRST_PORT),
            inspector_port=None if no_inspector else inspector or 0,
            record=record,
            with_secrets=with_secrets,
            whole=whole,
            news=news.put,
        )
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--upstream") from error
    teller = Teller(console)
    try:
        with watching:
            teller.greet(watching)
            _follow(news, teller)
    except OSError as error:
        raise click.UsageError(f"{error.filename or listen or host}: {error.strerror}") from error
    while not news.empty():  # what only the end has shown
        teller(news.get() or ())
    sys.exit(EXIT_CODES[teller.farewell()])


def _follow(news: News, teller: Teller) -> None:
    """Tell the news until somebody wants an end: what is being told is told whole."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        news.put(None)

    before = {number: signal.signal(number, stop) for number in ENDS}
    try:
        for updates in iter(news.get, None):
            teller(updates)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _address(listen: str | None) -> tuple[str, int]:
    if listen is None:
        return HOST, 0
    host, colon, port = listen.rpartition(":")
    if not colon or not port.isdecimal() or not 0 <= int(port) <= 65535 or not host:
        raise click.BadParameter(f"{listen!r} is not HOST:PORT", param_hint="--listen")
    return host.strip("[]"), int(port)


class Teller:
    """Prints what there is to see: a line for each exchange, a block for each broken clause."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._open: dict[int, dict[str, Any]] = {}
        self._broken: Counter[str] = Counter()
        self._exchanges = 0

    def greet(self, watching: Watch) -> None:
        self._line(
            ("  proxy      ", "dim"), (watching.proxy.url, "bold"), ("  for your client", "dim")
        )
        self._line(("  server     ", "dim"), (watching.proxy.upstream, ""))
        if watching.inspector_url:
            self._line(("  inspector  ", "dim"), (watching.inspector_url, "bold cyan"))
        if not watching.is_reachable:
            self._line(
                (
                    "  The server does not give its /config yet; it is read when a client asks.",
                    "yellow",
                )
            )
        self._line(("  Ctrl-C ends it.", "dim"))

    def __call__(self, updates: Sequence[Update]) -> None:
        for update in updates:
            getattr(self, f"_{update['kind']}")(update)

    def farewell(self) -> Verdict:
        """Say what it all adds up to."""
        told = ", ".join(f"{n} by the {side}" for side, n in self._broken.items()) or "none"
        seen = counted(self._exchanges, "exchange")
        style = "bold red" if self._broken else "bold"
        self._line(("\n  " + seen, "bold"), (f", broken clauses: {told}", style))
        if self._broken:
            return Verdict.NONCONFORMANT
        return Verdict.CONFORMANT if self._exchanges else Verdict.INCONCLUSIVE

    # -- one update -----------------------------------------------------------------------------

    def _exchange(self, update: Update) -> None:
        self._exchanges += 1
        self._open[update["id"]] = {**update, "messages": 0, "status": None}
        if update["stream"] != "request":
            self._row(update["at"], update["method"], update["target"], ("opened", "cyan"))

    def _answer(self, update: Update) -> None:
        self._open[update["id"]]["status"] = update["status"]

    def _message(self, update: Update) -> None:
        self._open[update["id"]]["messages"] += 1

    def _over(self, update: Update) -> None:
        known = self._open.pop(update["id"])
        status = known["status"]
        word = f"{status or '—'}"
        style = STYLES.get((status or 500) // 100, "")
        took = f"{(update['at'] - known['at']) * 1000:.0f} ms"
        ending = "" if update["how"] == "eof" else f"  {update['how']}"
        count = f"  {counted(known['messages'], 'message')}" if known["messages"] else ""
        rest = (f"  {took}{count}{ending}{'  staged' if update['staged'] else ''}", "dim")
        self._row(update["at"], known["method"], known["target"], (word, style), rest)

    def _offence(self, update: Update) -> None:
        self._broken[update["side"]] += 1
        style = "bold red" if update["level"] == "MUST" else "bold yellow"
        self._line((f"  ✗ {update['side']} {update['clause']} ", style), (update["level"], "dim"))
        self._line((f"    {update['text']}", ""))
        self._line(("    expected ", "dim"), (one_line(update["expected"]), "green"))
        self._line(("    got      ", "dim"), (one_line(update["actual"]), "red"))
        for bug, text in update["bugs"].items():
            self._line((f"    {bug}: ", "bold"), (text, "dim"))

    def _row(self, at: float, method: str, target: str, *rest: tuple[str, str]) -> None:
        route = one_line(target)
        shown = route if len(route) <= 60 else f"{route[:59]}…"
        self._line((f"{at:9.3f}  ", "dim"), (f"{method:<5}", "bold"), (f"{shown:<60} ", ""), *rest)

    def _line(self, *parts: tuple[str, str]) -> None:
        self._console.print(Text.assemble(*parts), soft_wrap=True)
