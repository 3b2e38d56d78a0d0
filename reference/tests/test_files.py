"""Uploads, what is kept of them and for how long, and files in values."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from gradio_reference import FileData
from gradio_reference import Server
from gradio_reference.filedata import TYPE
from gradio_reference.sizes import bytes_of
from gradio_reference.store import Draft
from gradio_reference.store import FileNotAllowed
from gradio_reference.store import Store
from gradio_reference.uploads import MAX_BUFFER
from gradio_reference.uploads import MAX_PARTS
from gradio_reference.uploads import BadUpload
from gradio_reference.uploads import FileTooLarge
from gradio_reference.uploads import Progress
from gradio_reference.uploads import Receiver
from gradio_reference.uploads import Uploads

pytestmark = pytest.mark.anyio

Client = Callable[[Server], Any]
META = {"_type": TYPE}
BOUNDARY = "limit"
FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def part(content: bytes, filename: str | None = "a.txt", name: str = "files") -> bytes:
    end = "" if filename is None else f'; filename="{filename}"'
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{end}\r\n\r\n'
    return head.encode() + content + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where servers of a test keep their files."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "gradio"))
    return tmp_path / "gradio"


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    kept = Store("/gradio_api/file=")
    yield kept
    kept.remove()


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


async def pieces(*contents: bytes) -> AsyncIterator[bytes]:
    for content in contents:
        yield content


async def receive(
    store: Store, *contents: bytes, limit: int | None = None, progress: Progress | None = None
) -> list[str]:
    receiver = Receiver(store, BOUNDARY, limit, progress or Progress())
    return await receiver.take(pieces(*contents), 5)


# -- receiving -------------------------------------------------------------------------------------


def content_of(path: str) -> bytes:
    return Path(path).read_bytes()


def kept_in(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.exists() else []


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
async def test_a_form_may_come_in_pieces_of_any_size(store: Store, size: int) -> None:
    contents = [b"", b"\r\n--", f"\r\n--{BOUNDARY}x".encode(), bytes(range(256))]
    body = form(*(part(content, f"{n}.bin") for n, content in enumerate(contents)))
    cut = [body[at : at + size] for at in range(0, len(body), size)]
    paths = await receive(store, *cut)
    assert list(map(content_of, paths)) == contents
    assert [Path(path).name for path in paths] == ["0.bin", "1.bin", "2.bin", "3.bin"]


async def test_nothing_is_left_of_a_refused_upload(store: Store, folder: Path) -> None:
    body = form(part(b"x" * 10), part(b"x" * 11))
    with pytest.raises(FileTooLarge):
        await receive(store, body, limit=10)
    with pytest.raises(BadUpload, match="no multipart form"):
        await receive(store, part(b"complete"), part(b"cut off")[:-4])
    assert files_in(folder) == []


async def test_nothing_is_left_when_the_client_goes_away(store: Store, folder: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield part(b"x" * 10)
        raise ConnectionError

    receiver = Receiver(store, BOUNDARY, None, Progress())
    with pytest.raises(ConnectionError):
        await receiver.take(broken(), 5)
    assert files_in(folder) == []


async def test_an_upload_that_stalls_is_given_up(store: Store) -> None:
    async def stalled() -> AsyncIterator[bytes]:
        yield part(b"x")
        await asyncio.Event().wait()

    receiver = Receiver(store, BOUNDARY, None, Progress())
    with pytest.raises(TimeoutError):
        await receiver.take(stalled(), 0.01)


async def test_memory_and_parts_are_bounded(store: Store, folder: Path) -> None:
    with pytest.raises(BadUpload, match=f"{MAX_PARTS} parts"):
        await receive(store, form(*(part(b"", None, "x") for _ in range(MAX_PARTS + 1))))
    with pytest.raises(BadUpload, match="headers of a part"):
        await receive(store, form(part(b"x", "n" * 2 * MAX_BUFFER)))
    receiver = Receiver(store, BOUNDARY, None, Progress())
    held: list[int] = []

    async def large() -> AsyncIterator[bytes]:
        yield part(b"")[:-2]
        for _ in range(64):
            yield b"\n" * MAX_BUFFER
            held.append(len(receiver._decoder.buffer))
        yield b"\r\n" + form()

    (path,) = await receiver.take(large(), 5)
    assert len(content_of(path)) == 64 * MAX_BUFFER
    assert max(held) <= 2 * len(BOUNDARY) + 8


async def test_headers_that_are_no_text_are_refused(store: Store) -> None:
    with pytest.raises(BadUpload, match="UTF-8"):
        await receive(store, form(part(b"x").replace(b"a.txt", b"\xff.txt")))
    with pytest.raises(BadUpload, match="boundary"):
        Receiver(store, "", None, Progress())


async def test_progress_counts_each_file(store: Store) -> None:
    progress = Progress()
    await receive(store, form(part(b"12345"), part(b"", "b"), part(b"1", "c")), progress=progress)
    assert progress.files == [("a.txt", 5), ("b", 0), ("c", 1)]


async def test_ended_uploads_are_forgotten_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradio_reference.uploads.ENDED_KEPT", 2)
    uploads = Uploads()
    for name in ("a", "b", "c"):
        uploads.end(name, await uploads.begin(name), "done")
    found = [await uploads.find(name, 0.001) for name in ("a", "b", "c")]
    assert [progress and progress.state for progress in found] == [None, "done", "done"]


async def test_a_reader_may_wait_for_its_upload() -> None:
    uploads = Uploads()
    reader = asyncio.create_task(uploads.find("mine", 5))
    await asyncio.sleep(0)
    await uploads.begin("other")
    started = await uploads.begin("mine")
    assert await reader is started


# -- the store -------------------------------------------------------------------------------------


def written(store: Store, content: bytes) -> Draft:
    draft = store.draft()
    draft.write(content)
    return draft


def test_a_file_has_one_place_per_content_and_name(store: Store) -> None:
    first = store.keep(written(store, b"x"), "a")
    assert store.keep(written(store, b"x"), "a") == first
    assert (
        len({first, store.keep(written(store, b"x"), "b"), store.keep(written(store, b"y"), "a")})
        == 3
    )


def test_nobody_can_guess_a_place(folder: Path) -> None:
    stores = [Store("/"), Store("/")]
    places = [Path(one.keep(written(one, b"x"), "a")).parent.name for one in stores]
    assert places[0] != places[1]
    for one in stores:
        one.remove()
    assert list(folder.iterdir()) == []


def test_a_file_that_is_being_written_is_no_file(store: Store) -> None:
    draft = written(store, b"x")
    with pytest.raises(FileNotAllowed):
        store.find(str(draft.path))
    draft.discard()
    draft.discard()


@pytest.mark.parametrize(
    "path", ["", "relative", "/etc/passwd", "/\0", "file:///etc/passwd", "http://127.0.0.1/"]
)
def test_other_paths_are_no_files(store: Store, path: str) -> None:
    store.keep(written(store, b"x"), "a")
    with pytest.raises(FileNotAllowed):
        store.find(path)
    with pytest.raises(FileNotAllowed, match=r"data\[1\]"):
        store.admit(["text", {"deep": [{"path": path, "meta": META}]}])


def test_links_do_not_help(store: Store, tmp_path: Path) -> None:
    kept = Path(store.keep(written(store, b"x"), "a"))
    (kept.parent / "link").symlink_to("/etc/passwd")
    with pytest.raises(FileNotAllowed):
        store.find(str(kept.parent / "link"))
    (tmp_path / "link").symlink_to(kept)
    assert store.find(str(tmp_path / "link")) == (kept, False)


def test_wrong_members_are_named(store: Store) -> None:
    path = store.keep(written(store, b"x"), "a")
    for member in ("size", "orig_name", "mime_type", "url"):
        with pytest.raises(FileNotAllowed, match=rf"data\[0\]: {member}: must be"):
            store.admit([{"path": path, "meta": META, member: []}])


# -- served ----------------------------------------------------------------------------------------


async def upload(http: Any, *contents: bytes) -> list[str]:
    body = form(*(part(content) for content in contents))
    answer = await http.post("/gradio_api/upload", data=body, headers=FORM)
    assert answer.status_code == 200, await answer.get_data()
    return list(await answer.get_json())


def reader(**settings: Any) -> Server:
    app = Server()
    app.configure(**settings)

    @app.api
    def read(value: Any) -> Any:
        return Path(value["path"]).read_text()

    @app.api(batch=True)
    def batched(file: FileData) -> FileData:
        return [list(file)]  # type: ignore[return-value]

    return app


async def test_everything_is_removed_when_the_server_stops(folder: Path) -> None:
    app = reader()
    async with app.test_app() as served:
        (path,) = await upload(served.test_client(), b"x")
        assert path.startswith(str(folder))
    assert kept_in(folder) == []


async def test_a_server_without_files_makes_no_folder(folder: Path, client: Client) -> None:
    protocol = client(reader())
    await protocol.answer("/run/read", {"data": [{"path": os.devnull}]})
    assert kept_in(folder) == []


async def test_a_large_upload_is_no_large_body(folder: Path) -> None:
    app = reader()
    app.config["MAX_CONTENT_LENGTH"] = 1000
    async with app.test_app() as served:
        http = served.test_client()
        (path,) = await upload(http, b"x" * 5000)
        assert len(content_of(path)) == 5000
        body = json.dumps({"data": ["x" * 5000]})
        answer = await http.post(
            "/gradio_api/run/read", data=body, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code == 413


async def test_a_file_above_the_limit_is_413(folder: Path) -> None:
    async with reader(max_file_size="1kb").test_app() as served:
        http = served.test_client()
        await upload(http, b"x" * 1024)
        body = form(part(b"x" * 1025))
        answer = await http.post("/gradio_api/upload", data=body, headers=FORM)
        assert answer.status_code == 413
        assert "1024 bytes" in (await answer.get_json())["detail"]


async def test_one_bad_sample_spares_its_batch(folder: Path, client: Client) -> None:
    async with reader().test_app():
        app = reader()
        protocol = client(app)
        (path,) = await upload(protocol.http, b"x")
        good, bad = {"path": path, "meta": META}, {"path": "/etc/passwd", "meta": META}
        for file in (good, bad, good):
            await protocol.join("batched", file)
        ends = [m for m in await protocol.read() if m["msg"] == "process_completed"]
        assert sorted(end["success"] for end in ends) == [False, True, True]
        fault = next(end for end in ends if not end["success"])
        assert "data[0]" in fault["output"]["error"]


async def test_a_direct_call_names_the_argument(folder: Path, client: Client) -> None:
    bad = {"path": "/etc/passwd", "meta": META}
    answer = await client(reader()).post("/run/read", {"data": [{"deep": [bad]}]})
    assert answer.status_code == 422
    assert "data[0]" in json.dumps(await answer.get_json())


async def test_ranges_depend_on_the_version(folder: Path) -> None:
    async with reader().test_app() as served:
        http = served.test_client()
        (path,) = await upload(http, b"0123456789")
        url = f"/gradio_api/file={path}"
        whole = await http.get(url)
        etag, modified = whole.headers["ETag"], whole.headers["Last-Modified"]
        for condition, status in ((etag, 206), ('"old"', 200), (modified, 206)):
            headers = {"Range": "bytes=2-3", "If-Range": condition}
            answer = await http.get(url, headers=headers)
            assert answer.status_code == status, condition
            wanted = b"23" if status == 206 else b"0123456789"
            assert await answer.get_data(as_text=False) == wanted
        assert (await http.get(url, headers={"If-Modified-Since": modified})).status_code == 304


async def test_a_name_may_hold_a_line_end(tmp_path: Path) -> None:
    """FILE-019: what is in a place that may be served is served."""
    file = tmp_path / "a\nb.txt"
    file.write_bytes(b"content")
    async with reader(allowed_paths=[tmp_path]).test_app() as served:
        url = f"/gradio_api/file={quote(str(file))}"
        answer = await served.test_client().get(url)
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"] == "inline; filename*=UTF-8''a%0Ab.txt"
        assert await answer.get_data(as_text=False) == b"content"


# -- options and FileData --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "size"), [(None, None), (5, 5), ("100kb", 102400), ("5 MB", 5 << 20), ("7b", 7)]
)
def test_sizes(given: Any, size: int | None) -> None:
    assert bytes_of(given) == size


def test_bad_options_are_named() -> None:
    app = Server()
    for options in ({"max_file_size": "much"}, {"max_file_size": -1}, {"allowed_paths": "/x"}):
        (name,) = options
        with pytest.raises(ValueError, match=name):
            app.configure(**options)


def test_a_file_is_a_dict_with_attributes() -> None:
    file = FileData(path="/x", orig_name="y")
    assert (file.path, file["orig_name"], file.meta) == ("/x", "y", META)
    assert json.loads(json.dumps(file))["is_stream"] is False
    with pytest.raises(AttributeError, match="nothing"):
        _ = file.nothing
    with pytest.raises(TypeError, match="size"):
        FileData(path="/x", size=True)
