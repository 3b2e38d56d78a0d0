"""Run by the Python of another environment, as a script: a module of packages that are installed
elsewhere, and of that place nothing else. Arguments: {"package": "its folder", …}, module, its own.
"""

from __future__ import annotations

import json
import runpy
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from importlib.machinery import PathFinder
from types import ModuleType


class Borrowed:
    """Finds the packages that are borrowed, each in its folder, before anything else does."""

    def __init__(self, folders: dict[str, str]) -> None:
        self._folders = folders

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        folder = self._folders.get(name)
        return None if folder is None else PathFinder.find_spec(name, [folder], target)


def main() -> None:
    _, folders, module, *arguments = sys.argv
    sys.meta_path.insert(0, Borrowed(json.loads(folders)))
    sys.argv = [module, *arguments]
    sys.dont_write_bytecode = True  # the packages are not this Python's to write to
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
