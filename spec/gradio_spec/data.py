"""Reads data files: YAML, safely, and held to their schemas in ``meta/``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

try:  # some ten times as fast, where PyYAML was built with it
    from yaml import CSafeLoader as SafeLoader
except ImportError:
    from yaml import SafeLoader  # type: ignore[assignment]

PACKAGE = Path(__file__).parent
_LONGEST_REASON = 300


class SpecError(ValueError):
    """A data file is missing, is not what its schema says, or names something that does not
    exist.
    """


class _Loader(SafeLoader):
    """Safe YAML in which a key may stand only once: a lost entry must not go unnoticed."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                problem = f"the key {key.value!r} stands there twice"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> Any:
    """One YAML file, parsed safely; ``SpecError`` names the file."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506  # a SafeLoader
    except OSError as error:
        raise SpecError(f"{path.name}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SpecError(f"{path.name}: not UTF-8: {error}") from error
    except yaml.YAMLError as error:
        raise SpecError(f"{path.name}: not YAML: {error}") from error


def validated(path: Path, schema: str) -> Any:
    """A YAML file that keeps ``meta/<schema>.schema.json``; ``SpecError`` names file, field and
    reason.
    """
    data = read_yaml(path)
    rules = read_yaml(PACKAGE / "meta" / f"{schema}.schema.json")
    for error in Draft202012Validator(rules).iter_errors(data):
        where = "/".join(str(part) for part in error.absolute_path) or "(top)"
        reason = error.message
        if len(reason) > _LONGEST_REASON:  # the library repeats the whole value, which comes first
            reason = f"{reason[:80]} … {reason[-200:]}"
        raise SpecError(f"{path.name}: {where}: {reason}")
    return data
