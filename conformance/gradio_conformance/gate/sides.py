"""The sides of a comparison: versions by name, folders, and folders as a git revision has them."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from gradio_conformance.gate.model import Side
from gradio_spec.data import PACKAGE
from gradio_spec.data import SpecError
from gradio_spec.documents import COMPLETE
from gradio_spec.documents import OVERLAY
from gradio_spec.documents import documents_of
from gradio_spec.loader import load_spec
from gradio_spec.loader import read_spec
from gradio_spec.releases import Release
from gradio_spec.releases import known
from gradio_spec.releases import resolve
from gradio_spec.releases import table

VERSIONS = "versions"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a side comes from: a folder ``versions`` and, where one version of it was asked for,
    its release; ``bundled`` if it is the one that was installed.
    """

    name: str
    versions: Path
    asked: Release | None
    bundled: bool = False

    @property
    def families(self) -> tuple[str, ...]:
        """The families that it holds, oldest first."""
        names = (row["id"] for row in table()["families"])
        return tuple(name for name in names if _is_version(self.versions / name))

    def side(self, asked: Release) -> Side:
        """The version of this release; ``SpecError`` if it is not there or its data are wrong."""
        root = self.versions / asked.family
        if self.bundled:
            return Side(self.name, asked, documents_of(root, asked), load_spec(asked.id))
        if not _is_version(root):
            raise SpecError(f"{self.name}: there is no {asked.family} in it")
        try:
            return Side(self.name, asked, documents_of(root, asked), read_spec(root, asked))
        except SpecError as error:
            raise SpecError(f"{self.name}: {error}") from error


@contextmanager
def opened(name: str) -> Iterator[Source]:
    """What a name on the command line means; ``SpecError`` says what is wrong with it.

    A version (``sse_v3``, ``v3-5.0``, ``gradio-5.5.0``), the path of a folder of one version or of
    one that holds ``versions/``, or ``REV:path`` with either as that git revision has it.
    """
    try:
        asked = resolve(name)
    except SpecError:
        asked = None
    if asked is not None:
        yield Source(name, PACKAGE / VERSIONS, asked, bundled=True)
    elif Path(name).exists():
        yield _folder(name, Path(name))
    elif ":" in name:
        with TemporaryDirectory(prefix="gradio-protocol-") as scratch:
            yield _revision(name, Path(scratch))
    else:
        raise SpecError(
            f"{name!r} is no version, no folder that exists and no git revision such as "
            f"main:spec/; {known()}"
        )


def pairs(old: Source, new: Source) -> Iterator[tuple[Side, Side]]:
    """What is compared with what: the versions that were asked for, or, of two folders with all of
    them, each family that both have and each dialect of it, newest first.
    """
    asked = old.asked or new.asked
    if asked is not None:
        yield old.side(asked), new.side(new.asked or asked)
        return
    common = [family for family in old.families if family in new.families]
    if not common:
        raise SpecError(f"{old.name} and {new.name} have no family in common")
    for family in reversed(common):
        for name in (family, *(_dialects() if family == COMPLETE else ())):
            asked = resolve(name)
            yield old.side(asked), new.side(asked)


def _dialects() -> list[str]:
    """Those before the newest, newest first: what has changed in the past is in their views."""
    return [row["id"] for row in reversed(table()["dialects"][:-1])]


def _is_version(folder: Path) -> bool:
    return (folder / "lifecycle.yaml").is_file() or (folder / OVERLAY).is_file()


def _folder(name: str, path: Path) -> Source:
    if not path.is_dir():
        raise SpecError(f"{name}: no folder")
    path = path.resolve()
    if _is_version(path):
        return Source(name, path.parent, resolve(path.name))
    for folder in (path, path / VERSIONS, *sorted(path.glob(f"*/{VERSIONS}"))):
        if folder.is_dir() and any(_is_version(child) for child in folder.iterdir()):
            return Source(name, folder, None)
    raise SpecError(f"{name}: neither a version (lifecycle.yaml, {OVERLAY}) nor {VERSIONS}/ in it")


def _revision(name: str, scratch: Path) -> Source:
    """All of ``versions/`` is taken, as one version may rest on another."""
    revision, _, path = name.partition(":")
    path = path.strip("/").removeprefix("./")
    _git(name, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    files = _git(name, "ls-tree", "-r", "--name-only", "--full-tree", revision).decode()
    found = _versions_among(files.splitlines(), path)
    if found is None:
        raise SpecError(f"{name}: {revision} has no version and no {VERSIONS}/ at {path or '/'}")
    tree = _git(name, "archive", "--format=tar", f"{revision}:{found}")
    folder = scratch / VERSIONS
    with tarfile.open(fileobj=io.BytesIO(tree)) as archive:
        archive.extractall(folder, filter="data")
    family = path.removeprefix(f"{found}/")
    return Source(name, folder, resolve(family) if family != path else None)


def _versions_among(files: list[str], path: str) -> str | None:
    """The path of the folder ``versions`` that a path is, holds or lies in."""
    ends = ("/lifecycle.yaml", f"/{OVERLAY}")
    roots = {file.rpartition("/")[0] for file in files if file.endswith(ends)}
    if path in roots:
        return path.rpartition("/")[0]
    above = {root.rpartition("/")[0] for root in roots}
    inside = [folder for folder in above if not path or f"{folder}/".startswith(f"{path}/")]
    return min(inside, key=lambda folder: (folder.count("/"), folder), default=None)


def _git(name: str, *arguments: str) -> bytes:
    try:
        done = subprocess.run(["git", *arguments], check=False, capture_output=True)
    except OSError as error:
        raise SpecError(f"{name}: git: {error.strerror}") from error
    if done.returncode:
        told = done.stderr.decode(errors="replace").strip().splitlines()
        reason = told[0].removeprefix("fatal: ") if told else "there is no such revision"
        raise SpecError(f"{name}: git: {reason}")
    return done.stdout
