# Endpoints name what they yield.
# mypy: disable-error-code="misc, no-untyped-def, valid-type"
"""Media streams: playlists that grow while a generator yields, and what is kept of them.

No postponed annotations here: the server evaluates them.
"""

import asyncio
import re
import threading
from collections.abc import AsyncIterator
from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated
from typing import Any
from urllib.parse import urlsplit

import pytest

from gradio_reference import FileData
from gradio_reference import MediaStream
from gradio_reference import Request
from gradio_reference import Segment
from gradio_reference import Server
from gradio_reference import State
from gradio_reference import cache
from gradio_reference.core.playlists import Limits
from gradio_reference.core.playlists import Playlist
from gradio_reference.core.playlists import Playlists
from gradio_reference.core.playlists import TooMuch
from gradio_reference.core.playlists import adts_seconds
from gradio_reference.core.playlists import is_mpeg_ts

pytestmark = pytest.mark.anyio
Client = Callable[[Server], Any]

FRAME = bytes.fromhex("fff15040 01bffc".replace(" ", "")) + bytes.fromhex("00c800802380")
PACKET = b"\x47" + bytes(187)
Audio = Annotated[bytes, MediaStream("audio")]
Video = Annotated[bytes, MediaStream("video", seconds=2)]
gates = [threading.Event()]


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    gates[0] = threading.Event()
    yield gates[0]
    gates[0].set()


def speak(pieces: int, fail: bool = False) -> Iterator[Audio]:
    for piece in range(pieces):
        yield FRAME * (piece + 1)
    if fail:
        raise ValueError("as told")


def held(pieces: int) -> Iterator[Audio]:
    for piece in range(pieces):
        yield FRAME * (piece + 1)
        gates[0].wait(10)


async def film(pieces: int) -> AsyncIterator[tuple[str, Video]]:
    for piece in range(pieces):
        yield f"piece {piece}", PACKET * (piece + 1)


def make(*functions: Any, **options: Any) -> Server:
    app = Server(__name__)
    for function in functions:
        app.api(function, **options)
    return app


async def get(api: Any, url: str, **options: Any) -> Any:
    parts = urlsplit(url)
    return await api.http.get(parts.path + (f"?{parts.query}" if parts.query else ""), **options)


async def text(api: Any, url: str) -> str:
    response = await get(api, url)
    assert response.status_code == 200
    assert response.content_type == "application/vnd.apple.mpegurl"
    return str(await response.get_data(as_text=True))


def names(playlist: str) -> list[str]:
    return [line for line in playlist.splitlines() if not line.startswith("#")]


async def test_a_playlist_in_the_place_of_each_piece(client: Client) -> None:
    api = client(make(speak))
    messages = await api.run_through("speak", 3)
    chunks = [m["output"]["data"] for m in messages if m["msg"] == "process_generating"]
    file = chunks[0][0]
    config = await (await api.http.get("/config")).get_json()
    (number,) = config["dependencies"][0]["outputs"]
    assert re.fullmatch(rf"s/[0-9a-f]{{32}}/{number}/playlist\.m3u8", file["path"])
    assert file == {
        "path": file["path"],
        "url": f"http://localhost/gradio_api/stream/{file['path']}",
        "size": None,
        "orig_name": "audio-stream.aac",
        "mime_type": None,
        "is_stream": True,
        "meta": {"_type": "gradio.FileData"},
    }
    assert chunks[1:] == [[[]], [[]]]
    assert messages[-2]["output"]["data"] == [file]
    assert config["components"][number - 1]["props"]["streaming"] is True
    response = await get(api, file["url"])
    assert response.headers["Cache-Control"] == "no-store"
    listed = names(await text(api, file["url"]))
    assert (await text(api, file["url"])) == (
        "#EXTM3U\n#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-TARGETDURATION:1\n#EXT-X-VERSION:4\n"
        "#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-START:TIME-OFFSET=0\n"
        f"#EXTINF:0.023220,\n{listed[0]}\n#EXTINF:0.046440,\n{listed[1]}\n"
        f"#EXTINF:0.069660,\n{listed[2]}\n#EXT-X-ENDLIST\n"
    )
    folder = file["url"].rpartition("/")[0]
    for piece, name in enumerate(listed):
        response = await get(api, f"{folder}/{name}")
        assert response.content_type == "audio/aac"
        assert await response.get_data() == FRAME * (piece + 1)
    response = await get(api, f"{folder}/playlist-file")
    assert await response.get_data() == FRAME * 6


