"""Files in the arguments of calls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from gradio_conformance.faults import show
from gradio_conformance.traffic.client_rules.asking import Answer
from gradio_conformance.traffic.client_rules.asking import Case
from gradio_conformance.traffic.client_rules.asking import ClientRule
from gradio_conformance.traffic.client_rules.asking import Found
from gradio_conformance.traffic.client_rules.asking import Moment
from gradio_conformance.traffic.client_rules.asking import function_of
from gradio_conformance.traffic.exchange import ALL_CALLS

FILE_TYPE = "gradio.FileData"
# Where files of phones and desks are, and servers' are not.
OF_A_DEVICE = re.compile(
    r"(file:|content:|ph:|blob:|data:|/storage/|/sdcard/|/Users/|[A-Za-z]:[\\/])"
)


def files_are_uploaded_first(case: Case) -> Answer:
    files = list(_files(case))
    if not files:
        return None
    for file in files:
        path = file["path"]
        if file.get("url") or path.startswith(("http://", "https://")):
            continue
        if not path or case.clients.knows_text(path):
            continue
        if OF_A_DEVICE.match(path) or case.whole:
            return [Found("a path that an upload or an output told", show(path, 120))]
    return ()


def files_are_marked(case: Case) -> Answer:
    named = [f for f in _objects(case.exchange.arguments) if f.get("path") in case.clients.uploaded]
    if not named:
        return None
    for file in named:
        if not _is_marked(file):
            expected = 'meta {"_type": "gradio.FileData"} in each file'
            return [Found(expected, show({k: v for k, v in file.items() if k != "url"}, 120))]
    return ()


def _files(case: Case) -> Iterator[Mapping[str, Any]]:
    """The objects in the arguments that must be files: marked, or where the endpoint takes one."""
    given, function = case.exchange.arguments, function_of(case)
    known = case.site.parameters(function.get("api_name")) if function is not None else None
    for file in _objects(given):
        if isinstance(file.get("path"), str) and _is_marked(file):
            yield file
    for number, parameter in enumerate(known or ()):
        name = parameter.get("parameter_name")
        if isinstance(given, dict):
            value = given.get(name)
        else:
            value = given[number] if isinstance(given, list) and number < len(given) else None
        python = parameter.get("python_type")
        takes = "filepath" in str(python.get("type")) if isinstance(python, Mapping) else False
        if takes and isinstance(value, dict) and isinstance(value.get("path"), str):
            yield value


def _is_marked(file: Mapping[str, Any]) -> bool:
    meta = file.get("meta")
    return isinstance(meta, Mapping) and meta.get("_type") == FILE_TYPE


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    rest = [value]
    while rest:
        item = rest.pop()
        if isinstance(item, Mapping):
            yield item
            rest.extend(item.values())
        elif isinstance(item, list):
            rest.extend(item)


RULES = (
    ClientRule("CLIENT-025", Moment.REQUEST, files_are_uploaded_first, ALL_CALLS),
    ClientRule("CLIENT-026", Moment.REQUEST, files_are_marked, ALL_CALLS),
)
