"""The files of ``gradio-protocol init`` as texts. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gradio_conformance import __version__
from gradio_conformance.starting.projects import Project

ACTION = f"gradio-protocol/gradio-protocol@v{__version__}"
WORKFLOW = ".github/workflows/gradio-protocol.yml"
LISTED = {"server": "known-failing.yaml", "client": "known-failing.yaml", "spec": "ignored.yaml"}
COMMANDS = {"server": "check", "client": "check-client", "spec": "diff"}
PURPOSES = {
    "server": "Judges the server of this project by the Gradio event protocol.",
    "client": "Judges the client of this project by what it makes of scripted servers.",
    "spec": "Says what a change of the protocol's data breaks, and for whom.",
}


@dataclass(frozen=True, slots=True)
class Start:
    """What to write: ``mode`` is ``server``, ``client`` or ``spec``; ``subject`` the URL or the
    command that is judged, or the folder of the specification.
    """

    mode: str
    project: Project
    subject: Mapping[str, Any]
    action: str = ACTION

    @property
    def command(self) -> str:
        return COMMANDS[self.mode]

    @property
    def listed(self) -> str:
        """The file of what is known to fail."""
        return LISTED[self.mode]


def workflow(start: Start) -> str:
    """A workflow of GitHub with one job that uses the action."""
    given = {"mode": start.command, **_versions(start)}
    inputs = [f"          {name}: {value}" for name, value in given.items()]
    lines = [
        f"# {PURPOSES[start.mode]}",
        "# Written by `gradio-protocol init`. Its options stand in the configuration file, where",
        f"# `gradio-protocol {start.command}` on your own machine reads them, too.",
        "name: gradio-protocol",
        "",
        "on:",
        *([] if start.mode == "spec" else ["  push:", "    branches: [main]"]),
        "  pull_request:",
        "",
        "permissions:",
        "  contents: read",
        "",
        "jobs:",
        "  conformance:",
        "    runs-on: ubuntu-latest",
        "    timeout-minutes: 20",
        "    steps:",
        "      - uses: actions/checkout@v4",
        *(["        with:", "          fetch-depth: 0"] if start.mode == "spec" else []),
        *_preparations(start),
        f"      - uses: {start.action}",
        "        with:",
        *inputs,
    ]
    return "\n".join(lines) + "\n"


def _versions(start: Start) -> dict[str, str]:
    if start.mode != "spec":
        return {}
    folder = start.subject["folder"]
    old = f"origin/${{{{ github.base_ref }}}}:{folder}"
    return {"old": json.dumps(old), "new": json.dumps(folder)}


def _preparations(start: Start) -> Sequence[str]:
    """What a command needs; a server that runs elsewhere needs nothing here."""
    if "command" not in start.subject:
        return []
    lines = []
    if start.project.python:
        lines += ["      - uses: actions/setup-python@v5", "        with:"]
        lines += ['          python-version: "3.12"']
    if start.project.node:
        lines += ["      - uses: actions/setup-node@v4", "        with:"]
        lines += ['          node-version: "20"']
    told = [f"      - run: {line}" for line in start.project.install]
    return [*lines, *(told or ["      # Here: install what the command needs."])]


def configuration(start: Start, table: str = "") -> str:
    """The configuration; ``table`` is what its sections are below, in ``pyproject.toml``."""
    section = ".".join(filter(None, [table, start.command]))
    values: dict[str, Any] = {k: v for k, v in start.subject.items() if k in ("url", "command")}
    if start.mode == "spec":
        values |= {"ignore": start.listed, "fail-on": "bump"}
    else:
        values |= {"known-failing": start.listed, "fail-on": "should"}
    lines = [
        f"# Defaults of `gradio-protocol {start.command}`. A flag comes first, then an environment",
        f"# variable such as GRADIO_PROTOCOL_{_variable(start)}_FAIL_ON, then this.",
        "# `gradio-protocol schema config` describes all that can stand here.",
        f"[{section}]",
        *(f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in values.items()),
    ]
    return "\n".join(lines) + "\n"


def _variable(start: Start) -> str:
    return start.command.replace("-", "_").upper()


def known(start: Start) -> str:
    """The list of what is known to fail: it begins empty."""
    if start.mode == "spec":
        return _IGNORED
    example = _CLIENT_ENTRY if start.mode == "client" else _SERVER_ENTRY
    head = {"implementation": start.project.name, "release": "0"}
    told = "\n".join(f"{name}: {json.dumps(value)}" for name, value in head.items())
    return f"{_KNOWN}{told}\nspec: sse_v3\nentries: []\n{example}"


_KNOWN = """\
# Deviations that this project has decided to live with. Each names a clause and the check that
# finds it; one that no longer fails makes the run fail, so that the list stays honest.
# `gradio-protocol explain CLAUSE` says what a clause demands, `gradio-protocol schema known` what
# an entry may have.
"""
_SERVER_ENTRY = """\
# An entry looks like this:
#  - clause: CANCEL-007
#    check: cancel.cancel-spares-the-twin
#    summary: A cancel ends every running event of the function.
#    upstream: https://example.org/issues/1
"""
_CLIENT_ENTRY = """\
# An entry looks like this; `check` is a scenario:
#  - clause: CLIENT-017
#    check: framing.comments
#    summary: Lines that are comments are taken for data.
"""
_IGNORED = """\
# Differences that do not count, each with its reason. One that matches nothing is stale and makes
# the run fail. `gradio-protocol schema diff-ignore` describes the form.
ignore: []
# An entry looks like this; `match` is a fingerprint, or a rule and a place, as the report has them:
#  - match: 0123456789ab
#    reason: No client has ever read this member.
#    until: 2027-01-31
"""
