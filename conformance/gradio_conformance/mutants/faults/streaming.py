"""Faults of streaming input and of media streams."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote_plus

from gradio_conformance.mutants.patching import Patches
from gradio_conformance.mutants.patching import fault
from gradio_reference import bodies
from gradio_reference.brokers.feeds import MemoryFeeds
from gradio_reference.chunks import ChunkedExecution
from gradio_reference.core.feeds import Feed
from gradio_reference.core.model import Event
from gradio_reference.core.playlists import Playlist
from gradio_reference.core.playlists import Playlists
from gradio_reference.core.playlists import Segment
from gradio_reference.endpoint import Endpoint
from gradio_reference.executor import Outcome
from gradio_reference.media import MediaRun
from gradio_reference.runs import Run
from gradio_reference.service import Service
from gradio_reference.worker import Worker

END = "#EXT-X-ENDLIST\n"

# --- chunks --------------------------------------------------------------------------------------


def _puts(patch: Patches, change: Any) -> None:
    """Chunks are what ``change(event, chunk)`` makes of them; None: there is none."""
    original = MemoryFeeds.put

    def put(feeds: MemoryFeeds, event: Event, chunk: Any, weight: int = 0) -> None:
        found = change(event, chunk)
        if found is not None:
            original(feeds, event, found, weight)

    patch(MemoryFeeds, "put", put)


@fault
def chunks_lead_to_nothing(patch: Patches) -> None:
    _puts(patch, lambda event, chunk: None)


@fault
def the_first_data_come_again(patch: Patches) -> None:
    _puts(patch, lambda event, chunk: list(event.payload.data))


@fault
def early_chunks_replace_the_join(patch: Patches) -> None:
    def change(event: Event, chunk: Any) -> Any:
        if event.job is None:
            event.payload = replace(event.payload, data=chunk)
        return chunk

    _puts(patch, change)


@fault
def early_chunks_are_refused(patch: Patches) -> None:
    """Legal: an event that waits takes no chunks yet."""
    original = MemoryFeeds.find

    def find(feeds: MemoryFeeds, event_id: str) -> Event | None:
        event = original(feeds, event_id)
        return None if event is None or event.job is None else event

    patch(MemoryFeeds, "find", find)


@fault
def events_that_have_ended_take_chunks(patch: Patches) -> None:
    original = MemoryFeeds.find
    known: dict[str, Event] = {}

    def find(feeds: MemoryFeeds, event_id: str) -> Event | None:
        event = original(feeds, event_id)
        if event is not None:
            known[event_id] = _Ended(event)
        return event or known.get(event_id)

    patch(MemoryFeeds, "find", find)
    _not_for_ended(patch)


class _Ended(Event):
    """What is left of an event for whoever asks for it later."""

    def __init__(self, event: Event) -> None:
        self.id = event.id
        self.payload = event.payload


def _not_for_ended(patch: Patches) -> None:
    put, close = MemoryFeeds.put, MemoryFeeds.close

    def putting(feeds: MemoryFeeds, event: Event, chunk: Any, weight: int = 0) -> None:
        if not isinstance(event, _Ended):
            put(feeds, event, chunk, weight)

    def closing(feeds: MemoryFeeds, event: Event) -> None:
        if not isinstance(event, _Ended):
            close(feeds, event)

    patch(MemoryFeeds, "put", putting)
    patch(MemoryFeeds, "close", closing)


@fault
def all_events_take_chunks(patch: Patches) -> None:
    original = MemoryFeeds.find

    def find(feeds: MemoryFeeds, event_id: str) -> Event | None:
        live = feeds._scheduler.live(event_id)
        return original(feeds, event_id) or (None if live is None else _Ended(live))

    patch(MemoryFeeds, "find", find)
    _not_for_ended(patch)


@fault
def a_chunk_ends_other_events(patch: Patches) -> None:
    original = MemoryFeeds.find

    def find(feeds: MemoryFeeds, event_id: str) -> Event | None:
        scheduler = feeds._scheduler
        live = scheduler.live(event_id)
        if live is not None and live.feed is None:
            scheduler.cancelled(event_id, live.session, live.fn)
        return original(feeds, event_id)

    patch(MemoryFeeds, "find", find)


@fault
def a_close_is_ignored(patch: Patches) -> None:
    patch(MemoryFeeds, "close", lambda feeds, event: None)


@fault
def a_bad_chunk_ends_the_event(patch: Patches) -> None:
    original = bodies.read_members

    async def read(request: Any, members: Any) -> Any:
        try:
            return await original(request, members)
        except bodies.Rejected:
            event_id = (request.view_args or {}).get("event_id", "")
            for feeds in _FEEDS:
                event = feeds.find(event_id)
                if event is not None:
                    feeds.close(event)
            raise

    _remember_feeds(patch)
    patch(bodies, "read_members", read)


_FEEDS: list[MemoryFeeds] = []


def _remember_feeds(patch: Patches) -> None:
    original = MemoryFeeds.__init__

    def made(feeds: MemoryFeeds, scheduler: Any) -> None:
        original(feeds, scheduler)
        _FEEDS.append(feeds)

    patch(MemoryFeeds, "__init__", made)


@fault
def the_heartbeat_closes_no_input(patch: Patches) -> None:
    patch(Service, "_gone", lambda service, session: None)


# --- time ----------------------------------------------------------------------------------------


@fault
def chunks_stop_the_time(patch: Patches) -> None:
    patch(Feed, "finished", property(lambda feed: feed.closed))
    patch(Feed, "patience", property(lambda feed: 30.0 if feed.limit is None else feed.limit))


@fault
def the_time_limit_is_a_moment(patch: Patches) -> None:
    def finished(feed: Feed) -> bool:
        return feed.closed or (feed.limit is not None and feed.spent >= feed.limit / 10)

    patch(Feed, "finished", property(finished))


@fault
def silence_ends_early(patch: Patches) -> None:
    patch(Feed, "patience", property(lambda feed: 30.0 if feed.limit is None else feed.limit / 2))


@fault
def silence_lasts(patch: Patches) -> None:
    patch(Feed, "patience", property(lambda feed: 3600.0))


# --- runs ----------------------------------------------------------------------------------------


def _chunked_as(patch: Patches, changed: Any) -> None:
    """The calls for chunks are those of what ``changed(call)`` makes of the join's."""
    original = Worker._chunked

    def chunked(
        worker: Worker, endpoint: Endpoint, event: Event, first: Any, prepare: Any
    ) -> ChunkedExecution:
        call = event.payload
        event.payload = changed(call)
        try:
            return original(worker, endpoint, event, first, prepare)
        finally:
            event.payload = call

    patch(Worker, "_chunked", chunked)


