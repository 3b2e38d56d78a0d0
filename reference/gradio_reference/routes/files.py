"""Profile files: upload and its progress, and the files that may be fetched."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import AsyncIterator
from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any
from typing import cast

from quart import Blueprint
from quart import Request as HttpRequest
from quart import Response
from quart import request
from quart.wrappers.response import FileBody
from werkzeug.routing import BaseConverter
from werkzeug.sansio.http import is_resource_modified

from gradio_reference.bodies import Rejected
from gradio_reference.bodies import problem
from gradio_reference.core.files import NotSatisfiable
from gradio_reference.core.files import disposition
from gradio_reference.core.files import passive_type
from gradio_reference.core.files import portion
from gradio_reference.routes import streams
from gradio_reference.routes.answers import get_only
from gradio_reference.routes.answers import json_answer
from gradio_reference.routes.answers import session_key
from gradio_reference.routes.answers import stream_answer
from gradio_reference.service import API_PREFIX
from gradio_reference.service import Service
from gradio_reference.store import FileNotAllowed
from gradio_reference.uploads import BadUpload
from gradio_reference.uploads import FileTooLarge
from gradio_reference.uploads import Progress
from gradio_reference.uploads import Receiver

Provider = Callable[[], Service]

STALLED_S = 60.0  # an upload that sends nothing for so long is given up
UNKNOWN_S = 1.5  # how long a reader waits for the upload of its id to begin (FILE-047)
# A refused client reads the answer only after it has sent everything; so much is read for it.
MAX_DRAINED = 64 * 1024 * 1024
PIECE = 256 * 1024
UNKNOWN_TYPE = "application/octet-stream"


class RestConverter(BaseConverter):
    """The rest of the path as it is, slashes at its beginning and line ends included."""

    regex = "(?s:.*)"
    part_isolating = False


class UploadRequest(HttpRequest):
    """A request whose body may be of any size if it is an upload: that is streamed to files."""

    def __init__(self, method: str, scheme: str, path: str, *args: Any, **options: Any) -> None:
        if path.rstrip("/") == f"{API_PREFIX}/upload":
            options["max_content_length"] = None
        super().__init__(method, scheme, path, *args, **options)


def blueprint(provide: Provider) -> Blueprint:
    routes = Blueprint("gradio_files", __name__)
    _uploads(routes, provide)

    async def serve(path: str) -> Response:
        return await _serve(provide(), path)

    for rule in ("/file=<rest:path>", "/file/<rest:path>"):  # FILE-002, FILE-034
        routes.add_url_rule(rule, view_func=serve, methods=["GET"], merge_slashes=False)
    return routes


# --- uploads -------------------------------------------------------------------------------------


def _uploads(routes: Blueprint, provide: Provider) -> None:
    @routes.post("/upload", strict_slashes=False)
    async def upload() -> Response:
        service = provide()
        upload_id = request.args.get("upload_id")
        if upload_id is None:
            return json_answer(await _receive(service, Progress()))
        upload_id = session_key(upload_id)  # nobody watches what another user uploads
        progress = await service.uploads.begin(upload_id)
        try:
            paths = await _receive(service, progress)
        except BaseException:
            service.uploads.end(upload_id, progress, "failed")
            raise
        service.uploads.end(upload_id, progress, "done")
        return json_answer(paths)

    @routes.get("/upload_progress", strict_slashes=False)
    async def upload_progress() -> Response:
        get_only()
        service = provide()
        upload_id = request.args.get("upload_id")
        if upload_id is None:  # FILE-048
            loc: list[str | int] = ["query", "upload_id"]
            raise Rejected(422, [problem("missing", loc, "this parameter is required")])
        progress = await service.uploads.find(session_key(upload_id), UNKNOWN_S)
        if progress is None:
            raise Rejected(404, "Upload not found.")
        return stream_answer(_progress(progress, service))


async def _receive(service: Service, progress: Progress) -> list[str]:
    if request.mimetype != "multipart/form-data":
        # FILE-007
        raise Rejected(400, "The Content-Type must be multipart/form-data.")
    limit = service.settings.max_file_size
    body = cast(AsyncIterator[bytes], request.body)
    try:
        boundary = request.mimetype_params.get("boundary", "")
        receiver = Receiver(service.files, boundary, limit, progress)
        return await receiver.take(body, STALLED_S)
    except BadUpload as error:
        await _drain(body)
        raise Rejected(400, str(error)) from None
    except FileTooLarge:
        await _drain(body)
        raise Rejected(413, f"A file is larger than {limit} bytes.") from None  # FILE-008
    except TimeoutError:
        raise Rejected(408, f"Nothing came for {STALLED_S:g} s.") from None


async def _drain(body: AsyncIterator[bytes]) -> None:
    left = MAX_DRAINED
    try:
        async with asyncio.timeout(STALLED_S):
            async for data in body:
                left -= len(data)
                if left < 0:
                    return
    except TimeoutError:
        return


async def _progress(progress: Progress, service: Service) -> AsyncIterator[bytes]:
    """What has come since the last message, for each file; then ``done``, if it went well."""
    told: list[int] = []
    changed = asyncio.Event()
    progress.readers.add(changed)
    pace = streams.Pace(service.settings.heartbeat)
    try:
        while not service.closed.is_set():
            await asyncio.sleep(0)
            state = progress.state
            ready = [streams.session_event(message) for message in _updates(progress, told)]
            if state == "done":
                ready.append(streams.session_event({"msg": "done"}))
            elif pace.due() and state == "running":
                ready.append(streams.session_event({"msg": "heartbeat"}))
            if ready:
                yield b"".join(ready)
            if state != "running":
                return  # FILE-049: after a failure without done
            try:
                await asyncio.wait_for(changed.wait(), pace.left())
            except TimeoutError:
                continue
            changed.clear()
    finally:
        progress.readers.discard(changed)


def _updates(progress: Progress, told: list[int]) -> list[dict[str, Any]]:
    """One update per file that has grown; ``told`` are the bytes that were reported before."""
    told += [0] * (len(progress.files) - len(told))
    messages = []
    for place, (name, size) in enumerate(progress.files):
        if size > told[place]:
            grown, told[place] = size - told[place], size
            messages.append({"msg": "update", "orig_name": name, "chunk_size": grown})
    return messages


# --- serving -------------------------------------------------------------------------------------


async def _serve(service: Service, path: str) -> Response:
    try:
        found, own = service.files.find(path)
        stat = found.stat()
    except (FileNotAllowed, OSError):
        raise Rejected(403, "File not allowed.") from None  # FILE-015, FILE-016
    etag = f"{stat.st_mtime_ns:x}-{stat.st_size:x}"
    modified = datetime.fromtimestamp(int(stat.st_mtime), UTC)
    headers = request.headers
    response = Response(b"")
    _describe(response, found, own)
    response.set_etag(etag)
    response.last_modified = modified
    fresh = not is_resource_modified(
        http_if_modified_since=headers.get("If-Modified-Since"),
        http_if_none_match=headers.get("If-None-Match"),
        etag=f'"{etag}"',
        last_modified=modified,
    )
    if fresh:
        response.status_code = 304  # FILE-032
        del response.content_length
        return response
    if _range_counts(etag, modified):
        try:
            wanted = portion(headers.get("Range"), stat.st_size)
        except NotSatisfiable:
            return _not_satisfiable(stat.st_size)
    else:
        wanted = None
    begin, end = wanted or (0, stat.st_size)
    if wanted is not None:
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {begin}-{end - 1}/{stat.st_size}"
    body = FileBody(found, buffer_size=PIECE)
    body.begin, body.end = begin, end
    response.response = body
    response.content_length = end - begin
    response.timeout = None  # a slow reader of a large file takes its time
    return response


def _describe(response: Response, found: Path, own: bool) -> None:
    """Type and disposition: the app's own files as they are, all others only if no browser runs
    anything in them (FILE-023, FILE-024, FILE-025).
    """
    kind = passive_type(found.name)
    if own and kind is None:
        kind = mimetypes.guess_type(found.name)[0] or UNKNOWN_TYPE
    response.mimetype = kind or UNKNOWN_TYPE
    response.headers["Content-Disposition"] = disposition(found.name, inline=kind is not None)
    response.headers["X-Content-Type-Options"] = "nosniff"  # FILE-033
    response.headers["Accept-Ranges"] = "bytes"  # FILE-031
    response.headers["Cache-Control"] = "private, no-cache"


def _range_counts(etag: str, modified: datetime) -> bool:
    """Is Range to be obeyed? Not for HEAD, nor if If-Range names another version of the file."""
    if request.method != "GET":
        return False
    condition = request.headers.get("If-Range")
    if not condition:
        return True
    known = request.if_range
    return known.etag == etag if known.etag is not None else known.date == modified


def _not_satisfiable(size: int) -> Response:
    answer = json_answer({"detail": "The range begins behind the end of the file."}, 416)
    answer.headers["Content-Range"] = f"bytes */{size}"  # FILE-028
    return answer
