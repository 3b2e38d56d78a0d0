"""The description of an app: ``/info`` of a running server, or as somebody has saved it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from gradio_conformance.cli import extras
from gradio_conformance.urls import base_url
from gradio_conformance.urls import shown


@dataclass(frozen=True, slots=True)
class Described:
    """What a source says. ``config`` is ``None`` where only ``/info`` was given; ``source`` is
    what may be shown of where it comes from.
    """

    source: str
    info: Mapping[str, Any]
    config: Mapping[str, Any] | None = None


def describe(source: str, config: Path | None = None) -> Described:
    """Read a file or ask a server; ``click.BadParameter`` says what is wrong with it."""
    if source.startswith(("http://", "https://")):
        found = _asked(source)
    else:
        # The file's name alone, so that what is generated is the same wherever the file lies.
        found = Described(Path(source).name, load(Path(source), "named_endpoints"))
    if config is None:
        return found
    return Described(found.source, found.info, load(config, "dependencies"))


def load(path: Path, member: str) -> Mapping[str, Any]:
    """A JSON object that has the member; ``click.BadParameter`` if the file has none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise click.BadParameter(f"{path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise click.BadParameter(f"{path}: no JSON: {error}") from error
    if not isinstance(found, dict) or member not in found:
        raise click.BadParameter(f"{path}: no object with {member}")
    return found


def _asked(url: str) -> Described:
    extras.need("reading from a server", "suite")
    from gradio_conformance.target import Unreachable
    from gradio_conformance.target import discover
    from gradio_spec.loader import load_spec

    try:
        target = discover(base_url(url), load_spec())
    except (ValueError, Unreachable) as error:
        raise click.BadParameter(str(error)) from error
    return Described(shown(target.base_url), target.info, target.config)
