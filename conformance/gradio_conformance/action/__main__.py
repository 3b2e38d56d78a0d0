"""One step of the action: ``python -m gradio_conformance.action`` runs what ``INPUT_*`` asks for.

Writes ``$GITHUB_OUTPUT`` and ``$GITHUB_STEP_SUMMARY`` and prints annotations, however the command
ends; its exit code is the command's.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
from collections import deque
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gradio_conformance.action.inputs import PREFIX
from gradio_conformance.action.inputs import InputError
from gradio_conformance.action.inputs import Order
from gradio_conformance.action.inputs import order_of
from gradio_conformance.action.told import OUTPUTS
from gradio_conformance.action.told import Told
from gradio_conformance.action.told import told_of
from gradio_conformance.action.told import verdict_of
from gradio_conformance.events import USAGE_EXIT_CODE
from gradio_conformance.reporting.annotations import SUMMARY
from gradio_conformance.reporting.markup import fenced
from gradio_conformance.reporting.workflow import Annotation
from gradio_conformance.reporting.workflow import outputs
from gradio_conformance.reporting.workflow import shown

LARGEST_SUMMARY = 1_000_000  # bytes; GitHub refuses more than 1 MiB
LAST_LINES = 40  # of what the command has said, for a run that leaves no report


@dataclass(frozen=True, slots=True)
class Ended:
    """How the command ended, and the last of what it said on stderr."""

    exit_code: int
    said: str


def main(environment: Mapping[str, str] = os.environ) -> int:
    """The whole step; gives the exit code."""
    try:
        order = order_of(environment)
    except InputError as error:
        return _tell(None, Ended(USAGE_EXIT_CODE, f"Error: {error}"), environment)
    order.data.unlink(missing_ok=True)  # what is there afterwards is of this run
    order.summary.unlink(missing_ok=True)
    ended = _run(order, environment)
    return _tell(order, ended, environment)


def _run(order: Order, environment: Mapping[str, str]) -> Ended:
    """Run the command; what it prints is no workflow command, whoever it quotes."""
    command = [sys.executable, "-P", "-X", "utf8", "-m", "gradio_conformance", *_found(order)]
    # Without the step's summary, the command leaves it to the action to tell GitHub.
    plain = {
        name: value
        for name, value in environment.items()
        if name != SUMMARY and not name.startswith(PREFIX)
    }
    token = secrets.token_hex(16)
    print(f"::stop-commands::{token}", flush=True)  # noqa: T201
    said: deque[str] = deque(maxlen=LAST_LINES)
    with subprocess.Popen(
        command, env=plain, stderr=subprocess.PIPE, encoding="utf-8", errors="replace"
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            sys.stderr.write(line)
            sys.stderr.flush()
            said.append(line)
    print(f"::{token}::", flush=True)  # noqa: T201
    code = process.returncode
    return Ended(code if code >= 0 else 128 - code, "".join(said))


def _found(order: Order) -> Sequence[str]:
    """The arguments; on Windows a program is looked up first, because the directory of this Python
    would come before the PATH.
    """
    arguments = list(order.arguments)
    if os.name == "nt" and "command" in order.inputs:
        at = arguments.index("--") + 1
        arguments[at] = shutil.which(arguments[at]) or arguments[at]
    return arguments


def _tell(order: Order | None, ended: Ended, environment: Mapping[str, str]) -> int:
    told = order and told_of(order.mode, order.data, _known(order, environment))
    found = told or _without_report(ended)
    values = dict.fromkeys(OUTPUTS, "") | dict(found.outputs)
    values["exit-code"] = str(ended.exit_code)
    if order is not None and told is not None:
        values["report-path"] = str(order.data.resolve())
    if order is not None and order.folder.is_dir():
        values["folder"] = str(order.folder.resolve())
    _append(environment, "GITHUB_OUTPUT", outputs(values))
    _append(environment, SUMMARY, _summary(order, ended, values["verdict"]))
    for line in shown(found.annotations, "the step's summary and the report"):
        print(line, flush=True)  # noqa: T201
    return ended.exit_code


def _known(order: Order, environment: Mapping[str, str]) -> str | None:
    """The file of known deviations, where annotations want it: below the top of the repository."""
    path = Path(order.inputs.get("known-failing", "known-failing.yaml")).resolve()
    top = Path(environment.get("GITHUB_WORKSPACE", ".")).resolve()
    if path.is_file() and path.is_relative_to(top):
        return path.relative_to(top).as_posix()
    return None


def _without_report(ended: Ended) -> Told:
    verdict = verdict_of(ended.exit_code)
    lines = [line for line in ended.said.splitlines() if line.strip()]
    message = lines[-1] if lines else f"exit code {ended.exit_code} and no report"
    return Told(
        {"verdict": verdict}, (Annotation("error", f"gradio-protocol: {verdict}", message),)
    )


def _summary(order: Order | None, ended: Ended, verdict: str) -> str:
    if order is not None and order.summary.is_file():
        text = order.summary.read_text("utf-8")
        if len(text.encode()) > LARGEST_SUMMARY:
            kept = text.encode()[:LARGEST_SUMMARY].decode(errors="ignore").rpartition("\n")[0]
            text = f"{kept}\n\nThe rest is left out; the report has all of it.\n"
        return text + "\n"
    title = f"## gradio-protocol: {verdict}, exit {ended.exit_code}\n\n"
    return title + (f"{fenced(ended.said)}\n\n" if ended.said.strip() else "")


def _append(environment: Mapping[str, str], name: str, text: str) -> None:
    """Add to one of the runner's files; outside of GitHub there is none."""
    path = environment.get(name)
    if path:
        with Path(path).open("a", encoding="utf-8", newline="\n") as file:
            file.write(text)


if __name__ == "__main__":
    sys.exit(main())
