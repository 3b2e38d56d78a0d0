"""``python -m gradio_reference.mocking INFO.json|URL``; ``gradio-protocol mock`` becomes this."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import tempfile
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gradio_reference import adapters
from gradio_reference import serving
from gradio_reference.mocking import faults
from gradio_reference.mocking import plan as plans
from gradio_reference.mocking.app import MockServer
from gradio_reference.mocking.described import DescriptionError
from gradio_reference.mocking.described import blueprints
from gradio_reference.mocking.plan import Plan
from gradio_reference.mocking.plan import PlanError

PATIENCE = 10.0  # seconds


class SourceError(Exception):
    """The description cannot be read; the message says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0 served, 2 a file or an option is wrong, 4 nobody answers at the
    URL, 130 interrupted.
    """
    options = _parser().parse_args(arguments)
    is_url = options.source.startswith(("http://", "https://"))
    try:
        info, config = _asked(options.source) if is_url else (_read(options.source), None)
    except SourceError as error:
        sys.stderr.write(f"error: {error}\n")
        return 4 if is_url else 2
    try:
        config = config if options.config is None else _read(options.config)
        plan = _with_faults(Plan() if options.plan is None else plans.load(options.plan), options)
        with tempfile.TemporaryDirectory(prefix="gradio-mock-") as folder:
            server = MockServer(blueprints(info, config), plan, options.seed, Path(folder))
            where = serving.Plan(options.host, options.port, web_server=options.server)
            serving.launch(server, where)
    except (SourceError, DescriptionError, PlanError, faults.FaultError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    except KeyboardInterrupt:  # before the server listens to signals itself
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gradio-protocol mock",
        description="Answer for an app of which only the description is there.",
        epilog=f"Faults: {', '.join(faults.KINDS)}. A running mock has them at /mock.",
    )
    parser.add_argument(
        "source", metavar="INFO.json|URL", help="a saved answer of /info, or a running server"
    )
    parser.add_argument(
        "--config", metavar="FILE", help="its /config: which endpoints stream, and their indices"
    )
    parser.add_argument(
        "--plan",
        type=Path,
        metavar="FILE",
        help="how endpoints behave; gradio-protocol schema mock",
    )
    parser.add_argument("--seed", type=int, default=0, help="of all that is generated (default 0)")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="[ENDPOINT=]NAME[;OPTION=VALUE]",
        help="what is wrong from the start; may be given more than once",
    )
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=int, help="default: the first free one from 7860; 0: any")
    parser.add_argument(
        "--server",
        choices=adapters.NAMES,
        default=adapters.DEFAULT,
        help=f"the web server (default {adapters.DEFAULT})",
    )
    return parser


def _with_faults(plan: Plan, options: argparse.Namespace) -> Plan:
    """The plan, with what the command line says of faults. Raises ``FaultError``."""
    on = dict(plan.faults)
    for text in options.fault:
        first, equals, _ = text.partition(";")[0].partition("=")
        endpoint = plans.bare(first) if equals else faults.ALL
        fault = faults.from_header(text[len(first) + 1 :] if equals else text)
        if fault is None:
            raise faults.FaultError(f"--fault {text}: there is none to switch on")
        on[endpoint] = fault
    return dataclasses.replace(plan, faults=on)


def _read(path: str) -> Any:
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise SourceError(f"{path}: no JSON: {error}") from error


def _asked(url: str) -> tuple[Any, Any]:
    """``/info`` and ``/config`` of a running server."""
    base = url.rstrip("/")
    config = _get(f"{base}/config")
    # Absent before dialect v3-5.0, where routes have no prefix.
    prefix = config.get("api_prefix", "") if isinstance(config, dict) else ""
    return _get(f"{base}{prefix}/info"), config


def _get(url: str) -> Any:
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:  # noqa: S310
            return json.loads(answer.read())
    except (OSError, ValueError) as error:
        raise SourceError(f"GET {url}: {error}") from error


if __name__ == "__main__":
    sys.exit(main())
