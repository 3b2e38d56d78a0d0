"""The cache folder: each environment is made once, by one process, and used only when it is whole.

An environment is a folder named after what it is and a digest of what was asked for. The file
``made.json`` is written into it last: a folder without it was left half made and is made again.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sys
import sysconfig
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock
from filelock import Timeout
from rich.console import Console

VARIABLE = "GRADIO_PROTOCOL_CACHE"
MARKER = "made.json"
Told = Callable[[str], None]  # takes what is being done right now
Make = Callable[[Path, Told], None]  # installs into an empty folder


@dataclass(frozen=True, slots=True)
class Key:
    """What an environment is: its ``title`` for people, and the ``parts`` that make it another."""

    title: str
    parts: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name of its folder: two that differ in anything have two."""
        text = json.dumps([self.title, *self.parts, sysconfig.get_platform()])
        digest = hashlib.sha256(text.encode()).hexdigest()[:12]
        return f"{re.sub('[^A-Za-z0-9.]+', '-', self.title).strip('-')}-{digest}"


def cache_folder() -> Path:
    """Where environments are kept: ``GRADIO_PROTOCOL_CACHE``, else in the user's cache folder."""
    if chosen := os.environ.get(VARIABLE):
        return Path(chosen).absolute()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "gradio-protocol"


def kept(key: Key, make: Make, console: Console | None = None) -> Path:
    """The folder of an environment; ``make`` is called if there is none that is whole.

    Whoever else asks for it meanwhile waits. What ``make`` raises is raised, and nothing is left.
    """
    folder = cache_folder() / "environments" / key.name
    if (folder / MARKER).is_file():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _telling(key.title, console) as told, _alone(folder.with_name(f"{key.name}.lock"), told):
        if (folder / MARKER).is_file():  # made by whom this process has waited for
            return folder
        _remove(folder)
        folder.mkdir()
        try:
            make(folder, told)
        except BaseException:
            _remove(folder)
            raise
        _mark(folder, key)
    return folder


def _mark(folder: Path, key: Key) -> None:
    half = folder / f"{MARKER}.half"
    half.write_text(json.dumps({"title": key.title, "parts": key.parts}, indent=1), "utf-8")
    half.replace(folder / MARKER)


def _remove(folder: Path) -> None:
    # The marker goes first: what is only half removed must not look whole.
    (folder / MARKER).unlink(missing_ok=True)
    if folder.exists():
        shutil.rmtree(folder)


@contextmanager
def _alone(path: Path, told: Told) -> Iterator[None]:
    """Held until the block ends, and by the system no longer than this process lives."""
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        told("waiting for another process, which makes it")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _telling(title: str, console: Console | None) -> Iterator[Told]:
    """One live line where somebody sits in front of it, else one line at the beginning."""
    console = console or Console(stderr=True)
    if not console.is_terminal:
        console.print(f"{title}: making its environment", markup=False, highlight=False)
        yield lambda _text: None
        return
    with console.status("") as status:
        yield lambda text: status.update(_plain(f"{title}: {text}", console.width))


def _plain(text: str, width: int) -> str:
    return text[: max(20, width - 4)].replace("[", r"\[")