@fault
def chunks_have_a_session_of_their_own(patch: Patches) -> None:
    def changed(call: Any) -> Any:
        session = f"chunks of {call.request.session_hash}"
        return replace(call, request=replace(call.request, session_hash=session))

    _chunked_as(patch, changed)


@fault
def chunks_choose_the_session(patch: Patches) -> None:
    members: dict[str, Mapping[str, Any]] = {}
    read, arguments = bodies.read_members, Worker._arguments

    async def reading(request: Any, wanted: Any) -> Any:
        body = await read(request, wanted)
        if "event_id" in (getattr(request, "view_args", None) or {}):
            members["last"] = body
        return body

    def chosen(worker: Worker, endpoint: Endpoint, call: Any) -> list[Any]:
        body = members.get("last")
        if endpoint.streams and body is not None and body["data"] is call.data:
            session = body["session_hash"]
            call = replace(call, request=replace(call.request, session_hash=session))
        return arguments(worker, endpoint, call)

    patch(bodies, "read_members", reading)
    patch(Worker, "_arguments", chosen)


@fault
def failed_chunks_are_forgotten(patch: Patches) -> None:
    original = ChunkedExecution.run

    async def run(execution: ChunkedExecution, emit: Any) -> Outcome:
        told: list[Any] = []

        def telling(values: Any) -> Any:
            told.append(values)
            return emit(values)

        outcome = await original(execution, telling)
        return Outcome(told[-1]) if outcome.error is not None and told else outcome

    patch(ChunkedExecution, "run", run)


# --- playlists -----------------------------------------------------------------------------------


@fault
def segments_are_empty(patch: Patches) -> None:
    original = Playlists.add

    def add(playlists: Playlists, key: Any, name: str, segment: Segment) -> None:
        original(playlists, key, name, replace(segment, data=b""))

    patch(Playlists, "add", add)


def _texts(patch: Patches, change: Callable[[str], str]) -> None:
    original = Playlist.text

    def text(playlist: Playlist, query: str = "") -> str:
        return change(original(playlist, query))

    patch(Playlist, "text", text)


@fault
def playlists_end_at_once(patch: Patches) -> None:
    _texts(patch, lambda text: text.removesuffix(END) + END)


@fault
def playlists_never_end(patch: Patches) -> None:
    _texts(patch, lambda text: text.removesuffix(END))


@fault
def playlists_are_of_no_type(patch: Patches) -> None:
    _texts(patch, lambda text: text.replace("#EXT-X-PLAYLIST-TYPE:EVENT\n", ""))


@fault
def segments_outlast_their_target(patch: Patches) -> None:
    _texts(patch, lambda text: text.replace("#EXTINF:", "#EXTINF:1"))


@fault
def signatures_are_lost(patch: Patches) -> None:
    _texts(patch, lambda text: re.sub(r"\?__sign=.*", "", text))


@fault
def signatures_are_not_encoded(patch: Patches) -> None:
    _texts(patch, unquote_plus)


@fault
def more_tags(patch: Patches) -> None:
    """Legal: who reads playlists ignores tags that they do not know (RFC 8216, section 6.3.1)."""
    tags = "#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-START:"
    _texts(patch, lambda text: text.replace("#EXT-X-START:", tags))


@fault
def playlists_forget(patch: Patches) -> None:
    original = Playlist.text

    def text(playlist: Playlist, query: str = "") -> str:
        last = dict(list(playlist.segments.items())[-1:])
        return original(replace(playlist, segments=last), query)

    patch(Playlist, "text", text)


@fault
def cancels_end_no_playlist(patch: Patches) -> None:
    original = Run.over

    def over(run: Run) -> None:
        if not run.execution.stopped:
            original(run)

    patch(Run, "over", over)


@fault
def failures_end_no_playlist(patch: Patches) -> None:
    original, ends = MediaRun.end, Run.over
    report = Worker._report

    def reported(worker: Worker, job: Any, endpoint: Endpoint, outcome: Outcome) -> None:
        run = worker._runs[job.id]
        if outcome.error is None and run.media is not None:
            original(run.media)
        report(worker, job, endpoint, outcome)

    def over(run: Run) -> None:
        if run.execution.stopped:
            ends(run)

    patch(Worker, "_report", reported)
    patch(Run, "over", over)
