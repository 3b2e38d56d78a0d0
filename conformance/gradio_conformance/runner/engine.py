"""One run: discover the server, run the checks, tell the listeners, return the verdict."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from datetime import UTC
from datetime import datetime
from pathlib import Path

import pytest

import gradio_conformance.checks
from gradio_conformance import __version__
from gradio_conformance.catalogue import all_checks
from gradio_conformance.events import CheckResult
from gradio_conformance.events import RunEvent
from gradio_conformance.events import RunFinished
from gradio_conformance.events import RunStarted
from gradio_conformance.runner.generation import configure
from gradio_conformance.runner.options import RunOptions
from gradio_conformance.runner.plugin import SuitePlugin
from gradio_conformance.target import Target
from gradio_conformance.target import Unreachable
from gradio_conformance.target import discover
from gradio_conformance.verdict import Ending
from gradio_conformance.verdict import judge

Listener = Callable[[RunEvent], None]
CHECKS = Path(gradio_conformance.checks.__path__[0])


def run_suite(url: str, options: RunOptions, listeners: Sequence[Listener]) -> RunFinished:
    """Judge the server at ``url``. Never raises for what the server does; the verdict says it."""
    started = time.monotonic()
    configure(options.max_examples, shrink=options.shrink)

    def emit(event: RunEvent) -> None:
        for listener in listeners:
            listener(event)

    try:
        target = discover(url, options.spec)
    except Unreachable as error:
        emit(_started(url, None, options))
        finished = _judge(options, [], Ending(_since(started), unreachable=str(error)))
    else:
        emit(_started(url, target, options))
        plugin = SuitePlugin(target, options, emit)
        code = _pytest(plugin, options)
        fault = "\n".join(plugin.suite_faults) or _internal(code)
        ending = Ending(
            _since(started),
            interrupted=code == pytest.ExitCode.INTERRUPTED
            and not plugin.unreachable
            and not _stopped(options),
            unreachable=plugin.unreachable,
            suite_fault=fault,
        )
        finished = _judge(options, plugin.results, ending)
    emit(finished)
    return finished


def _stopped(options: RunOptions) -> bool:
    """pytest reports a stop after --max-failures as an interruption; it is a normal end here."""
    return options.max_failures is not None


def _internal(code: int) -> str | None:
    if code in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
        return "pytest could not run the checks; its message is above"
    return None


def _pytest(plugin: SuitePlugin, options: RunOptions) -> int:
    arguments = [
        *("-c", str(CHECKS / "pytest.ini"), "--rootdir", str(CHECKS), str(CHECKS)),
        *("-p", "no:cacheprovider", "-p", "no:terminal", "--capture=no"),
        *("-p", "_hypothesis_pytestplugin", f"--hypothesis-seed={options.seed}"),
    ]
    with _only_own_plugins():
        return int(pytest.main(arguments, plugins=[plugin]))


@contextmanager
def _only_own_plugins() -> Iterator[None]:
    """Plugins that happen to be installed must not change what is checked, nor a user's
    PYTEST_ADDOPTS.
    """
    names = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
    before = {name: os.environ.get(name) for name in names}
    os.environ.update(names)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _since(started: float) -> float:
    return round(time.monotonic() - started, 2)


def _judge(options: RunOptions, results: Sequence[CheckResult], ending: Ending) -> RunFinished:
    checks = all_checks().values()
    clauses = list(options.spec.testable(options.profiles))
    bindings = {c.id: [i.slug for i in checks if c.id in i.clauses] for c in clauses}
    return judge(
        clauses,
        bindings,
        results,
        ending,
        known=options.known,
        fail_on=options.fail_on,
    )


def _started(url: str, target: Target | None, options: RunOptions) -> RunStarted:
    spec = options.spec
    wanted = [info for info in all_checks().values() if options.wants(info)]
    return RunStarted(
        suite_version=__version__,
        spec_version=spec.version,
        spec_digest=spec.digest,
        dialect=spec.dialect,
        target=url,
        server=target.describes_itself_as if target else "unknown",
        scope="testbed" if target and target.is_testbed else "any-app",
        profiles=options.profiles,
        seed=options.seed,
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        checks=len(wanted),
        known_source=options.known.source if options.known else None,
        capabilities=_capabilities(target) if target else {},
    )


def _capabilities(target: Target) -> dict[str, bool]:
    """What the server shows of itself, for the header of the reports."""
    dependencies = [d for d in target.config.get("dependencies", ()) if isinstance(d, dict)]
    types = [d.get("types") for d in dependencies]
    return {
        "testbed": target.is_testbed,
        "second server": target.second_url is not None,
        "generators": any(isinstance(t, dict) and t.get("generator") for t in types),
        "batch": any(d.get("batch") for d in dependencies),
    }
