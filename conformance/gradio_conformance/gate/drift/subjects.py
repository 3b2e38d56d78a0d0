"""Who is compared: a release of Gradio, the server at a URL, or an observation in a file."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import AbstractContextManager
from contextlib import contextmanager
from contextlib import nullcontext
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.progress import TextColumn

from gradio_conformance.environments import host_of
from gradio_conformance.gate.drift.observation import Observation
from gradio_conformance.gate.drift.observation import read_observation
from gradio_conformance.gate.drift.recorder import observe
from gradio_conformance.process import running
from gradio_conformance.urls import base_url
from gradio_spec.data import SpecError
from gradio_spec.loader import known_lists
from gradio_spec.model import Known
from gradio_spec.releases import Release
from gradio_spec.releases import announced
from gradio_spec.releases import number
from gradio_spec.releases import published
from gradio_spec.releases import release

_RELEASE = re.compile(r"(?:gradio(?:==|-))?(\d+\.\d+[0-9A-Za-z.]*)")
# The first release with a stream for each session; before, each event had a connection of its own.
FIRST = "4.9.0"


@dataclass(frozen=True, slots=True)
class Asked:
    """One side, as the user named it: ``gradio`` (a release), ``url`` or ``file``."""

    text: str
    gradio: str | None = None
    url: str | None = None
    file: Path | None = None

    @property
    def named(self) -> str:
        return f"gradio=={self.gradio}" if self.gradio else self.text


@dataclass(frozen=True, slots=True)
class Judged:
    """By which release a side is judged, and what is to be said of that."""

    release: Release
    remark: str | None = None


def asked_for(text: str) -> Asked:
    """``gradio==5.50.0``, ``5.50.0``, a URL or a file; ``ValueError`` says why it is none."""
    if "://" in text:
        return Asked(text, url=base_url(text))
    if Path(text).is_file():
        return Asked(text, file=Path(text))
    found = _RELEASE.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no release (gradio==5.50.0), no URL and no file")
    try:
        asked = number(found[1])
    except SpecError as error:
        raise ValueError(str(error)) from None
    if asked < number(FIRST):
        raise ValueError(
            f"gradio {found[1]} has a connection for each event; "
            f"the recorder speaks to releases from {FIRST} on"
        )
    return Asked(text, gradio=found[1])


def lists_of(name: str) -> tuple[str, ...]:
    """The bundled list of deviations of a release. What has none lies between two that have, if it
    is not older or newer than all of them: then the lists of these.
    """
    found = _RELEASE.fullmatch(name)
    if found is None:
        return ()
    try:
        at = number(found[1])
    except SpecError:
        return ()
    listed = {number(m[1]): m[0] for m in map(_RELEASE.fullmatch, known_lists()) if m}
    if at in listed:
        return (listed[at],)
    before, after = [n for n in listed if n < at], [n for n in listed if n > at]
    return (listed[max(before)], listed[min(after)]) if before and after else ()


def deviations(lists: Sequence[Known]) -> dict[str, str]:
    """Clause → what is said of it. Of two lists, those of the releases around one that has none,
    what both have: a defect that was there before and after was there in between.
    """
    first, *others = lists
    around = [{(entry.clause, entry.erratum) for entry in other.entries} for other in others]
    told = f" (so listed for {' and '.join(known.source for known in lists)})" if others else ""
    return {
        e.clause: f"{e.erratum}: {e.summary}{told}" if e.erratum else f"{e.summary}{told}"
        for e in reversed(first.entries)
        if all((e.clause, e.erratum) in pairs for pairs in around)
    }


def observed(asked: Asked, console: Console, *, wait_s: float, patience_s: float) -> Observation:
    """What one side shows: it is installed and started as needed. ``ObservationError``,
    ``Unreachable`` and ``NotInstallable`` as those that do it have them.
    """
    if asked.file is not None:
        return read_observation(asked.file)
    with _served(asked, console, wait_s) as url:
        return _recorded(url, asked.named, console, patience_s)


def judged_by(asked: Asked, observation: Observation) -> Judged:
    """The release whose dialect a side must keep: the one that it is, or that it announces. For one
    that is newer than all that are known it is the newest; ``SpecError`` if there is none.
    """
    subject = observation.subject
    told = _RELEASE.fullmatch(subject.named)
    name = told[1] if told else subject.version
    newest = published()[-1]
    if subject.protocol == release(newest).announced and name and _is_newer(name, newest):
        return Judged(
            release(newest), f"{name} is newer than the specification, which ends with {newest}"
        )
    if told:
        return Judged(release(told[1]))
    return Judged(announced(subject.protocol, subject.version))


def _is_newer(name: str, newest: str) -> bool:
    try:
        return number(name) > number(newest)
    except SpecError:
        return False


@contextmanager
def _served(asked: Asked, console: Console, wait_s: float) -> Iterator[str]:
    if asked.url is not None:
        yield asked.url
        return
    command = _command(str(asked.gradio), console)
    with _status(console, f"{asked.named}: starting the testbed"):
        context = running(command, wait_s=wait_s)
        url = context.__enter__()
    try:
        yield url
    finally:
        context.__exit__(None, None, None)


def _status(console: Console, text: str) -> AbstractContextManager[object]:
    return console.status(text) if console.is_terminal else nullcontext()


def _command(number_: str, console: Console) -> Sequence[str]:
    """What serves the testbed on a release: this Python if that has it, or one made for it."""
    if _installed() == number_:
        testbed = [sys.executable, "-m", "gradio_conformance.testbed"]
        return [*testbed, "--library", "gradio", "--port", "{port}"]
    return host_of(f"gradio=={number_}", "--port", "{port}", console=console)


def _installed() -> str | None:
    try:
        return version("gradio")
    except PackageNotFoundError:
        return None


def _recorded(url: str, named: str, console: Console, patience_s: float) -> Observation:
    columns = (TextColumn("{task.description}"), *Progress.get_default_columns()[1:3])
    is_live = console.is_terminal
    if not is_live:
        console.print(f"{named}: recording", markup=False, highlight=False)
    with Progress(*columns, console=console, transient=True, disable=not is_live) as progress:
        task = progress.add_task(f"{named}: recording", total=None)

        def told(done: int, total: int, step: str) -> None:
            text = f"{named}: recording {step}"
            progress.update(task, completed=done, total=total, description=text)

        return observe(url, named, patience_s=patience_s, told=told)
