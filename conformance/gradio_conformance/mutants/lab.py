"""The processes of the self-test: one for the server that is wrong, one for the suite that judges
it.

All children come from one fork server that has everything imported: a trial costs what it waits
for, not what it loads.
"""

from __future__ import annotations

import gc
import importlib
import io
import multiprocessing
import os
import sys
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import redirect_stderr
from contextlib import redirect_stdout
from dataclasses import dataclass
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any

import pytest

from gradio_conformance.catalogue import all_checks
from gradio_conformance.events import CheckFinished
from gradio_conformance.events import CheckResult
from gradio_conformance.events import RunEvent
from gradio_conformance.events import RunFinished
from gradio_conformance.mutants.model import load_catalogue
from gradio_conformance.mutants.patching import all_faults
from gradio_conformance.runner.generation import configure
from gradio_conformance.runner.options import RunOptions
from gradio_conformance.wire import http_client
from gradio_spec.loader import load_spec

START_S = 60.0
# A check may wait for several things in a row; one that says nothing for so long hangs.
CHECK_S = 180.0
# Few are enough: a fault that is not in every message shows in the checks that aim at it.
EXAMPLES = 10


class LabError(Exception):
    """The self-test itself went wrong: a server did not start, or the suite had a fault of its
    own.
    """


@dataclass(frozen=True, slots=True)
class Order:
    """What a child of the suite is asked to run."""

    url: str
    run: tuple[str, ...]
    patience_s: float
    seed: int
    budget_s: float  # of each search for failing sequences
    hunted: str | None = None  # the clause that ends a search


def preload() -> None:
    """What the fork server does once, for all children."""
    configure(EXAMPLES, shrink=False)
    from gradio_conformance.runner.engine import CHECKS

    importlib.import_module("gradio_conformance.mutants.proxy")
    importlib.import_module("gradio_conformance.mutants.serving")
    importlib.import_module("hypercorn.asyncio.run")
    all_checks()
    all_faults()
    load_catalogue()
    load_spec()
    http_client(None).close()  # loads the certificates
    # pytest imports its plugins, and Hypothesis reads the constants of all modules, when they
    # first collect something.
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    with _without_output():
        plugins = ("-p", "no:cacheprovider", "-p", "no:terminal", "-p", "_hypothesis_pytestplugin")
        pytest.main(["-c", str(CHECKS / "pytest.ini"), str(CHECKS), "--collect-only", *plugins])
    gc.collect()
    gc.freeze()  # the children's collections leave the shared pages alone


@contextmanager
def _without_output() -> Iterator[None]:
    nowhere = io.StringIO()
    with redirect_stdout(nowhere), redirect_stderr(nowhere):
        yield


def _context() -> Any:
    """Fork server where there is one; elsewhere each child starts from nothing, which only takes
    longer.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["gradio_conformance.mutants.preloaded"])
    return context


@contextmanager
def _child(target: Callable[..., None], *arguments: Any) -> Iterator[Connection]:
    context = _context()
    here, there = context.Pipe()
    process = context.Process(target=target, args=(there, *arguments), daemon=True)
    process.start()
    there.close()
    try:
        yield here
    finally:
        process.kill()
        process.join()
        here.close()


def _receive(connection: Connection, seconds: float, what: str) -> Any:
    try:
        if not connection.poll(seconds):
            raise LabError(f"{what}: nothing for {seconds:g} s")
        answer = connection.recv()
    except (EOFError, ConnectionError):
        raise LabError(f"{what}: the process ended") from None
    if isinstance(answer, LabError):
        raise answer
    return answer


# -- the server ------------------------------------------------------------------------------------


@contextmanager
def served(name: str, *, through_proxy: bool = False) -> Iterator[str]:
    """Serve a mutant, a legal variant, a vacuous server, or (name empty) the reference as it is;
    yields its URL.
    """
    with _child(_serve, name, through_proxy) as connection:
        yield str(_receive(connection, START_S, f"start of {name or 'the reference'}"))


def _serve(connection: Connection, name: str, through_proxy: bool) -> None:
    from gradio_conformance.mutants.serving import library
    from gradio_conformance.testbed.serving import running

    _be_silent()
    try:
        plain = not name and not through_proxy
        wanted = "reference" if plain else library(name, through_proxy=through_proxy)
        with running(wanted) as servers:
            connection.send(servers.main)
            connection.recv()
    except (EOFError, ConnectionError):
        pass
    except Exception as error:
        connection.send(LabError(f"start of {name}: {error!r}"))


def _be_silent() -> None:
    """A server that fails on purpose has much to say."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())


# -- the suite -------------------------------------------------------------------------------------


@contextmanager
def judged(order: Order) -> Iterator[Iterator[CheckResult | RunFinished]]:
    """The results of a run as they come, the verdict last; leaving the block stops the run."""
    with _child(_judge, order) as connection:
        yield _results(connection, order)


def _results(connection: Connection, order: Order) -> Iterator[CheckResult | RunFinished]:
    while True:
        result = _receive(connection, CHECK_S, f"run of {', '.join(order.run) or 'all checks'}")
        yield result
        if isinstance(result, RunFinished):
            return


def _judge(connection: Connection, order: Order) -> None:
    from gradio_conformance.runner.engine import run_suite

    _be_silent()

    def tell(event: RunEvent) -> None:
        if isinstance(event, CheckFinished):
            connection.send(_light(event.result))
        elif isinstance(event, RunFinished):
            connection.send(event)

    spec = load_spec()
    options = RunOptions(
        spec=spec,
        profiles=tuple(p.id for p in spec.profiles.values() if p.status == "stable"),
        seed=order.seed,
        run=order.run,
        patience_s=order.patience_s,
        max_examples=EXAMPLES,
        budget_s=order.budget_s,
        hunted=order.hunted,
        shrink=False,
    )
    try:
        run_suite(order.url, options, [tell])
    except Exception as error:
        connection.send(LabError(f"the suite: {error!r}"))


def _light(result: CheckResult) -> CheckResult:
    """Without the trace, which may hold what cannot cross a process border."""
    return replace(result, trace=(), curl=None)
