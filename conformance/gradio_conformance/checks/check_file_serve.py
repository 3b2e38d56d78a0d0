"""Files that are fetched: which ones, how they are described, and in parts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from email.message import Message
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from typing import Any

from gradio_conformance.answers import json_object
from gradio_conformance.binding import check
from gradio_conformance.faults import CouldNotRun
from gradio_conformance.faults import NotApplicable
from gradio_conformance.faults import require
from gradio_conformance.faults import require_equal
from gradio_conformance.probe import Probe
from gradio_conformance.uploads import file_route
from gradio_conformance.uploads import folder_of
from gradio_conformance.uploads import get_file
from gradio_conformance.uploads import upload_one
from gradio_conformance.wire import Reply

REFUSED = (403, 404)
CONTENT = bytes(range(256)) * 3 + b"the end of a file"
SIZE = len(CONTENT)
FOREIGN = (
    *("/etc/passwd", "/etc/hostname", "/proc/self/environ", "C:\\Windows\\win.ini", "/"),
    *("etc/passwd", "app.py", ".env", "../app.py", "nothing", ""),
)
CLIMBS = ("%2e%2e/", "..%2f", "%2e%2e%2f", "..%5c", "%252e%252e%252f")
SCHEMES = (
    *("file:///etc/passwd", "file:/etc/passwd", "ftp://127.0.0.1/x", "data:text/plain,x"),
    *("javascript:alert(1)", "//127.0.0.1/x", "\\\\127.0.0.1\\x", "gopher://127.0.0.1/"),
)
PRIVATE = (
    *("http://10.0.0.1/", "https://192.168.0.1/x", "http://169.254.169.254/latest/meta-data/"),
    *("http://[::1]/", "http://0.0.0.0/", "https://127.0.0.1/"),
)
ACTIVE = {
    "page.html": "text/html",
    "page.HTM": "text/html",
    "page.xhtml": "application/xhtml+xml",
    "drawing.svg": "image/svg+xml",
    "data.xml": "text/xml",
    "paper.pdf": "application/pdf",
    "script.js": "text/javascript",
    "unknown.zzz": "",
    "without": "",
}
PASSIVE = {
    "photo.jpg": "image/jpeg",
    "photo.jpeg": "image/jpeg",
    "drawing.PNG": "image/png",
    "film.gif": "image/gif",
    "photo.webp": "image/webp",
    "song.mp3": "audio/mpeg",
    "sound.wav": "audio/wav",
    "sound.ogg": "audio/ogg",
    "film.mp4": "video/mp4",
    "film.webm": "video/webm",
    "notes.txt": "text/plain",
    "data.json": "application/json",
}
OTHER_WORDS = {"audio/wav": ("audio/x-wav", "audio/vnd.wave")}  # one type, several names
RANGES = (
    ("bytes=0-0", 0, 1),
    ("bytes=0-99", 0, 100),
    ("bytes=100-255", 100, 256),
    ("bytes=700-", 700, SIZE),
    ("bytes=-7", SIZE - 7, SIZE),
    ("bytes=700-99999", 700, SIZE),
    ("bytes=-99999", 0, SIZE),
)
BEHIND = (f"bytes={SIZE}-", f"bytes={SIZE}-{SIZE + 5}", "bytes=99999-")
ODD = ("bytes=9-2", "bytes=2-1", "bytes=a-b", "bytes=", "bytes", "items=0-1")
SEVERAL = ("bytes=0-9,20-29", "bytes=0-0,-1", "bytes=0-1,1-2,2-3")
PERSONAL = {
    "cookie": "session=made-up-7",
    "authorization": "Bearer made-up-8",
    "x-made-up": "made-up-9",
    "accept": "made/up",
}
# What a hop may write anew for each response.
OF_THE_HOP = ("date", "connection", "keep-alive")


def require_refused(reply: Reply, clause: str) -> None:
    """Demand 403 or 404."""
    reply.require_status(clause, *REFUSED)


@check("FILE-015")
def check_other_paths_are_refused(probe: Probe) -> None:
    """A path that this server did not give out is 403 or 404 with detail."""
    path = upload_one(probe, b"mine")
    get_file(probe, path).require_status("FILE-002", 200)
    beside = (f"{folder_of(path)}/nothing.txt", f"{path}x", f"{path}/x", path.lstrip("/\\"))
    for other in (*FOREIGN, *beside):
        reply = get_file(probe, other)
        require_refused(reply, "FILE-015")
        require("detail" in json_object(reply, "FILE-015"), "FILE-015", "detail", reply.describe())


def places(probe: Probe) -> Mapping[str, Any]:
    """The paths that ``file_places`` tells."""
    body = probe.run("file_places").require_status("RUN-001", 200).json("RUN-001")
    found = body["data"][0] if isinstance(body, dict) and body.get("data") else None
    if not isinstance(found, dict) or not isinstance(found.get("allowed"), str):
        raise CouldNotRun(f"file_places told no paths: {found!r}")
    return found


@check("FILE-016", needs=("file_places",))
def check_nobody_learns_what_is_there(probe: Probe) -> None:
    """Outside, a file and no file are refused with the same status."""
    told = places(probe)
    statuses = []
    for name in ("outside", "nothing"):
        reply = get_file(probe, told[name])
        require_refused(reply, "FILE-015")
        statuses.append(reply.status)
    require_equal(statuses[1], statuses[0], "FILE-016", "the status where there is no file")


@check("FILE-017")
def check_dots_lead_nowhere(probe: Probe) -> None:
    """Encoded dot segments and NUL bytes behind a good path reach nothing."""
    path = upload_one(probe, b"mine")
    folder = file_route(folder_of(path))
    routes = [f"{folder}/{climb * 12}etc/passwd" for climb in CLIMBS]
    routes += [f"/file={climb * 12}etc/passwd" for climb in CLIMBS]
    routes += [f"{file_route(path)}%00", f"{file_route(path)}%00.png", "/file=/etc/passwd%00.txt"]
    for route in routes:
        require_refused(probe.request("GET", route), "FILE-017")


@check("FILE-017", needs=("file_places",))
def check_dots_lead_to_no_file_outside(probe: Probe) -> None:
    """Encoded dot segments from the folder that is served reach no file beside it."""
    told = places(probe)
    start, outside = file_route(told["folder"]), file_route(told["outside"])
    down = outside.removeprefix(start.rpartition("/")[0] + "/")
    probe.request("GET", file_route(told["allowed"])).require_status("FILE-019", 200)
    for climb in ("%2e%2e/", "..%2f", "%2e%2e%2f"):
        require_refused(probe.request("GET", f"{start}/{climb}{down}"), "FILE-017")


@check("FILE-018")
def check_directories_are_refused(probe: Probe) -> None:
    """The folders above an upload are 403 or 404, with and without a slash."""
    folder = folder_of(upload_one(probe, b"mine"))
    while folder.strip("/\\"):
        for path in (folder, f"{folder}/"):
            require_refused(get_file(probe, path), "FILE-018")
        folder = folder_of(folder)


@check("FILE-019", needs=("file_places",))
def check_blocking_wins(probe: Probe) -> None:
    """What the app's author serves is served, but not what is blocked inside."""
    told = places(probe)
    reply = get_file(probe, told["allowed"]).require_status("FILE-019", 200)
    require_equal(reply.text, "allowed", "FILE-019", "the file that is served")
    require_refused(get_file(probe, told["blocked"]), "FILE-019")


