"""Families that differ from another in little: ``overlay.yaml``, applied to that one's documents.

A change says why it is made and does one thing at a place or several (``in``: which document,
``at``: JSON pointers): ``merge`` a JSON merge patch, ``remove`` what stands there, ``drop`` the
rows of a list that have these members, ``add`` rows to it. With ``since`` or ``until`` it is made
in some releases of the family only. A change that finds nothing to change is an error. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gradio_spec.data import SpecError
from gradio_spec.pointers import steps
from gradio_spec.views import Documents
from gradio_spec.views import Moment
from gradio_spec.views import merged


def overlaid(documents: Documents, overlay: Mapping[str, Any], moment: Moment) -> Documents:
    """The documents with the changes of one overlay that hold at ``moment``; ``SpecError`` names
    a change that finds nothing.
    """
    result = dict(documents)
    for index, change in enumerate(overlay["changes"]):
        if not moment.has(change, prefix=""):
            continue
        where = f"overlay of {overlay['version']}: changes/{index}"
        name = change["in"]
        if name not in result:
            raise SpecError(f"{where}: in: there is no document {name}")
        at = change["at"]
        for pointer in [at] if isinstance(at, str) else at:
            result[name] = _changed(result[name], steps(pointer), change, where)
    return result


def _changed(node: Any, steps: list[str], change: Mapping[str, Any], where: str) -> Any:
    if not steps:
        return _here(node, change, where)
    step, rest = steps[0], steps[1:]
    if isinstance(node, list) and step.isdigit() and int(step) < len(node):
        items = list(node)
        items[int(step)] = _changed(node[int(step)], rest, change, where)
        return items
    if not isinstance(node, Mapping) or step not in node:
        raise SpecError(f"{where}: at: there is no {step!r}")
    if not rest and change.get("remove"):
        return {key: value for key, value in node.items() if key != step}
    return {**node, step: _changed(node[step], rest, change, where)}


def _here(node: Any, change: Mapping[str, Any], where: str) -> Any:
    if "merge" in change:
        return merged(node, change["merge"])
    if not isinstance(node, list):
        raise SpecError(f"{where}: at: no list")
    if "drop" in change:
        wanted = change["drop"].items()
        left = [row for row in node if not wanted <= row.items()]
        if len(left) == len(node):
            raise SpecError(f"{where}: drop: no row has {dict(change['drop'])}")
        return left
    return [*node, *change["add"]]
