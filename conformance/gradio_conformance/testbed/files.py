"""Endpoints that take files, read them, and make some.

No postponed annotations here: the library evaluates them. A file reaches a function as a dict.
"""

from collections.abc import Callable
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from typing import cast

from gradio_conformance.testbed.batches import HOLD
from gradio_conformance.testbed.kit import Kit

META = {"_type": "gradio.FileData"}
BATCH: dict[str, Any] = {"batch": True, "max_batch_size": 4}


def register(kit: Kit) -> None:
    _taken(kit)
    _made(kit)
    _nested(kit)
    kit.api(name="file_places")(_places(kit))


def _taken(kit: Kit) -> None:
    FileData = kit.gr.FileData  # noqa: N806 - a class

    @kit.api(name="file_texts")
    def file_texts(value: Any) -> Any:
        return _read(value)

    @kit.api(name="file_echo")
    def file_echo(file: FileData) -> FileData:  # type: ignore[valid-type]
        return file

    @kit.api(name="file_list")
    def file_list(files: list[FileData]) -> list[FileData]:  # type: ignore[valid-type]
        return files

    @kit.api(name="file_batch", **BATCH)
    def file_batch(file: FileData) -> FileData:  # type: ignore[valid-type]
        files = list(cast(Sequence[Any], file))
        for one in files:
            name = one["orig_name"] or ""
            if name.startswith(HOLD):
                kit.gates.wait(name.removeprefix(HOLD))
        return [files]  # one list for each output


def _made(kit: Kit) -> None:
    FileData = kit.gr.FileData  # noqa: N806

    def made(path: str) -> FileData:  # type: ignore[valid-type]
        file: FileData = FileData(path=path)  # type: ignore[valid-type]
        return file

    @kit.api(name="file_made")
    def file_made(name: str, text: str) -> FileData:  # type: ignore[valid-type]
        return made(kit.places.make(name, text))

    @kit.api(name="file_made_async")
    async def file_made_async(name: str, text: str) -> FileData:  # type: ignore[valid-type]
        return made(kit.places.make(name, text))

    @kit.api(name="file_missing")
    def file_missing() -> FileData:  # type: ignore[valid-type]
        return made(kit.places.nothing)


def _nested(kit: Kit) -> None:
    @kit.api(name="file_nested")
    def file_nested(name: str, text: str) -> dict[str, Any]:
        return _tree(lambda: {"path": kit.places.make(name, text), "meta": META})

    @kit.api(name="file_objects")
    def file_objects(name: str, text: str) -> dict[str, Any]:
        return _tree(lambda: kit.gr.FileData(path=kit.places.make(name, text)))

    @kit.api(name="file_steps")
    def file_steps(name: str, texts: list[str]) -> list[Any]:  # type: ignore[misc]
        files: list[Any] = []
        for text in texts:
            files = [*files, {"path": kit.places.make(name, text), "meta": META}]
            yield files


def _places(kit: Kit) -> Callable[[], dict[str, Any]]:
    def file_places() -> dict[str, Any]:
        return kit.places.as_json()

    return file_places


def _tree(file: Callable[[], Any]) -> dict[str, Any]:
    return {"files": [file(), {"deep": [[file()]]}], "more": "text"}


def _read(value: Any) -> Any:
    if isinstance(value, dict):
        if value.get("meta") == META and isinstance(value.get("path"), str):
            return Path(value["path"]).read_text("utf-8")
        return {key: _read(item) for key, item in value.items()}
    return [_read(item) for item in value] if isinstance(value, list) else value
