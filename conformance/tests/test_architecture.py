"""The house's own law (ARCHITECTURE.md), read off the source: who may import whom, and how long."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError
from graphlib import TopologicalSorter
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {
    "gradio_spec": ROOT / "spec" / "gradio_spec",
    "gradio_reference": ROOT / "reference" / "gradio_reference",
    "gradio_conformance": ROOT / "conformance" / "gradio_conformance",
}
FORBIDDEN = {
    "gradio_spec": {"gradio_reference", "gradio_conformance"},
    "gradio_reference": {"gradio_conformance"},
    "gradio_conformance": {"gradio_reference"},
}
# The suite touches the reference server to start it and to break it, nowhere else.
MAY_IMPORT_REFERENCE = ("gradio_conformance.testbed", "gradio_conformance.mutants")
# Code that is the protocol does no input or output and reads no clock; callers hand both in.
SANS_IO = ("gradio_spec", "gradio_reference.core")
IO_MODULES = {
    "asyncio", "http", "httpx", "hypercorn", "quart", "random", "socket", "ssl", "subprocess",
    "threading", "time", "urllib",
}  # fmt: skip
MAX_MODULE_LINES = 500
MAX_FUNCTION_LINES = 80


@dataclass(frozen=True, slots=True)
class Module:
    """One source file: its dotted name, its path and its syntax tree."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def package(self) -> str:
        """The dotted name relative imports start from."""
        return self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]

    def imports(self) -> Iterator[str]:
        """Dotted names this file imports when it runs; ``from a import b`` gives ``a.b``."""
        for node in _running_nodes(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = node.module or ""
                if node.level:
                    above = self.package.split(".")[: len(self.package.split(".")) + 1 - node.level]
                    base = ".".join([*above, *([base] if base else [])])
                yield from (f"{base}.{alias.name}" for alias in node.names)


def _running_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those under ``if TYPE_CHECKING:``, which only a type checker reads."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        yield node
        yield from _running_nodes(node)


def _modules() -> Iterator[Module]:
    for package, folder in PACKAGES.items():
        for path in sorted(folder.rglob("*.py")):
            parts = [package, *path.relative_to(folder).with_suffix("").parts]
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            yield Module(name, path, ast.parse(path.read_text("utf-8"), str(path)))


MODULES = tuple(_modules())


def _within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def _room(name: str) -> str:
    """What a module counts as when looking for cycles: its package's direct child."""
    return ".".join(name.split(".")[:2])


def test_every_package_is_seen() -> None:
    assert {module.name.split(".")[0] for module in MODULES} == set(PACKAGES)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_imports_run_one_way(module: Module) -> None:
    if any(_within(module.name, room) for room in MAY_IMPORT_REFERENCE):
        return
    forbidden = FORBIDDEN[module.name.split(".")[0]]
    found = sorted(name for name in module.imports() if name.split(".")[0] in forbidden)
    assert not found, f"{module.name} must not import {', '.join(found)}"


@pytest.mark.parametrize(
    "module",
    [module for module in MODULES if any(_within(module.name, core) for core in SANS_IO)],
    ids=lambda module: module.name,
)
def test_protocol_code_does_no_io(module: Module) -> None:
    found = sorted(name for name in module.imports() if name.split(".")[0] in IO_MODULES)
    assert not found, f"{module.name} is sans-I/O but imports {', '.join(found)}"


@pytest.mark.parametrize("package", PACKAGES)
def test_rooms_of_a_package_have_no_cycle(package: str) -> None:
    rooms = {_room(module.name) for module in MODULES if _within(module.name, package)}
    graph: dict[str, set[str]] = {room: set() for room in rooms}
    for module in MODULES:
        if _within(module.name, package) and module.name != package:
            wanted = {_room(name) for name in module.imports()} & rooms
            graph[_room(module.name)] |= wanted - {_room(module.name), package}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"cycle: {' → '.join(error.args[1])}")


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_modules_and_functions_stay_short(module: Module) -> None:
    lines = len(module.path.read_text("utf-8").splitlines())
    assert lines <= MAX_MODULE_LINES, f"{module.name} has {lines} lines"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            length = node.end_lineno - node.lineno + 1
            assert length <= MAX_FUNCTION_LINES, f"{module.name}.{node.name} has {length} lines"


def _declared(*extras: str) -> set[str]:
    """Distributions that a plain install brings, or with these extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    texts = [*project["dependencies"]]
    for extra in extras:
        texts += project["optional-dependencies"][extra]
    return {_canonical(re.split(r"[^\w.-]", text)[0]) for text in texts}


def _canonical(name: str) -> str:
    return name.lower().replace("_", "-")


OWNERS = packages_distributions()
INSTALLED_WITH = {
    "gradio_spec": _declared(),
    "gradio_reference": _declared("server", "fast", "mcp", "metrics"),
    "gradio_conformance": _declared("suite"),
    "gradio_conformance.mutants": _declared("suite", "server", "mcp"),
    # Who serves a page or a proxy does so on Hypercorn; who judges needs no server.
    "gradio_conformance.traffic.background": _declared("suite", "server"),
    # Each stands beside a library that is not ours to bring.
    "gradio_conformance.adapters": _declared("suite") | {"gradio-client"},
    "gradio_conformance.eras.drivers.driver": {"gradio-client"},
    # The testbed runs on the reference server alone, or on real Gradio.
    "gradio_conformance.testbed": _declared("server") | {"gradio", "gradio-client"},
}


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_what_is_imported_is_declared(module: Module) -> None:
    room = next(
        room
        for room in (module.name, _room(module.name), module.name.split(".")[0])
        if room in INSTALLED_WITH
    )
    wanted = {name.split(".")[0] for name in module.imports()} - set(sys.stdlib_module_names)
    unknown = {
        name
        for name in wanted - set(PACKAGES)
        if INSTALLED_WITH[room].isdisjoint(map(_canonical, OWNERS.get(name, [name])))
    }
    assert not unknown, f"{module.name} imports {', '.join(sorted(unknown))}"
