"""Names, access, types and ranges of files: the decisions, with no file in sight."""

from __future__ import annotations

from email.message import Message
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_reference.core.files import LONGEST_NAME
from gradio_reference.core.files import Access
from gradio_reference.core.files import NotSatisfiable
from gradio_reference.core.files import disposition
from gradio_reference.core.files import passive_type
from gradio_reference.core.files import portion
from gradio_reference.core.files import safe_name

# -- names -----------------------------------------------------------------------------------------

any_name = st.text(st.characters(codec="utf-8"), max_size=300)


@given(any_name)
def test_a_name_is_one_harmless_segment(name: str) -> None:
    safe = safe_name(name)
    assert safe.strip(" .")
    assert not set(safe) & set('/\\<>:"|?*\0\x1f\x7f')
    assert len(safe.encode()) <= LONGEST_NAME
    assert not safe.endswith((" ", "."))


@given(any_name)
def test_a_safe_name_stays_as_it_is(name: str) -> None:
    assert safe_name(safe_name(name)) == safe_name(name)


@given(st.lists(any_name, max_size=4), st.from_regex(r"[a-z]{3,9}\.[a-z]{1,5}", fullmatch=True))
def test_directories_of_a_name_do_not_count(folders: list[str], last: str) -> None:
    device = last.partition(".")[0] in ("con", "prn", "aux", "nul")
    assert safe_name("/".join([*folders, last])) == (f"_{last}" if device else last)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\notes.txt", "notes.txt"),
        ("two words.tar.gz", "two words.tar.gz"),
        ("日本語.txt", "日本語.txt"),
        ("<script>.html", "script.html"),
        ("dot.", "dot"),
        (".hidden", ".hidden"),
        ("con.txt", "_con.txt"),
        ("NUL", "_NUL"),
        ("", "file"),
        ("..", "file"),
        (" ", "file"),
        ("a/", "a"),
        ("\ud800.txt", ".txt"),
    ],
)
def test_names(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@pytest.mark.parametrize("letter", ["x", "é", "日", "🎈"])
def test_a_long_name_keeps_its_extension(letter: str) -> None:
    safe = safe_name(letter * 300 + ".jpeg")
    assert safe.endswith(f"{letter}.jpeg")
    assert LONGEST_NAME - 4 < len(safe.encode()) <= LONGEST_NAME


@given(st.from_regex(r"[a-zà-ž0-9 ._-]{1,40}", fullmatch=True))
def test_the_name_in_a_header_is_the_name(name: str) -> None:
    header = disposition(name, inline=True)
    assert header.isascii()
    assert header.startswith("inline; ")
    message = Message()
    message["Content-Disposition"] = header
    assert message.get_filename() == name.strip(" ") or not name.strip(" ") or " " in name


def test_only_what_no_browser_runs_has_a_type() -> None:
    assert passive_type("photo.PNG") == "image/png"
    for name in ("a.html", "a.svg", "a.pdf", "a.js", "a.xml", "a", ".png", "a.png.html"):
        assert passive_type(name) is None


# -- access ----------------------------------------------------------------------------------------

P = PurePosixPath
ACCESS = Access(
    P("/store"), (P("/shared"), P("/one.txt")), (P("/shared/private"), P("/cwd/keys")), (P("/cwd"),)
)
segments = st.sampled_from(["store", "shared", "private", "PRIVATE", "cwd", "keys", ".env", "x"])
paths = st.lists(segments, min_size=1, max_size=4).map(lambda parts: P("/", *parts))


@pytest.mark.parametrize(
    ("path", "serve", "send"),
    [
        ("/store/ab/a.txt", True, True),
        ("/store", False, False),
        ("/store2/a.txt", False, False),
        ("/shared/a.txt", True, True),
        ("/one.txt", True, True),
        ("/one.txt2", False, False),
        ("/shared/private/a.txt", False, False),
        ("/shared/PRIVATE/a.txt", False, False),
        ("/cwd/a.txt", False, True),
        ("/cwd/keys/a.txt", False, False),
        ("/cwd/.env", False, False),
        ("/cwd/.git/config", False, False),
        ("/etc/passwd", False, False),
    ],
)
def test_access(path: str, serve: bool, send: bool) -> None:
    assert ACCESS.may_serve(P(path)) is serve
    assert ACCESS.may_send(P(path)) is send


@given(paths)
def test_what_is_blocked_is_never_given_away(path: PurePosixPath) -> None:
    blocked = any(path.is_relative_to(place) for place in ACCESS.blocked)
    assert not (blocked and (ACCESS.may_serve(path) or ACCESS.may_send(path)))


@given(paths)
def test_what_is_served_may_be_sent_and_has_a_place(path: PurePosixPath) -> None:
    if ACCESS.may_serve(path):
        assert ACCESS.may_send(path)
        assert any(path.is_relative_to(place) for place in (ACCESS.store, *ACCESS.allowed))


# -- ranges ----------------------------------------------------------------------------------------

sizes = st.integers(0, 50)


@given(sizes, sizes, sizes)
def test_a_range_with_both_ends(first: int, last: int, size: int) -> None:
    header = f"bytes={first}-{last}"
    if last < first:
        assert portion(header, size) is None
    elif first >= size:
        with pytest.raises(NotSatisfiable):
            portion(header, size)
    else:
        assert portion(header, size) == (first, min(last + 1, size))


@given(sizes, sizes)
def test_a_range_from_one_end(number: int, size: int) -> None:
    if number < size:
        assert portion(f"bytes={number}-", size) == (number, size)
    if number > 0 and size > 0:
        assert portion(f"bytes=-{number}", size) == (max(0, size - number), size)


@given(st.text(max_size=20) | st.from_regex(r"bytes=[0-9,-]{0,12}", fullmatch=True), sizes)
def test_any_header_gives_a_part_or_the_whole(header: str, size: int) -> None:
    try:
        found = portion(header, size)
    except NotSatisfiable:
        return
    assert found is None or 0 <= found[0] < found[1] <= size


@pytest.mark.parametrize("header", [None, "", "bytes", "bytes=", "bytes=a-b", "items=0-1"])
def test_what_is_not_understood_is_ignored(header: str | None) -> None:
    assert portion(header, 10) is None


def test_several_ranges_are_ignored() -> None:
    assert portion("bytes=0-1,3-4", 10) is None
