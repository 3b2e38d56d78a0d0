"""One run: discover the server, run the checks, tell the listeners, return the verdict."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from pathlib import Path

import pytest

import gradio_conformance.checks
from gradio_conformance import __version__
from gradio_conformance.catalogue import all_checks
from gradio_conformance.events import CheckResult
from gradio_conformance.events import Newer
from gradio_conformance.events import RunEvent
from gradio_conformance.events import RunFinished
from gradio_conformance.events import RunStarted
from gradio_conformance.noise import NoiseMeter
from gradio_conformance.runner.coverage import run_coverage
from gradio_conformance.runner.generation import configure
from gradio_conformance.runner.options import RunOptions
from gradio_conformance.runner.plugin import SuitePlugin
from gradio_conformance.target import Target
from gradio_conformance.target import Unreachable
from gradio_conformance.target import discover
from gradio_conformance.urls import shown
from gradio_conformance.verdict import Ending
from gradio_conformance.verdict import judge
from gradio_spec.loader import load_spec
from gradio_spec.model import Spec

Listener = Callable[[RunEvent], None]
CHECKS = Path(gradio_conformance.checks.__path__[0])


def run_suite(url: str, options: RunOptions, listeners: Sequence[Listener]) -> RunFinished:
    """Judge the server at ``url``. Never raises for what the server does, nor for Ctrl-C; the
    verdict says it.
    """
    started = time.monotonic()
    configure(options.max_examples, shrink=options.shrink)
    with NoiseMeter() as meter:
        return _run(url, options, listeners, started, meter)


def _run(
    url: str,
    options: RunOptions,
    listeners: Sequence[Listener],
    started: float,
    meter: NoiseMeter,
) -> RunFinished:
    try:
        target = discover(url, options.spec)
    except Unreachable as error:
        return not_run(url, options, listeners, Ending(_since(started), unreachable=str(error)))
    except KeyboardInterrupt:
        return not_run(url, options, listeners, Ending(_since(started), interrupted=True))

    def emit(event: RunEvent) -> None:
        for listener in listeners:
            listener(event)

    emit(_started(url, target, options))
    plugin = SuitePlugin(target, options, emit, meter)
    try:
        code = _pytest(plugin, options)
    except KeyboardInterrupt:  # a second one, while the first was being dealt with
        code, plugin.interrupted = int(pytest.ExitCode.INTERRUPTED), True
    ending = Ending(
        _since(started),
        interrupted=plugin.interrupted,
        stopped_after=plugin.stopped_after,
        unreachable=plugin.unreachable,
        suite_fault="\n".join(plugin.suite_faults) or _internal(code),
    )
    finished = _judge(options, plugin.results, ending)
    finished = replace(finished, noise=meter.since(), contention=meter.contention())
    if plugin.coverage is not None and options.coverage:
        counted = replace(options, profiles=plugin.claimed)
        finished = replace(finished, coverage=run_coverage(plugin.coverage, counted))
    if plugin.sightings is not None:
        seen = sorted(plugin.sightings.found.items())
        finished = replace(finished, newer=tuple(Newer(*pair) for pair in seen))
    emit(finished)
    return finished


def not_run(
    target: str, options: RunOptions, listeners: Sequence[Listener], ending: Ending
) -> RunFinished:
    """Tell the listeners of a run that ended before its first check; ``target`` is as the user
    named it.
    """
    finished = _judge(options, [], ending)
    for event in (_started(target, None, options), finished):
        for listener in listeners:
            listener(event)
    return finished


def _internal(code: int) -> str | None:
    if code in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
        return "pytest could not run the checks; its message is above"
    return None


def _pytest(plugin: SuitePlugin, options: RunOptions) -> int:
    arguments = [
        *("-c", str(CHECKS / "pytest.ini"), "--rootdir", str(CHECKS), *_modules(options)),
        *("-p", "no:cacheprovider", "-p", "no:terminal", "--capture=no"),
        *("-p", "_hypothesis_pytestplugin", f"--hypothesis-seed={options.seed}"),
        # A user's PYTHONWARNINGS must not turn a warning into a failure; what goes wrong in a
        # thread is the probe's business.
        *("-W", "ignore", "-p", "no:unraisableexception", "-p", "no:threadexception"),
    ]
    with _only_own_plugins():
        return int(pytest.main(arguments, plugins=[plugin]))


def _modules(options: RunOptions) -> list[str]:
    """The files of the wanted checks; pytest need not look through the others."""
    slugs = [slug for slug, info in all_checks().items() if options.wants(info)]
    areas = dict.fromkeys(slug.partition(".")[0].replace("-", "_") for slug in slugs)
    return [str(CHECKS / f"check_{area}.py") for area in areas] or [str(CHECKS)]


@contextmanager
def _only_own_plugins() -> Iterator[None]:
    """Plugins that happen to be installed must not change what is checked, nor a user's
    environment.
    """
    names = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": "", "PYTEST_PLUGINS": ""}
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
    # What a run stumbles over counts, also where nobody asked for it.
    blamed = {finding.clause for result in results for finding in result.findings}
    asked = {clause.id for clause in options.spec.testable(options.profiles)}
    clauses = [c for c in options.spec.clauses.values() if c.id in asked | blamed]
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
        target=shown(url),
        server=target.describes_itself_as if target else "unknown",
        scope="testbed" if target and target.is_testbed else "any-app",
        profiles=options.profiles,
        seed=options.seed,
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        checks=len(wanted),
        max_examples=options.max_examples,
        patience_s=options.patience_s,
        known_source=options.known.source if options.known else None,
        capabilities=_capabilities(target, spec) if target else {},
        cpus=os.cpu_count(),
        load=_load(),
        # Limits on heartbeats are made of their interval, all others of the patience.
        shortest_wait_s=min(options.patience_s, target.heartbeat_s) if target else None,
        release=None if spec is load_spec() else spec.release.id,
    )


def _load() -> float | None:
    try:
        return round(os.getloadavg()[0], 2)
    except (AttributeError, OSError):  # Windows has none
        return None


def _capabilities(target: Target, spec: Spec) -> dict[str, bool]:
    """What the server shows of itself, for the header of the reports."""
    dependencies = target.dependencies
    types = [d.get("types") for d in dependencies]
    return {
        "testbed": target.is_testbed,
        **{
            row["title"]: target.server_url(name) is not None
            for name, row in spec.testbed["servers"].items()
            if "title" in row
        },
        "generators": any(isinstance(t, dict) and t.get("generator") for t in types),
        "batch": any(d.get("batch") for d in dependencies),
    }