async def test_a_playlist_grows_and_ends_with_the_run(
    client: Client, live: Any, gate: threading.Event
) -> None:
    api = client(make(held))
    event_id = await api.join("held", 2)
    async with api.open() as connection:
        reader, stream = await live(connection), api.monitor.opened("s")
        url = await first_url(api, reader, stream)
        before = await text(api, url)
        assert len(names(before)) == 1
        assert "ENDLIST" not in before
        gate.set()
        await until_completed(api, reader, stream)
        after = await text(api, url)
    assert after.startswith(before)
    assert len(names(after)) == 2
    assert after.endswith("#EXT-X-ENDLIST\n")
    assert event_id


async def first_url(api: Any, reader: Any, stream: Any) -> str:
    while True:
        event = await asyncio.wait_for(reader.next(), 10)
        message = api.monitor.message(stream, event.data).message
        if message["msg"] == "process_generating":
            return str(message["output"]["data"][0]["url"])


async def until_completed(api: Any, reader: Any, stream: Any) -> dict[str, Any]:
    while True:
        event = await asyncio.wait_for(reader.next(), 10)
        observed = api.monitor.message(stream, event.data)
        assert not observed.violations
        if observed.message["msg"] == "process_completed":
            return dict(observed.message)


async def test_failures_and_cancels_end_it_too(
    client: Client, live: Any, gate: threading.Event
) -> None:
    api = client(make(speak, held))
    messages = await api.run_through("speak", 1, True)
    (chunk,) = [m["output"]["data"] for m in messages if m["msg"] == "process_generating"]
    assert messages[-2]["success"] is False
    assert (await text(api, chunk[0]["url"])).endswith("#EXT-X-ENDLIST\n")
    event_id = await api.join("held", 9)
    async with api.open() as connection:
        reader, stream = await live(connection), api.monitor.opened("s")
        url = await first_url(api, reader, stream)
        await api.cancel("held", event_id)
        await until_completed(api, reader, stream)
        before = await text(api, url)
    assert before.endswith("#EXT-X-ENDLIST\n")
    gate.set()
    assert names(await text(api, url)) == names(before)


async def test_video_beside_another_output(client: Client) -> None:
    api = client(make(film))
    messages = await api.run_through("film", 2)
    label, file = messages[-2]["output"]["data"]
    assert (label, file["orig_name"]) == ("piece 1", "video-stream.ts")
    playlist = await text(api, file["url"])
    assert "#EXT-X-TARGETDURATION:2\n" in playlist
    name = names(playlist)[1]
    response = await get(api, file["url"].rpartition("/")[0] + "/" + name)
    assert (response.content_type, await response.get_data()) == ("video/MP2T", PACKET * 2)


async def test_what_is_not_there(client: Client) -> None:
    api = client(make(speak))
    file = (await api.outcome("speak", 1))["output"]["data"][0]
    folder = file["url"].rpartition("/")[0]
    for path, status in (
        (f"{folder}/nothing.aac", 404),
        (f"{folder}/nothing.ts", 404),
        (f"{folder}/{names(await text(api, file['url']))[0][:-4]}.ts", 404),
        (f"{folder}/nothing.mp3", 400),
        (f"{folder}/nothing", 404),
        (f"{folder.rpartition('/')[0]}/99/playlist.m3u8", 404),
        (f"{folder.rpartition('/')[0]}/x/playlist.m3u8", 404),
        (f"{folder.rpartition('/')[0]}/{'9' * 5000}/playlist.m3u8", 404),
        ("/gradio_api/stream/s/none/1/playlist.m3u8", 404),
        ("/gradio_api/stream/s/none/1/playlist-file", 404),
    ):
        response = await get(api, path)
        assert response.status_code == status, path
        assert response.content_type == "application/json"


async def test_the_signature_of_a_playlist_is_that_of_its_segments(client: Client) -> None:
    api = client(make(speak))
    file = (await api.outcome("speak", 1))["output"]["data"][0]
    response = await get(api, file["url"] + "?__sign=a%20b%26c")
    assert response.headers["Cache-Control"] == "private, no-store"
    (name,) = names(await response.get_data(as_text=True))
    assert name.endswith(".aac?__sign=a+b%26c")
    response = await get(api, file["url"].rpartition("/")[0] + "/" + name)
    assert response.status_code == 200


@pytest.mark.parametrize("session", ["ü x/y%2", "a//b", "../s", "?#"])
async def test_any_session_hash_can_stand_in_the_url(client: Client, session: str) -> None:
    api = client(make(speak))
    file = (await api.outcome("speak", 1, session=session))["output"]["data"][0]
    assert len(names(await text(api, file["url"]))) == 1


async def test_calls_without_session(client: Client) -> None:
    api = client(make(speak))
    (_, first), (_, last) = await api.call("speak", 1)
    answer = await api.answer("/run/speak", {"data": [2]})
    for url in (re.findall(r'"url":"(.*?)"', first + last)[-1], answer["data"][0]["url"]):
        playlist = await text(api, url)
        assert len(names(playlist)) == 1
        assert playlist.endswith("#EXT-X-ENDLIST\n")


