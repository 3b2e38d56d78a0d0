"""``gradio-protocol types``: an app's endpoints as types, for TypeScript or for Python."""

from __future__ import annotations

import sys
from collections.abc import Callable
from collections.abc import Iterable
from itertools import zip_longest
from pathlib import Path

import click

from gradio_conformance.cli.described import describe
from gradio_conformance.events import EXIT_CODES
from gradio_conformance.events import Verdict
from gradio_conformance.typings import python
from gradio_conformance.typings import typescript
from gradio_conformance.typings.model import Api
from gradio_conformance.typings.reading import DescriptionError
from gradio_conformance.typings.reading import read
from gradio_spec import __version__

WRITERS: dict[str, Callable[[Api, Iterable[str]], str]] = {
    "python": python.write,
    "ts": typescript.write,
}
HEADER_LINES = 2


@click.command()
@click.argument("source", metavar="URL|INFO.json")
@click.option("--lang", type=click.Choice(list(WRITERS)), required=True)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write here instead of to the terminal.",
)
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if --out says otherwise.")
def types(source: str, lang: str, out: Path | None, check: bool) -> None:
    """Write the endpoints of a server, or of a saved /info, as types.

    TypeScript: nothing but types, for @gradio/client and for fetch. Python: a class with a method
    for each endpoint, over gradio_client.
    """
    if check and out is None:
        raise click.UsageError("--check compares with a file: name it with --out")
    found = describe(source)
    header = [
        f"The endpoints of {found.source}, by: gradio-protocol types --lang {lang}",
        f"Protocol sse_v3, specification {__version__}. Made again, never edited.",
    ]
    try:
        text = WRITERS[lang](read(found.info), header)
    except DescriptionError as error:
        raise click.BadParameter(f"{found.source}: {error}", param_hint="SOURCE") from error
    if out is None:
        sys.stdout.write(text)
    elif not check:
        out.write_text(text, encoding="utf-8", newline="\n")
    elif told := first_difference(_existing(out), text):
        click.echo(f"{out}:{told}", err=True)
        sys.exit(EXIT_CODES[Verdict.NONCONFORMANT])


def first_difference(old: str, new: str) -> str | None:
    """Where two generated texts part, headers aside; ``None`` if they do not."""
    lines = zip_longest(old.splitlines(), new.splitlines())
    # The header says where the text comes from: the same types may come from elsewhere.
    for number, (there, wanted) in enumerate(lines, 1):
        if number > HEADER_LINES and there != wanted:
            here = new.splitlines()[: number - 1]
            inside = next((x.strip(" {:") for x in reversed(here) if _opens(x)), None)
            within = f" (in {inside})" if inside else ""
            return f"{number}: {_quoted(there)}, the app says {_quoted(wanted)}{within}"
    return None


def _opens(line: str) -> bool:
    """Does the line begin an endpoint or a type?"""
    if line.startswith("  "):
        return line.startswith(('  "/', "    def "))
    return line.startswith(("export ", "class "))


def _quoted(line: str | None) -> str:
    return "nothing" if line is None else repr(line.strip())


def _existing(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise click.BadParameter(f"{path}: {error}", param_hint="--out") from error
