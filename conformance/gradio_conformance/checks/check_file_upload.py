"""Uploads: what is taken, what it is called, what is refused."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gradio_conformance.answers import read_config
from gradio_conformance.binding import check
from gradio_conformance.faults import CouldNotRun
from gradio_conformance.faults import require
from gradio_conformance.faults import require_equal
from gradio_conformance.probe import Probe
from gradio_conformance.uploads import BOUNDARY
from gradio_conformance.uploads import FORM_TYPE
from gradio_conformance.uploads import Part
from gradio_conformance.uploads import file_route
from gradio_conformance.uploads import get_file
from gradio_conformance.uploads import last_segment
from gradio_conformance.uploads import paths_of
from gradio_conformance.uploads import post_form
from gradio_conformance.uploads import upload
from gradio_conformance.uploads import upload_one
from gradio_conformance.wire import Reply

EVERY_BYTE = bytes(range(256))
# What a parser that looks for the boundary may take for one, and text at its edges.
DELICATE = (
    *(b"", b"\r\n", b"--", b"\r\n--", EVERY_BYTE, b"x" * 300_000, EVERY_BYTE * 800),
    *(f"\r\n--{BOUNDARY[:-1]}".encode(), f"x--{BOUNDARY}--x".encode(), b"\n\n--\r\n\r\n"),
)
ORDINARY = (
    *("a.txt", "notes.tar.gz", "no-extension", "two words.txt", "under_score.PNG", "x.y.z"),
    *("naïve.txt", "日本語.txt", "Ελλάδα 2024.csv", "имя.json", "0.txt"),
)
# What clients have sent to leave the folder, and what is left of it at the least.
NASTY = (
    ("../../etc/passwd", "passwd"),
    ("/etc/shadow", "shadow"),
    ("a/../b.txt", "b.txt"),
    ("./c.txt", "c.txt"),
    ("..\\..\\windows\\win.ini", "ini"),
    ("tab\tbell\x07.txt", ".txt"),
    ("del\x7f.txt", ".txt"),
)
NAMELESS = ("", ".", "..", "../..", "...", " ", "/", "//")
LONG = ("x" * 300 + ".txt", "日" * 120 + ".png", "é" * 200 + ".jpeg")
LONGEST = 255  # bytes; what file systems allow


@check("FILE-001")
def check_paths_come_in_the_order_of_the_parts(probe: Probe) -> None:
    """An upload answers one path per part named files, in order; other parts do not count."""
    contents = [b"one", b"two", b"three"]
    parts = [Part(c, f"{c.decode()}.txt") for c in contents]
    mixed = [Part(b"x", None, "note"), parts[0], Part(b"y", "y.txt", "other"), *parts[1:]]
    for sent, wanted in (([parts[0]], contents[:1]), (parts, contents), (mixed, contents)):
        paths = paths_of(probe, post_form(probe, *sent))
        require_equal(len(paths), len(wanted), "FILE-001", "number of paths")
        found = [get_file(probe, path).content.decode() for path in paths]
        require_equal(found, [c.decode() for c in wanted], "FILE-001", "contents, in order")


@check("FILE-002")
def check_uploads_come_back_as_they_were(probe: Probe) -> None:
    """Every path that an upload returned serves its bytes, however its slashes are written."""
    paths = upload(probe, *(Part(content, "b.bin") for content in DELICATE))
    for path, content in zip(paths, DELICATE, strict=True):
        for safe in ("/", ""):
            require_content(probe.request("GET", file_route(path, safe)), content)


def require_content(reply: Reply, content: bytes) -> None:
    """Demand 200 with these bytes and their number."""
    reply.require_status("FILE-002", 200)
    good = reply.content == content
    require(good, "FILE-002", f"the {len(content)} bytes of the upload", reply.describe())
    length = reply.headers.get("content-length")
    require_equal(length, str(len(content)), "FILE-002", "Content-Length")


PIECES = st.sampled_from([b"\r\n", b"--", BOUNDARY.encode(), b"\n", b"\0", b"text"]) | st.binary()
CONTENTS = (
    st.lists(PIECES, max_size=4)
    .map(b"".join)
    .filter(lambda content: f"\r\n--{BOUNDARY}".encode() not in b"\r\n" + content)
)


@check("FILE-001", "FILE-002")
@given(contents=st.lists(CONTENTS, min_size=1, max_size=3))
def check_any_content_comes_back(probe: Probe, contents: list[bytes]) -> None:
    """Whatever bytes are uploaded, one file or several, they are served as they were."""
    paths = upload(probe, *(Part(content, "b.bin") for content in contents))
    for path, content in zip(paths, contents, strict=True):
        require_content(get_file(probe, path), content)


@check("FILE-003")
def check_names_stay_inside_their_folder(probe: Probe) -> None:
    """Of a name with directories and control characters only a harmless last segment is left."""
    for name, end in NASTY:
        path = upload_one(probe, b"x", name)
        require_harmless(path)
        left = last_segment(path)
        require(left.endswith(end), "FILE-003", f"a name that ends in {end!r}", path)


def require_harmless(path: str) -> None:
    segments = path.replace("\\", "/").split("/")
    require(not {".", ".."} & set(segments), "FILE-003", "no dot segments", path)
    name = last_segment(path)
    bad = [c for c in name if ord(c) < 32 or ord(c) == 127 or c == "\\"]
    require(not bad, "FILE-003", "no control characters and backslashes", path)


@check("FILE-003")
@given(name=st.text(st.characters(codec="utf-8"), max_size=40))
def check_any_name_becomes_harmless(probe: Probe, name: str) -> None:
    """Whatever an upload is called, it is refused, or stored under a harmless name."""
    if not probe.timeline.entries:
        upload_one(probe, b"x")  # who refuses everything is not careful
    reply = post_form(probe, Part(b"x", "".join(c for c in name if c not in "\r\n")))
    if 400 <= reply.status < 500:
        return
    for path in paths_of(probe, reply, "FILE-003"):
        require_harmless(path)


@check("FILE-004")
def check_ordinary_names_are_kept(probe: Probe) -> None:
    """Names of letters and digits of any script, spaces, dots, hyphens and underscores are kept."""
    for name in ORDINARY:
        path = upload_one(probe, b"x", name)
        require_equal(last_segment(path), name, "FILE-004", "the last segment of the path")


@check("FILE-005")
def check_names_of_nothing_do_no_harm(probe: Probe) -> None:
    """A name that is empty, or dots, spaces and separators, is refused or replaced."""
    upload_one(probe, b"x")
    for name in NAMELESS:
        for content in (b"", b"x"):
            reply = post_form(probe, Part(content, name))
            expected = f"200 or a 4xx for the name {name!r}"
            good = reply.status == 200 or 400 <= reply.status < 500
            require(good, "FILE-005", expected, reply.describe())
            for path in paths_of(probe, reply, "FILE-005") if reply.status == 200 else []:
                chosen = last_segment(path).strip(". ")
                require(chosen != "", "FILE-005", "a name that the server chose", path)


@check("FILE-006")
def check_fields_are_no_files(probe: Probe) -> None:
    """A plain field named files is left out or refused."""
    upload_one(probe, b"x")
    file = Part(b"x", "a.txt")
    for parts in ([Part(b"x", None)], [file, Part(b"y", None)]):
        reply = post_form(probe, *parts)
        if reply.status == 200:
            files = [part for part in parts if part.filename is not None]
            paths = paths_of(probe, reply, "FILE-006")
            require_equal(len(paths), len(files), "FILE-006", "number of paths")
        else:
            refused = 400 <= reply.status < 500
            require(refused, "FILE-006", "200 or a 4xx for a plain field", reply.describe())


@check("FILE-007")
def check_other_bodies_are_refused(probe: Probe) -> None:
    """A body that is no multipart form is answered 400."""
    upload_one(probe, b"x")
    bodies: tuple[tuple[bytes, dict[str, str]], ...] = (
        (b'{"files": []}', {"content-type": "application/json"}),
        (b"files=x", {"content-type": "application/x-www-form-urlencoded"}),
        (b"x", {"content-type": "text/plain"}),
        (b"x", {}),
        (Part(b"x").encoded(), {"content-type": "multipart/form-data"}),
        (b"no boundary here", FORM_TYPE),
    )
    for content, headers in bodies:
        reply = probe.request("POST", "/upload", content=content, headers=headers)
        reply.require_status("FILE-007", 400)


def limit_of(probe: Probe) -> int:
    """The limit that the testbed says it has."""
    limit = (probe.target.settings or {}).get("max_file_size")
    if not isinstance(limit, int):
        raise CouldNotRun(f"settings tell no max_file_size of the second server: {limit!r}")
    return limit


@check("FILE-008", needs=("settings",), server="second")
def check_files_up_to_the_limit_are_taken(probe: Probe) -> None:
    """A file of max_file_size bytes is taken, one of a byte more is refused with 413."""
    limit = limit_of(probe)
    for size in (limit - 1, limit):
        upload(probe, Part(b"x" * size), clause="FILE-008")
    for size in (limit + 1, 20 * limit):
        post_form(probe, Part(b"x" * size)).require_status("FILE-008", 413)
    many = [Part(b"x" * limit, f"{n}.txt") for n in range(3)]
    upload(probe, *many, clause="FILE-008")  # the limit is one of each file


@check("FILE-009", needs=("settings",), server="second")
def check_one_file_too_large_fails_them_all(probe: Probe) -> None:
    """A request with a file above the limit is refused, wherever that file stands."""
    limit = limit_of(probe)
    small = [Part(b"small", f"{n}.txt") for n in range(2)]
    upload(probe, *small, clause="FILE-009")
    large = Part(b"x" * (limit + 1), "large.txt")
    for parts in ([large, *small], [small[0], large, small[1]], [*small, large]):
        post_form(probe, *parts).require_status("FILE-009", 413)


@check("FILE-010", needs=("settings",))
def check_config_tells_that_there_is_no_limit(probe: Probe) -> None:
    """Without a limit, max_file_size in /config is null."""
    _require_limit(probe)


@check("FILE-010", needs=("settings",), server="second")
def check_config_tells_the_limit(probe: Probe) -> None:
    """max_file_size in /config is the limit that uploads are held to."""
    limit_of(probe)
    _require_limit(probe)


def _require_limit(probe: Probe) -> None:
    wanted = (probe.target.settings or {}).get("max_file_size")
    told = read_config(probe, "FILE-010").get("max_file_size", "absent")
    require_equal(told, wanted, "FILE-010", "max_file_size")


@check("FILE-011")
def check_no_file_gives_no_path(probe: Probe) -> None:
    """An upload without parts, or with parts of other names, answers an empty array."""
    upload_one(probe, b"x")
    other = [Part(b"x", None, "note"), Part(b"y", "y.txt", "other")]
    for parts in ([], other[:1], other):
        paths = paths_of(probe, post_form(probe, *parts), "FILE-011")
        require_equal(paths, [], "FILE-011", "the paths")


@check("FILE-012")
def check_long_names_are_shortened_or_refused(probe: Probe) -> None:
    """A name of more than 255 bytes is refused, or shortened before its extension."""
    upload_one(probe, b"x")
    for name in LONG:
        reply = post_form(probe, Part(b"x", name))
        if 400 <= reply.status < 500:
            continue
        path = paths_of(probe, reply, "FILE-012")[0]
        left = last_segment(path)
        size = len(left.encode())
        require(size <= LONGEST, "FILE-012", f"at most {LONGEST} bytes", f"{size}: {left}")
        extension = name[name.index(".") :]
        require(left.endswith(extension), "FILE-012", f"the extension {extension}", left)
        require_content(get_file(probe, path), b"x")


@check("FILE-013")
def check_the_same_file_has_the_same_path(probe: Probe) -> None:
    """The same content under the same name is one file."""
    first, again = (upload_one(probe, b"the same", "same.txt") for _ in range(2))
    require_equal(again, first, "FILE-013", "the path of the second upload")


@check("FILE-014")
def check_different_files_have_different_paths(probe: Probe) -> None:
    """Files that differ in content or in name have paths of their own, in one request too."""
    parts = [Part(b"one", "n.txt"), Part(b"two", "n.txt"), Part(b"one", "m.txt")]
    together = upload(probe, *parts, clause="FILE-014")
    apart = [upload(probe, part, clause="FILE-014")[0] for part in parts]
    for paths in (together, apart):
        require(len(set(paths)) == len(parts), "FILE-014", "three different paths", paths)
        for path, part in zip(paths, parts, strict=True):
            found = get_file(probe, path).content
            good = found == part.content
            require(good, "FILE-014", part.content.decode(), found.decode("utf-8", "replace"))