@pytest.mark.parametrize("kind", ["path", "text", "file", "object"])
async def test_pieces_from_files(client: Client, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "piece.aac"
    path.write_bytes(FRAME)

    def files() -> Iterator[Audio]:
        yield {
            "path": path,
            "text": str(path),
            "file": FileData(str(path)),
            "object": {"path": str(path), "meta": {"_type": "gradio.FileData"}},
        }[kind]

    app = make(files)
    app.configure(allowed_paths=[str(tmp_path)])
    api = client(app)
    file = (await api.outcome("files"))["output"]["data"][0]
    assert len(names(await text(api, file["url"]))) == 1


async def test_nothing_is_no_piece_and_a_segment_tells_its_length(client: Client) -> None:
    async def odd() -> AsyncIterator[Annotated[Any, MediaStream("video")]]:
        yield None
        yield Segment(b"whatever", 3.5)
        yield None

    api = client(make(odd))
    file = (await api.outcome("odd"))["output"]["data"][0]
    assert re.findall("#EXTINF:(.*),", await text(api, file["url"])) == ["3.500000"]


@pytest.mark.parametrize(
    ("stream", "piece", "message"),
    [
        (MediaStream("audio"), b"RIFF....", "AAC in ADTS frames"),
        (MediaStream("audio"), 7, "bytes, a Segment or a file, not int"),
        (MediaStream("video"), b"RIFF....", "MPEG-TS"),
        (MediaStream("video"), PACKET, "how long"),
        (MediaStream("audio"), "/nowhere/at.all", "/nowhere/at.all"),
    ],
)
async def test_a_piece_that_cannot_be_played(
    client: Client, stream: MediaStream, piece: Any, message: str
) -> None:
    def bad() -> Iterator[Annotated[Any, stream]]:
        yield piece

    app = make(bad)
    app.configure(show_error=True)
    outcome = await client(app).outcome("bad")
    assert message in outcome["output"]["error"]


async def test_streams_belong_to_users(client: Client) -> None:
    app = make(speak)

    def user(request: Request) -> str | None:
        return request.headers.get("x-user")

    app.configure(auth_dependency=user)
    api = client(app)
    body = {"data": [1], "session_hash": "s"}
    answer = await api.http.post("/gradio_api/run/speak", json=body, headers={"x-user": "ann"})
    url = (await answer.get_json())["data"][0]["url"]
    response = await get(api, url, headers={"x-user": "ann"})
    segment = url.rpartition("/")[0] + "/" + names(await response.get_data(as_text=True))[0]
    for path in (url, segment, url.replace("playlist.m3u8", "playlist-file")):
        for who, status in (("ann", 200), ("bob", 404), (None, 401)):
            headers = {} if who is None else {"x-user": who}
            assert (await get(api, path, headers=headers)).status_code == status


async def test_a_session_that_has_gone_takes_its_streams_along(client: Client, live: Any) -> None:
    app = make(speak)
    gone = asyncio.Event()

    @app.unload
    async def unload() -> None:
        gone.set()

    api = client(app)
    async with api.http.request("/gradio_api/heartbeat/s") as heart:
        await live(heart)
        file = (await api.outcome("speak", 1))["output"]["data"][0]
        assert (await get(api, file["url"])).status_code == 200
        await heart.disconnect()
        await asyncio.wait_for(gone.wait(), 10)
    assert (await get(api, file["url"])).status_code == 404


async def test_a_stream_that_outgrows_its_limit_ends_with_an_error(client: Client) -> None:
    app = make(speak)
    api = client(app)
    app.prepare()
    app._provide().media.playlists.limits = Limits(weight=3 * len(FRAME))
    messages = await api.run_through("speak", 9)
    assert "no more than 39 bytes" in messages[-2]["output"]["error"]
    (chunk, _) = [m["output"]["data"] for m in messages if m["msg"] == "process_generating"]
    playlist = await text(api, chunk[0]["url"])
    assert len(names(playlist)) == 2
    assert playlist.endswith("#EXT-X-ENDLIST\n")
    app._provide().media.playlists.limits = Limits(weight=3)
    response = await api.post("/run/speak", {"data": [1]})
    assert response.status_code == 500
    assert "no more than 3 bytes" in (await response.get_json())["error"]


def silent() -> Audio:
    return FRAME


def mixed(pieces: int, held: Annotated[int, State(0)]) -> Iterator[Audio]:
    yield FRAME


@cache
def remembered() -> Iterator[Audio]:
    yield FRAME


@pytest.mark.parametrize(
    ("function", "message"), [(silent, "needs a generator"), (remembered, "@cache")]
)
def test_what_cannot_be_a_media_stream(function: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Server(__name__).api(function)


@pytest.mark.parametrize(
    ("arguments", "options"), [(("text",), {}), ((), {"seconds": 0}), ((), {"seconds": -1})]
)
def test_bad_options_are_named(arguments: Any, options: Any) -> None:
    with pytest.raises(ValueError, match=r"kind|seconds"):
        MediaStream(*arguments, **options)


async def test_component_ids_are_those_of_config(client: Client) -> None:
    app = make(mixed, film, speak)
    config = await (await client(app).http.get("/config")).get_json()
    told = [dependency["outputs"] for dependency in config["dependencies"]]
    assert app._provide().media._ids == told


# --- what is kept --------------------------------------------------------------------------------


def key(run: int, owner: str = "s") -> Any:
    return (owner, str(run), 1)


def test_ended_streams_are_forgotten_the_oldest_first() -> None:
    kept = Playlists(Limits(ended=2))
    for run in range(5):
        kept.open(key(run), "audio")
        kept.add(key(run), "a.aac", Segment(b"1234", 1.0))
    for run in (3, 0, 1, 2):
        kept.end(key(run))
        kept.end(key(run))
    assert [run for run in range(5) if kept.find(key(run))] == [1, 2, 4]
    assert (len(kept), kept.weight) == (3, 12)


def test_running_streams_take_the_room_of_ended_ones() -> None:
    kept = Playlists(Limits(weight=8, total=12))
    for run in range(2):
        kept.open(key(run), "audio")
        kept.add(key(run), "a.aac", Segment(b"123456", 1.0))
        kept.end(key(run))
    kept.open(key(2), "audio")
    kept.add(key(2), "a.aac", Segment(b"1234", 1.0))
    assert [run for run in range(3) if kept.find(key(run))] == [1, 2]
    with pytest.raises(TooMuch, match="no more than 8 bytes"):
        kept.add(key(2), "b.aac", Segment(b"12345", 1.0))
    kept.open(key(3), "audio")
    kept.add(key(3), "a.aac", Segment(b"12345678", 1.0))
    assert [run for run in range(4) if kept.find(key(run))] == [2, 3]
    kept.open(key(4), "audio")
    with pytest.raises(TooMuch, match="together"):
        kept.add(key(4), "a.aac", Segment(b"1", 1.0))
    assert kept.weight == 12


def test_a_stream_has_a_number_of_segments() -> None:
    kept = Playlists(Limits(segments=2))
    kept.open(key(1), "audio")
    for name in ("a", "b"):
        kept.add(key(1), name, Segment(b"", 1.0))
    with pytest.raises(TooMuch, match="no more than 2 segments"):
        kept.add(key(1), "c", Segment(b"", 1.0))


def test_a_dropped_stream_takes_nothing() -> None:
    kept = Playlists()
    for owner in ("s", "t"):
        kept.open(key(1, owner), "audio")
        kept.add(key(1, owner), "a", Segment(b"1", 1.0))
    kept.drop("s")
    kept.add(key(1), "b", Segment(b"2", 1.0))
    kept.end(key(1))
    assert (kept.find(key(1)), len(kept), kept.weight) == (None, 1, 1)


def test_the_longest_segment_is_the_target() -> None:
    playlist = Playlist("audio")
    assert "TARGETDURATION:1\n" in playlist.text()
    playlist.segments = {"a": Segment(b"", 2.2), "b": Segment(b"", 0.5)}
    assert "TARGETDURATION:3\n" in playlist.text()


@pytest.mark.parametrize(
    ("data", "seconds"),
    [
        (FRAME, 1024 / 44100),
        (FRAME * 43, 43 * 1024 / 44100),
        (b"ID3\x04\0\0\0\0\0\x02ab" + FRAME, 1024 / 44100),
        (b"", None),
        (b"ID3\x04\0\0\0\0\0\x02ab", None),
        (FRAME[:-1], None),
        (FRAME + b"x", None),
        (b"\xff\xf1\xff" + FRAME[3:], None),  # no such sampling rate
        (b"\xff\xf1\x50\x40\x00\x1f\xfc", None),  # a frame without a length
        (b"RIFF1234WAVE", None),
    ],
)
def test_how_long_aac_plays(data: bytes, seconds: float | None) -> None:
    found = adts_seconds(data)
    assert found == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(
    ("data", "expected"),
    [(PACKET, True), (PACKET * 3, True), (b"", False), (PACKET + b"\x47", False)],
)
def test_what_is_mpeg_ts(data: bytes, expected: bool) -> None:
    assert is_mpeg_ts(data) is expected
