"""Files there and back."""

import pathlib
import tempfile
from typing import Optional

from server_library import FileData
from server_library import Server

app = Server()


def made(text: str, name: str = "made.txt") -> str:
    folder = pathlib.Path(tempfile.mkdtemp(prefix="dropin"))
    (folder / name).write_text(text)
    return str(folder / name)


def read(file: dict) -> str:
    return pathlib.Path(file["path"]).read_text()


@app.api
def content(file: FileData) -> list:
    return [read(file), file["orig_name"], sorted(file)]


@app.api
def back(file: FileData) -> FileData:
    return file


@app.api
def maybe(file: Optional[FileData] = None) -> Optional[FileData]:
    return file


@app.api
def make(text: str) -> FileData:
    return FileData(path=made(text))


@app.api
def make_named(text: str) -> FileData:
    return FileData(path=made(text), orig_name="other.txt", mime_type="text/x-own", size=1)


@app.api
def make_two(text: str) -> tuple[FileData, str]:
    return FileData(path=made(text)), text


@app.api
def make_step(text: str) -> FileData:
    for letter in text:
        yield FileData(path=made(letter))


@app.api
def contents(files: list[FileData]) -> list[str]:
    return [read(file) for file in files]


@app.api
def in_table(files: dict[str, FileData]) -> list:
    return [[name, read(file)] for name, file in files.items()]


@app.api
def make_many(texts: list[str]) -> list[FileData]:
    return [FileData(path=made(text)) for text in texts]


@app.api
def just_a_path(text: str) -> str:
    return pathlib.Path(made(text)).name


@app.api
def missing() -> FileData:
    return FileData(path="/nowhere/at/all.txt")
