"""A small runner of composite actions: expressions, environment files, steps in bash.

Steps with ``uses`` are not run: what they are given is kept, and the test says what they answer.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]
LONG_S = 120.0
EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}")
# `pip install` and `venv` are noted, all else is this Python.
STAND_IN = """\
#!/usr/bin/env bash
case "$*" in
  "-m venv "*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python";;
  "-m pip "*) printf '%s\\n' "$@" > "$INSTALLED";;
  *) exec {python} "$@";;
esac
"""


@dataclass(slots=True)
class Step:
    """How one step ended; ``given`` is what an action was given."""

    name: str
    code: int | None
    log: str = ""
    given: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Ended:
    """How the action ended."""

    steps: list[Step]
    outputs: dict[str, str]
    summary: str
    workspace: Path

    @property
    def code(self) -> int:
        return next((step.code for step in self.steps if step.code), 0)

    @property
    def log(self) -> str:
        return "".join(step.log for step in self.steps)

    @property
    def annotations(self) -> list[tuple[str, dict[str, str], str]]:
        """Kind, properties and message of each, as GitHub reads the log."""
        return list(commands(self.log))

    def step(self, name: str) -> Step | None:
        return next((step for step in self.steps if step.name == name), None)


def action() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    return loaded


def commands(log: str) -> Any:
    """The workflow commands of a log that GitHub would obey, unescaped."""
    stopped: str | None = None
    for line in log.splitlines():
        found = re.match(r"::([\w-]+)(?: ([^:]*))?::(.*)$", line.lstrip())
        if stopped is not None:
            if line.strip() == f"::{stopped}::":
                stopped = None
        elif found and found[1] == "stop-commands":
            stopped = found[3]
        elif found:
            pairs = (pair.partition("=") for pair in (found[2] or "").split(",") if pair)
            values = {name.strip(): unescaped(value) for name, _, value in pairs}
            yield found[1], values, unescaped(found[3])


def unescaped(text: str) -> str:
    for sign, told in ((":", "%3A"), (",", "%2C"), ("\r", "%0D"), ("\n", "%0A"), ("%", "%25")):
        text = text.replace(told, sign)
    return text


def read_outputs(text: str) -> dict[str, str]:
    """``GITHUB_OUTPUT`` as the runner reads it."""
    found, lines = {}, iter(text.split("\n"))
    for line in lines:
        name, sign, delimiter = line.partition("<<")
        if sign and "=" not in name:
            kept = []
            for inner in lines:
                if inner == delimiter:
                    break
                kept.append(inner)
            else:
                raise AssertionError(f"{name}: its delimiter does not follow")
            found[name] = "\n".join(kept)
        elif line:
            name, sign, value = line.partition("=")
            assert sign, line
            found[name] = value
    return found


@dataclass(slots=True)
class Runner:
    """Runs the action in a folder of its own."""

    folder: Path

    def __post_init__(self) -> None:
        for name in ("workspace", "temp", "files"):
            (self.folder / name).mkdir(parents=True)
        python = self.folder / "python"
        python.write_text(STAND_IN.replace("{python}", sys.executable), "utf-8")
        python.chmod(0o755)

    @property
    def workspace(self) -> Path:
        return self.folder / "workspace"

    @property
    def installed(self) -> list[str]:
        return (self.folder / "installed").read_text("utf-8").splitlines()

    def run(self, **given: str) -> Ended:
        told = {name.replace("_", "-"): value for name, value in given.items()}
        definition = action()
        assert set(told) <= set(definition["inputs"]), told
        inputs = {
            name: told.get(name, value.get("default", ""))
            for name, value in definition["inputs"].items()
        }
        steps: dict[str, dict[str, str]] = {"python": {"python-path": str(self.folder / "python")}}
        context = Context(inputs, steps)
        done: list[Step] = []
        for number, step in enumerate(definition["runs"]["steps"]):
            if context.met(step.get("if"), done):
                done.append(self._step(step, number, context))
        outputs = {k: context.filled(v["value"]) for k, v in definition["outputs"].items()}
        summary = "".join(
            path.read_text("utf-8") for path in sorted((self.folder / "files").glob("*.summary"))
        )
        return Ended(done, outputs, summary, self.workspace)

    def _step(self, step: Mapping[str, Any], number: int, context: Context) -> Step:
        name = step.get("name", step.get("id", ""))
        if "uses" in step:
            return Step(name, None, given={k: context.filled(v) for k, v in step["with"].items()})
        assert step["shell"] == "bash"
        files = {
            f"GITHUB_{kind.upper()}": self.folder / "files" / f"{number}.{kind}"
            for kind in ("output", "env", "path", "state")
        }
        files["GITHUB_STEP_SUMMARY"] = self.folder / "files" / f"{number}.summary"
        for path in files.values():
            path.touch()
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("GITHUB_", "INPUT_"))},
            **{name: str(path) for name, path in files.items()},
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_TEMP": str(self.folder / "temp"),
            "RUNNER_OS": "Linux",
            "INSTALLED": str(self.folder / "installed"),
            **{key: context.filled(value) for key, value in step.get("env", {}).items()},
        }
        script = self.folder / "files" / f"{number}.sh"
        script.write_text(context.filled(step["run"]), "utf-8")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],
            cwd=self.workspace / context.filled(step.get("working-directory", ".")),
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=LONG_S,
            check=False,
        )
        if "id" in step:
            context.steps[step["id"]] = read_outputs(files["GITHUB_OUTPUT"].read_text("utf-8"))
        return Step(name, done.returncode, done.stdout.decode("utf-8", "replace"))


@dataclass(slots=True)
class Context:
    """What expressions may name."""

    inputs: Mapping[str, str]
    steps: dict[str, dict[str, str]]

    def filled(self, text: Any) -> str:
        """The text with its expressions evaluated, once: a value's own are text."""
        if isinstance(text, bool):
            return str(text).lower()
        return EXPRESSION.sub(lambda found: self._value(found[1].strip()), str(text))

    def _value(self, name: str) -> str:
        kind, _, rest = name.partition(".")
        if kind == "inputs":
            return self.inputs[rest]
        step, _, output = rest.partition(".outputs.")
        assert kind == "steps", name
        return self.steps.get(step, {}).get(output, "")

    def met(self, condition: str | None, done: list[Step]) -> bool:
        if condition is None:
            return not any(step.code for step in done)
        found = EXPRESSION.fullmatch(condition)
        assert found, condition
        first, *terms = (term.strip() for term in found[1].split("&&"))
        assert first == "always()"  # of a condition of any other form, this runner knows nothing
        return all(self._term(term) for term in terms)

    def _term(self, term: str) -> bool:
        name, sign, literal = re.fullmatch(r"(\S+) (==|!=) '(.*)'", term).groups()  # type: ignore[union-attr]
        return (self._value(name) == literal) == (sign == "==")
