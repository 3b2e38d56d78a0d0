"""Media streams: a playlist that grows while a generator yields."""

from __future__ import annotations

import time
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs
from urllib.parse import unquote

from gradio_conformance.binding import check
from gradio_conformance.faults import NonConformance
from gradio_conformance.faults import require
from gradio_conformance.faults import require_equal
from gradio_conformance.faults import show
from gradio_conformance.probe import Gate
from gradio_conformance.probe import Probe
from gradio_conformance.session import Event

SERVER = "media"
NEEDS = ("media_steps", "release")
POLL_S = 0.05
PLAYLIST_TYPE = "application/vnd.apple.mpegurl"
TYPES = {"aac": "audio/aac", "ts": "video/mp2t"}
END = "#EXT-X-ENDLIST"
MANY = 1000  # pieces: more than anybody waits for


@dataclass(frozen=True, slots=True)
class Playlist:
    """``segments``: seconds and URI of each, in order."""

    tags: dict[str, str]
    segments: tuple[tuple[float, str], ...]
    ended: bool


def parse(text: str, clause: str) -> Playlist:
    """A playlist of RFC 8216, as far as clients of this protocol need it."""
    lines = [line for line in text.split("\n") if line]
    if not lines or lines[0] != "#EXTM3U":
        raise NonConformance(clause, "a playlist that begins with #EXTM3U", show(text))
    tags: dict[str, str] = {}
    segments: list[tuple[float, str]] = []
    seconds: float | None = None
    for line in lines[1:]:
        name, _, value = line.partition(":")
        if name == "#EXTINF":
            seconds = _seconds(value.partition(",")[0], clause)
        elif line.startswith("#"):
            tags[name] = value
        elif seconds is None:
            raise NonConformance(clause, "an #EXTINF before each segment", show(text))
        else:
            segments.append((seconds, line))
            seconds = None
    return Playlist(tags, tuple(segments), END in lines)