@check("FILE-020", needs=("file_places",))
def check_links_lead_nowhere(probe: Probe) -> None:
    """A symbolic link to a file outside of what is served is 403 or 404."""
    told = places(probe)
    if told.get("link") is None:
        raise NotApplicable("the server's system has no symbolic links")
    get_file(probe, told["allowed"]).require_status("FILE-019", 200)
    require_refused(get_file(probe, told["link"]), "FILE-020")


@check("FILE-021")
def check_other_schemes_are_refused(probe: Probe) -> None:
    """URLs of other schemes and network paths are 403 or 404."""
    get_file(probe, upload_one(probe, b"mine")).require_status("FILE-002", 200)
    for path in SCHEMES:
        require_refused(get_file(probe, path), "FILE-021")


@contextmanager
def listener() -> Iterator[tuple[int, list[str]]]:
    """A web server of the suite's own: its port, and the paths that were asked of it."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("content-length", "6")
            self.end_headers()
            self.wfile.write(b"secret")

        do_HEAD = do_GET  # noqa: N815 - the name is http.server's

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], asked
    finally:
        server.shutdown()
        server.server_close()


@check("FILE-022")
def check_its_own_network_is_not_fetched(probe: Probe) -> None:
    """http URLs of loopback, private and link-local hosts are refused, and not asked."""
    get_file(probe, upload_one(probe, b"mine")).require_status("FILE-002", 200)
    with listener() as (port, asked):
        hosts = (f"127.0.0.1:{port}", f"localhost:{port}", f"127.1:{port}", f"[::1]:{port}")
        for url in (*(f"http://{host}/x" for host in hosts), *PRIVATE):
            require_refused(get_file(probe, url), "FILE-022")
        require_equal(asked, [], "FILE-022", "what was asked of the listener")


def disposition(reply: Reply) -> Message:
    message = Message()
    message["Content-Disposition"] = reply.headers.get("content-disposition", "")
    return message


def media_type(reply: Reply) -> str:
    text = str(reply.headers.get("content-type", ""))
    return text.partition(";")[0].strip().lower()


@check("FILE-023")
def check_what_browsers_run_is_an_attachment(probe: Probe) -> None:
    """HTML, SVG, PDF and the like, and unknown types, are attachments of another type."""
    for name, own in ACTIVE.items():
        reply = get_file(probe, upload_one(probe, b"<b>x</b>", name))
        reply.require_status("FILE-023", 200)
        how = disposition(reply).get_content_disposition()
        require_equal(how, "attachment", "FILE-023", f"disposition of {name}")
        kind = media_type(reply)
        runs = kind in {*ACTIVE.values(), "application/xml", "application/javascript"} - {""}
        require(not runs and kind != own, "FILE-023", f"another type for {name}", kind)


@check("FILE-024")
def check_media_are_shown_in_place(probe: Probe) -> None:
    """Pictures, sound, video, plain text and JSON are inline, with their type."""
    for name, kind in PASSIVE.items():
        reply = get_file(probe, upload_one(probe, b"x", name)).require_status("FILE-024", 200)
        how = disposition(reply).get_content_disposition()
        require_equal(how, "inline", "FILE-024", f"disposition of {name}")
        found = media_type(reply)
        good = found == kind or found in OTHER_WORDS.get(kind, ())
        require(good, "FILE-024", f"the type {kind} of {name}", found)


@check("FILE-025")
def check_files_are_called_by_their_names(probe: Probe) -> None:
    """Content-Disposition has the name: in filename, or in filename* where ASCII is not enough."""
    for name in ("plain-name_1.txt", "page.html", "archive.tar.gz", "naïve.txt", "日本語.html"):
        reply = get_file(probe, upload_one(probe, b"x", name)).require_status("FILE-025", 200)
        header = str(reply.headers.get("content-disposition", ""))
        require_equal(disposition(reply).get_filename(), name, "FILE-025", f"name in {header}")
        extended = "filename*=" in header.lower().replace(" ", "")
        plain = "filename=" in header.lower().replace(" ", "")
        good = plain if name.isascii() else extended
        form = "filename" if name.isascii() else "filename*"
        require(good and header.isascii(), "FILE-025", f"{form} for {name}", header)


@check("FILE-026")
def check_head_is_get_without_a_body(probe: Probe) -> None:
    """HEAD of a file has the status and the headers of GET, and no body."""
    for name, content in (("a.txt", CONTENT), ("page.html", b"<b>x</b>"), ("empty.txt", b"")):
        path = upload_one(probe, content, name)
        full, head = (get_file(probe, path, method) for method in ("GET", "HEAD"))
        full.require_status("FILE-026", 200)
        head.require_status("FILE-026", 200)
        require(head.content == b"", "FILE-026", "no body", head.describe())
        told, wanted = _lasting(head), _lasting(full)
        require_equal(told, wanted, "FILE-026", "headers of HEAD")


def _lasting(reply: Reply) -> dict[str, str]:
    return {name: value for name, value in reply.headers.items() if name not in OF_THE_HOP}


def ask_range(probe: Probe, path: str, value: str) -> Reply:
    return get_file(probe, path, headers={"range": value})


@check("FILE-027", strain=2)
def check_ranges_are_exact(probe: Probe) -> None:
    """One range is 206 with these bytes, Content-Length and Content-Range."""
    path = upload_one(probe, CONTENT)
    for value, begin, end in RANGES:
        reply = ask_range(probe, path, value).require_status("FILE-027", 206)
        good = reply.content == CONTENT[begin:end]
        require(good, "FILE-027", f"bytes {begin} to {end - 1} for {value}", reply.describe())
        where = reply.headers.get("content-range")
        wanted = f"bytes {begin}-{end - 1}/{SIZE}"
        require_equal(where, wanted, "FILE-027", f"Content-Range for {value}")
        length = reply.headers.get("content-length")
        require_equal(length, str(end - begin), "FILE-027", f"Content-Length for {value}")


@check("FILE-028")
def check_ranges_behind_the_end_are_refused(probe: Probe) -> None:
    """A range behind the end is 416 with the length."""
    path = upload_one(probe, CONTENT)
    ask_range(probe, path, "bytes=0-3").require_status("FILE-027", 206)
    for value in BEHIND:
        reply = ask_range(probe, path, value).require_status("FILE-028", 416)
        where = reply.headers.get("content-range")
        require_equal(where, f"bytes */{SIZE}", "FILE-028", f"Content-Range for {value}")


def _require_sound(reply: Reply, value: str, *, several: bool) -> None:
    parts = several and reply.status == 206 and media_type(reply) == "multipart/byteranges"
    whole = reply.status == 200 and reply.content == CONTENT
    good = whole or parts or 400 <= reply.status < 500
    expected = f"the whole file or a refusal for {value}"
    require(good, "FILE-029", expected, f"{reply.describe()} ({len(reply.content)} bytes)")


@check("FILE-029")
def check_odd_ranges_bring_all_or_nothing(probe: Probe) -> None:
    """A Range header that makes no sense is ignored or refused."""
    path = upload_one(probe, CONTENT)
    for value in ODD:
        _require_sound(ask_range(probe, path, value), value, several=False)


@check("FILE-029")
def check_several_ranges_do_no_harm(probe: Probe) -> None:
    """Several ranges are answered with the whole file, with parts of it, or refused."""
    path = upload_one(probe, CONTENT)
    for value in SEVERAL:
        _require_sound(ask_range(probe, path, value), value, several=True)


@check("FILE-030")
def check_requests_are_not_repeated(probe: Probe) -> None:
    """No answer, full, partial or refused, has header fields of its request."""
    path = upload_one(probe, CONTENT)
    for extra in ({}, {"range": "bytes=0-9"}, {"range": "bytes=5-"}, {"range": "bytes=99999-"}):
        reply = get_file(probe, path, headers={**PERSONAL, **extra})
        repeated = [
            name
            for name, value in reply.headers.items()
            if name in (*PERSONAL, "range", "user-agent", "host") or "made-up" in value
        ]
        require(not repeated, "FILE-030", "no header fields of the request", repeated)


@check("FILE-031")
def check_full_and_partial_answers_can_be_resumed(probe: Probe) -> None:
    """200 and 206 have Accept-Ranges and the same ETag."""
    path = upload_one(probe, CONTENT)
    full = get_file(probe, path).require_status("FILE-031", 200)
    etag = full.headers.get("etag", "")
    require(etag != "", "FILE-031", "an ETag", dict(full.headers))
    answers = [ask_range(probe, path, value) for value in ("bytes=0-9", "bytes=5-", "bytes=-3")]
    for reply in (full, *answers):
        accepts = reply.headers.get("accept-ranges")
        require_equal(accepts, "bytes", "FILE-031", f"Accept-Ranges with {reply.status}")
        require_equal(reply.headers.get("etag"), etag, "FILE-031", f"ETag with {reply.status}")


@check("FILE-032")
def check_what_the_client_has_is_not_sent_again(probe: Probe) -> None:
    """If-None-Match with the ETag is 304, with another one 200."""
    path = upload_one(probe, CONTENT)
    etag = get_file(probe, path).headers.get("etag", "")
    require(etag != "", "FILE-032", "an ETag", "none")
    for value in (etag, f'"other", {etag}', "*"):
        reply = get_file(probe, path, headers={"if-none-match": value})
        reply.require_status("FILE-032", 304)
        require(reply.content == b"", "FILE-032", "no body", reply.describe())
    reply = get_file(probe, path, headers={"if-none-match": '"other"'})
    require(reply.content == CONTENT, "FILE-032", "the file for another ETag", reply.describe())


@check("FILE-033")
def check_browsers_are_told_not_to_guess(probe: Probe) -> None:
    """Files have X-Content-Type-Options nosniff."""
    for name in ("notes.txt", "page.html", "photo.png"):
        reply = get_file(probe, upload_one(probe, b"<b>x</b>", name))
        told = reply.headers.get("x-content-type-options")
        require_equal(told, "nosniff", "FILE-033", f"X-Content-Type-Options of {name}")


@check("FILE-034")
def check_the_older_name_is_the_same(probe: Probe) -> None:
    """file/{path} answers as file={path}, for a file and for a refusal."""
    path = upload_one(probe, CONTENT)
    for asked in (path, "/etc/passwd"):
        new = get_file(probe, asked)
        old = probe.request("GET", file_route(asked).replace("/file=", "/file/", 1))
        require_equal(old.status, new.status, "FILE-034", f"the status for {asked}")
        same = old.content == new.content
        require(same, "FILE-034", "the same body", old.describe())
