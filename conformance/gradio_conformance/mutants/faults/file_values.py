"""Faults of files in arguments and outputs."""

from __future__ import annotations

import os
from collections.abc import Callable
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gradio_conformance.mutants.patching import Patches
from gradio_conformance.mutants.patching import fault
from gradio_reference import filedata
from gradio_reference import schema
from gradio_reference import store as store_module
from gradio_reference.core.model import Event
from gradio_reference.endpoint import Endpoint
from gradio_reference.executor import Execution
from gradio_reference.failures import told
from gradio_reference.filedata import FileData
from gradio_reference.filedata import from_json
from gradio_reference.filedata import is_file
from gradio_reference.signature import Kind
from gradio_reference.store import FileNotAllowed
from gradio_reference.store import Store
from gradio_reference.worker import Worker

File = dict[str, Any]
admit_one = Store._admit
publish_one = Store._publish


@fault
def functions_get_names_for_files(patch: Patches) -> None:
    def admit(store: Store, argument: int, value: File) -> FileData:
        data = admit_one(store, argument, value)
        data["path"] = Path(data["path"]).name
        return data

    patch(Store, "_admit", admit)


def _only_on_top(patch: Patches, below: Callable[[Store, int, Any], Any]) -> None:
    def admit(store: Store, values: Sequence[Any]) -> list[Any]:
        return [
            admit_one(store, i, value) if is_file(value) else below(store, i, value)
            for i, value in enumerate(values)
        ]

    patch(Store, "admit", admit)


@fault
def files_below_the_top_are_lost(patch: Patches) -> None:
    def lost(store: Store, argument: int, value: Any) -> Any:
        return filedata.with_files(value, lambda file: None)

    _only_on_top(patch, lost)


@fault
def files_below_the_top_are_not_looked_at(patch: Patches) -> None:
    _only_on_top(patch, lambda store, argument, value: value)


@fault
def any_file_is_admitted(patch: Patches) -> None:
    def admit(store: Store, argument: int, value: File) -> FileData:
        path = value["path"]
        if os.path.isfile(path.replace("\0", "")):  # noqa: PTH113 - as careless as can be
            return from_json(value)
        return admit_one(store, argument, value)

    patch(Store, "_admit", admit)


@fault
def a_foreign_file_fails_its_batch(patch: Patches) -> None:
    original = Worker._row

    def row(worker: Worker, event: Event, endpoint: Endpoint) -> list[Any] | None:
        found = original(worker, event, endpoint) if event.live else None
        if found is None and event.job is not None:
            worker._broker.failed(event.job, told("a foreign file"))
        return found

    patch(Worker, "_row", row)


@fault
def foreign_files_fail_their_session(patch: Patches) -> None:
    """Who sends a foreign file has no luck any more."""
    original = Worker._row
    banned: set[str] = set()

    def row(worker: Worker, event: Event, endpoint: Endpoint) -> list[Any] | None:
        if event.session in banned:
            worker._broker.rejected(event.id, told("no"))
            return None
        found = original(worker, event, endpoint)
        if found is None:
            banned.add(event.session)
        return found

    patch(Worker, "_row", row)


@fault
def every_object_with_a_path_is_a_file(patch: Patches) -> None:
    def file(value: Any) -> bool:
        return isinstance(value, dict) and isinstance(value.get("path"), str)

    patch(filedata, "is_file", file)


@fault
def what_is_said_of_files_is_lost(patch: Patches) -> None:
    patch(store_module, "from_json", lambda value: FileData(value["path"], value.get("url")))


@fault
def other_members_of_files_stay(patch: Patches) -> None:
    def kept(value: File) -> FileData:
        data = from_json(value)
        data.update({name: item for name, item in value.items() if name not in data})
        return data

    patch(store_module, "from_json", kept)


# -- out -------------------------------------------------------------------------------------------


@fault
def files_stay_where_they_were_made(patch: Patches) -> None:
    def publish(store: Store, value: File, root: str) -> FileData:
        data = publish_one(store, value, root)
        data["path"] = value["path"]
        return data

    patch(Store, "_publish", publish)


@fault
def files_of_async_functions_stay(patch: Patches) -> None:
    async def shaped(execution: Execution, raw: Any) -> Any:
        return execution._shape(raw)

    patch(Execution, "_shaped_on_loop", shaped)


@fault
def files_below_the_top_stay(patch: Patches) -> None:
    def publish(store: Store, values: Any, root: str) -> Any:
        return [publish_one(store, value, root) if is_file(value) else value for value in values]

    patch(Store, "publish", publish)


@fault
def urls_of_files_are_relative(patch: Patches) -> None:
    patch(Store, "_publish", lambda store, value, root: publish_one(store, value, ""))


@fault
def urls_of_files_have_the_first_root(patch: Patches) -> None:
    roots: list[str] = []

    def publish(store: Store, value: File, root: str) -> FileData:
        roots.append(root)
        return publish_one(store, value, roots[0])

    patch(Store, "_publish", publish)


@fault
def urls_of_files_are_not_encoded(patch: Patches) -> None:
    patch(store_module, "quote", str)


@fault
def files_in_chunks_stay(patch: Patches) -> None:
    original = Execution._shaped

    def shaped(execution: Execution, raw: Any) -> Any:
        if execution._kind is Kind.GENERATOR:
            return execution._shape(raw)
        return original(execution, raw)

    patch(Execution, "_shaped", shaped)


@fault
def files_in_batches_stay(patch: Patches) -> None:
    original = Worker._prepare

    def prepare(worker: Worker, endpoint: Endpoint, *args: Any) -> Execution:
        return original(worker, endpoint, *(args[:5] if endpoint.options.batch else args))

    patch(Worker, "_prepare", prepare)


@fault
def missing_files_are_sent(patch: Patches) -> None:
    def publish(store: Store, value: File, root: str) -> FileData:
        try:
            return publish_one(store, value, root)
        except FileNotAllowed:
            data = from_json(value)
            data["url"] = f"{root}{store._prefix}{value['path']}"
            return data

    patch(Store, "_publish", publish)


@fault
def files_are_plain_objects_in_info(patch: Patches) -> None:
    plain = {"type": "object", "additionalProperties": {}}
    patch(schema, "_SIMPLE", {**schema._SIMPLE, FileData: plain})