def _seconds(text: str, clause: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise NonConformance(clause, "seconds in #EXTINF", text) from None


class Run:
    """A run of ``media_steps`` whose stream is read: its event, its gate and its file."""

    def __init__(self, probe: Probe, event: Event, gate: Gate, file: dict[str, Any]) -> None:
        self.probe = probe
        self.event = event
        self.gate = gate
        self.file = file
        self.url = url_of(probe, file)

    @property
    def folder(self) -> str:
        return self.url.rpartition("/")[0]

    def playlist(self, clause: str) -> Playlist:
        reply = self.probe.root_request("GET", self.url).require_status(clause, 200)
        return parse(reply.text, clause)

    def finish(self, clause: str) -> None:
        self.gate.release(10)
        self.event.result(clause=clause)


@contextmanager
def steps(probe: Probe, pieces: int, clause: str = "STREAM-010") -> Iterator[Run]:
    """``media_steps``, held after its first piece."""
    session, gate = probe.session(), probe.gate()
    event = session.join("media_steps", [gate.key, pieces], clause=clause)
    session.open()
    message = event.until("process_generating", clause=clause)
    yield Run(probe, event, gate, require_file(message["output"]["data"], clause))


def require_file(values: Sequence[Any], clause: str) -> dict[str, Any]:
    """Demand one output, a FileData that is a stream."""
    file = values[0] if len(values) == 1 else None
    good = isinstance(file, dict) and file.get("is_stream") is True
    if not isinstance(file, dict) or not good:
        raise NonConformance(clause, "one FileData with is_stream true", show(values))
    return file


def url_of(probe: Probe, file: dict[str, Any]) -> str:
    """What to ask the server for, below the address under which it was reached."""
    root = str(probe.target.config.get("root", "")).rstrip("/")
    start = f"{root}{probe.target.prefix}/stream/"
    url = str(file.get("url"))
    good = url.startswith(start) and unquote(url.removeprefix(start)) == file.get("path")
    require(good, "STREAM-010", f"{start} and the path {file.get('path')!r}", url)
    return url.removeprefix(root)


@check("STREAM-010", needs=NEEDS, server=SERVER)
def check_each_piece_is_the_same_playlist(probe: Probe) -> None:
    """In chunks and result stands one FileData that says where the playlist is."""
    with steps(probe, 3) as run:
        run.finish("STREAM-010")
        chunks = [m["output"]["data"] for m in run.event.of_kind("process_generating")]
        require_equal(chunks[1:], [[[]], [[]]], "STREAM-010", "no edits of the FileData")
        result = run.event.result(clause="STREAM-010")
        require_equal(result, [run.file], "STREAM-010", "the FileData of the first chunk")


@check("STREAM-011", needs=NEEDS, server=SERVER)
def check_the_url_is_a_playlist(probe: Probe) -> None:
    """The url brings an event playlist, which nobody may keep."""
    with steps(probe, 2) as run:
        reply = probe.root_request("GET", run.url).require_status("STREAM-011", 200)
        media_type = reply.headers.get("content-type", "").partition(";")[0].strip()
        require_equal(media_type, PLAYLIST_TYPE, "STREAM-011", "Content-Type")
        kept = "no-store" in reply.headers.get("cache-control", "")
        require(kept, "STREAM-011", "Cache-Control with no-store", dict(reply.headers))
        found = parse(reply.text, "STREAM-011")
        kind = found.tags.get("#EXT-X-PLAYLIST-TYPE")
        require_equal(kind, "EVENT", "STREAM-011", "EXT-X-PLAYLIST-TYPE")
        target = found.tags.get("#EXT-X-TARGETDURATION", "")
        require(target.isdecimal(), "STREAM-011", "whole seconds in EXT-X-TARGETDURATION", target)
        require(bool(found.segments), "STREAM-011", "a segment after the first piece", reply.text)
        for seconds, _ in found.segments:
            fits = seconds > 0 and round(seconds) <= int(target)
            require(fits, "STREAM-011", f"a length of more than 0 and at most {target}", seconds)


@check("STREAM-012", needs=NEEDS, server=SERVER)
def check_segments_can_be_fetched(probe: Probe) -> None:
    """Every segment is there, relative to the playlist, with the type of its extension."""
    with steps(probe, 2) as run:
        run.finish("STREAM-012")
        segments = run.playlist("STREAM-012").segments
        require(bool(segments), "STREAM-012", "segments", segments)
        for _, uri in segments:
            require("/" not in uri, "STREAM-012", "a segment beside its playlist", uri)
            reply = probe.root_request("GET", f"{run.folder}/{uri}")
            reply.require_status("STREAM-012", 200)
            wanted = TYPES.get(uri.partition("?")[0].rpartition(".")[2], "(none)")
            media_type = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
            require_equal(media_type, wanted, "STREAM-012", f"the type of {uri}")
            require(bool(reply.content), "STREAM-012", "a segment with content", reply.describe())


@check("STREAM-013", needs=NEEDS, server=SERVER)
def check_what_is_not_there_is_not_found(probe: Probe) -> None:
    """Unknown streams and segments are 404, segments of another kind 400."""
    with steps(probe, 1) as run:
        run.finish("STREAM-013")
        above, name = run.folder.rpartition("/")[0], run.url.rpartition("/")[2]
        for path, status in (
            (f"{run.folder}/nothing.aac", 404),
            (f"{run.folder}/nothing.ts", 404),
            (f"{run.folder}/nothing.exe", 400),
            (f"{above}/987654/{name}", 404),
            (f"{probe.target.prefix}/stream/nobody/nothing/1/{name}", 404),
            (f"{probe.target.prefix}/stream/nobody/nothing/1/nothing.aac", 404),
        ):
            probe.root_request("GET", path).require_status("STREAM-013", status)


@check("STREAM-014", needs=NEEDS, server=SERVER)
def check_signatures_are_handed_on(probe: Probe) -> None:
    """The parameter __sign of a playlist stands in the URIs of its segments."""
    with steps(probe, 1) as run:
        run.finish("STREAM-014")
        reply = probe.root_request("GET", f"{run.url}?__sign=a%20b%26c%3Dd")
        reply.require_status("STREAM-014", 200)
        private = "private" in reply.headers.get("cache-control", "")
        require(private, "STREAM-014", "Cache-Control with private", dict(reply.headers))
        segments = parse(reply.text, "STREAM-014").segments
        require(bool(segments), "STREAM-014", "segments", reply.text)
        for _, uri in segments:
            query = parse_qs(uri.partition("?")[2])
            require_equal(query, {"__sign": ["a b&c=d"]}, "STREAM-014", "the query of a segment")
            probe.root_request("GET", f"{run.folder}/{uri}").require_status("STREAM-014", 200)
        plain = run.playlist("STREAM-014")
        bare = [uri for _, uri in plain.segments if "?" in uri]
        require_equal(bare, [], "STREAM-014", "no query without a signature")


@check("STREAM-018", needs=(*NEEDS, "media_fail_after"), server=SERVER)
def check_a_playlist_grows_until_its_run_is_over(probe: Probe) -> None:
    """Segments are added at the end, and the end is told when the run has ended, however."""
    with steps(probe, 3) as run:
        before = run.playlist("STREAM-018")
        require(not before.ended, "STREAM-018", f"no {END} while the run goes on", before)
        run.gate.release(1)
        run.event.until("process_generating", clause="STREAM-018", nth=2)
        between = run.playlist("STREAM-018")
        require(not between.ended, "STREAM-018", f"no {END} while the run goes on", between)
        _require_grown(before, between)
        run.finish("STREAM-018")
        _require_grown(between, _until_ended(run))
        more = len(run.playlist("STREAM-018").segments) > len(before.segments)
        require(more, "STREAM-018", "more segments than after the first piece", before)
    with steps(probe, MANY) as run:
        _cancel(run)
        _until_ended(run)
    failed = probe.session().run("media_fail_after", [1], clause="STREAM-018")
    file = require_file(failed.of_kind("process_generating")[0]["output"]["data"], "STREAM-018")
    require_equal(failed.completed().get("success"), False, "EVT-015", "success")
    _until_ended(Run(probe, failed, run.gate, file))


def _cancel(run: Run) -> None:
    """Cancel the run. Some servers do so when its step has ended, and it has many."""
    run.event.cancel_in_background()
    deadline = time.monotonic() + run.probe.patience_s
    while not run.event.is_completed and time.monotonic() < deadline:
        run.gate.release(1)
        with run.probe.changed:
            run.probe.changed.wait_for(lambda: run.event.is_completed, POLL_S)
    run.event.completed(clause="STREAM-018", within=0)


def _require_grown(before: Playlist, after: Playlist) -> None:
    start = after.segments[: len(before.segments)]
    require(start == before.segments, "STREAM-018", f"first {before.segments}", start)


def _until_ended(run: Run) -> Playlist:
    found: list[Playlist] = []

    def ended() -> bool:
        found.append(run.playlist("STREAM-018"))
        return found[-1].ended

    run.probe.wait(
        ended, "STREAM-018", f"{END} after the end of the run", lambda: found[-1], poll_s=POLL_S
    )
    return found[-1]
