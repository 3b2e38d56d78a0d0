"""The trace: bounded, ordered, and its curl lines send through a shell what the suite sent."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from gradio_conformance.timeline import CONTROL_LANE
from gradio_conformance.timeline import KEPT_AT_EACH_END
from gradio_conformance.timeline import KEPT_VIOLATIONS
from gradio_conformance.timeline import LONGEST_ARGUMENT
from gradio_conformance.timeline import NOTE
from gradio_conformance.timeline import RECEIVED
from gradio_conformance.timeline import SENT
from gradio_conformance.timeline import Timeline
from gradio_conformance.timeline import curl_line
from gradio_conformance.timeline import summarise

BOTH_ENDS = 2 * KEPT_AT_EACH_END


def filled(number: int, violation_at: Callable[[int], bool] = lambda _: False) -> Timeline:
    timeline = Timeline()
    for i in range(number):
        broken = "SSE-001" if violation_at(i) else None
        timeline.add(RECEIVED, "s", f"message {i}", violation=broken)
    return timeline


def test_entries_keep_their_order_and_time() -> None:
    entries = filled(3).entries
    assert [e.summary for e in entries] == ["message 0", "message 1", "message 2"]
    assert [e.at_ms for e in entries] == sorted(e.at_ms for e in entries)
    assert entries[0].at_ms >= 0


def test_all_members_of_an_entry_are_kept() -> None:
    timeline = Timeline()
    added = timeline.add(
        SENT, "s", "x", event_id="e", state="open", payload={"a": 1}, curl="curl x", violation="V"
    )
    assert timeline.entries == (added,)
    assert (added.direction, added.lane, added.payload) == (SENT, "s", {"a": 1})
    assert (added.event_id, added.state, added.curl, added.violation) == (
        "e",
        "open",
        "curl x",
        "V",
    )


def test_up_to_the_bound_everything_is_kept() -> None:
    timeline = filled(BOTH_ENDS)
    assert len(timeline.entries) == BOTH_ENDS
    assert timeline.dropped == 0


def test_a_flood_keeps_its_beginning_and_its_end() -> None:
    timeline = filled(BOTH_ENDS + 500)
    entries = timeline.entries
    assert timeline.dropped == 500
    assert len(entries) == BOTH_ENDS + 1
    assert entries[0].summary == "message 0"
    assert entries[-1].summary == f"message {BOTH_ENDS + 499}"
    gap = entries[KEPT_AT_EACH_END]
    assert (gap.direction, gap.summary) == (NOTE, "(500 entries left out)")


def test_a_flood_of_violations_is_bounded_too() -> None:
    timeline = filled(BOTH_ENDS + 500, lambda i: i > KEPT_AT_EACH_END)
    assert len(timeline.entries) == BOTH_ENDS + KEPT_VIOLATIONS + 1
    kept = [e.summary for e in timeline.entries if e.violation]
    assert kept[0] == f"message {KEPT_AT_EACH_END + 1}"
    assert timeline.dropped == 500 - KEPT_VIOLATIONS


def test_threads_may_write_at_once() -> None:
    timeline = Timeline()

    def write() -> None:
        for i in range(200):
            timeline.add(SENT, "s", str(i))

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times = [e.at_ms for e in timeline.entries]
    assert len(times) == 800
    assert times == sorted(times)


def test_the_newest_request_is_remembered_through_a_flood() -> None:
    timeline = filled(KEPT_AT_EACH_END)
    assert timeline.last_curl() is None
    timeline.add(SENT, "s", "x", curl="curl first")
    timeline.add(SENT, "s", "x", curl="curl last")
    for _ in range(BOTH_ENDS):
        timeline.add(RECEIVED, "s", "x")
    timeline.add(SENT, CONTROL_LANE, "x", curl="curl the suite's own gate")
    assert timeline.last_curl() == "curl last"


# -- curl lines ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sent:
    """What a shell made of a line: curl's arguments, and what was piped into it."""

    arguments: list[str]
    piped: bytes

    def values(self, option: str) -> list[str]:
        pairs = zip(self.arguments, self.arguments[1:], strict=False)
        return [value for name, value in pairs if name == option]

    @property
    def url(self) -> str:
        return self.arguments[-1]

    @property
    def body(self) -> bytes | None:
        if self.values("--data-binary") == ["@-"]:
            return self.piped
        raw = self.values("--data-raw")
        return raw[0].encode() if raw else None


FAKE = """#!{python}
import json, sys
piped = sys.stdin.buffer.read().hex() if "@-" in sys.argv else ""
print(json.dumps([sys.argv[1:], piped]))
"""


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Sent]:
    """Run a line in sh, with a curl on the PATH that tells what it was given."""
    folder = tmp_path_factory.mktemp("bin")
    fake = folder / "curl"
    fake.write_text(FAKE.format(python=sys.executable), "utf-8")
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)

    def run(line: str) -> Sent:
        environment = {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "PYTHONUTF8": "1"}
        command = ["/bin/sh", "-c", line]
        done = subprocess.run(command, capture_output=True, check=True, env=environment)
        arguments, piped = json.loads(done.stdout)
        return Sent(arguments, bytes.fromhex(piped))

    return run


URL = "http://127.0.0.1:7860/gradio_api/queue/join"
JSON = {"content-type": "application/json"}
Shell = Callable[[str], Sent]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'{"data": ["it\'s \\"quoted\\" $HOME `id` !x %s \\\\n"]}',
        b"@/etc/passwd",
        b"-d",
        "naïve 日本語 🙂".encode(),
        b"line\nline\r\n",
        b'{"data": ["\xff\xfe"]}',
        b"nul\0byte 100% \\ 'q'",
    ],
)
def test_the_body_reaches_curl_byte_by_byte(shell: Shell, body: bytes) -> None:
    sent = shell(curl_line("POST", URL, JSON, body))
    assert sent.body == body
    assert sent.url == URL
    assert sent.values("-H") == ["content-type: application/json"]
    assert "-X" not in sent.arguments


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40))
def test_any_text_reaches_curl(shell: Shell, text: str) -> None:
    sent = shell(curl_line("POST", f"{URL}?x=1&y=2", {**JSON, "x-own": "a b"}, text.encode()))
    assert sent.body == text.encode()
    assert sent.values("-H") == ["content-type: application/json", "x-own: a b"]
    assert sent.url == f"{URL}?x=1&y=2"


@pytest.mark.parametrize(
    ("method", "body", "option"),
    [
        ("GET", None, []),
        ("POST", b"x", []),
        ("POST", None, ["POST"]),
        ("GET", b"x", ["GET"]),
        ("DELETE", None, ["DELETE"]),
        ("OPTIONS", None, ["OPTIONS"]),
    ],
)
def test_the_method_is_said_where_curl_would_choose_another(
    shell: Shell, method: str, body: bytes | None, option: list[str]
) -> None:
    assert shell(curl_line(method, URL, JSON, body)).values("-X") == option


def test_a_head_request_does_not_wait_for_a_body(shell: Shell) -> None:
    sent = shell(curl_line("HEAD", URL, {}, None))
    assert "--head" in sent.arguments
    assert "-X" not in sent.arguments


def test_curl_adds_no_content_type_of_its_own(shell: Shell) -> None:
    assert shell(curl_line("POST", URL, {}, b"x")).values("-H") == ["content-type:"]
    assert shell(curl_line("POST", URL, {"Content-Type": "a/b"}, b"x")).values("-H") == [
        "Content-Type: a/b"
    ]
    assert shell(curl_line("GET", URL, {}, None)).values("-H") == []


def test_an_empty_header_is_sent_and_not_taken_away(shell: Shell) -> None:
    assert shell(curl_line("GET", URL, {"x-empty": ""}, None)).values("-H") == ["x-empty;"]


def test_a_stream_is_not_buffered_and_brackets_are_no_pattern() -> None:
    line = curl_line("GET", "http://[::1]:7860/x{a,b}", {}, None, stream=True)
    assert line.startswith("curl -sN --globoff ")
    assert curl_line("GET", URL, {}, None) == f"curl -si {URL}"


def test_a_long_body_is_left_to_the_reader(shell: Shell) -> None:
    long_text = b"x" * (LONGEST_ARGUMENT + 1)
    line = curl_line("POST", URL, JSON, long_text)
    assert len(line) < 300
    assert line.endswith(f"# pipe the body in: {len(long_text)} bytes")
    assert shell(f"printf abc | {line}").body == b"abc"
    assert "pipe the body in" in curl_line("POST", URL, JSON, b"\0" * LONGEST_ARGUMENT)
    assert shell(curl_line("POST", URL, JSON, b"x" * LONGEST_ARGUMENT)).body is not None


def test_a_password_is_not_shown() -> None:
    line = curl_line("GET", "http://me:s3cret@host:1/config", {}, None)
    assert "s3cret" not in line
    assert line.endswith("'http://me:***@host:1/config'")


# -- messages -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ({"msg": "heartbeat", "event_id": None}, "heartbeat"),
        (
            {"msg": "estimation", "rank": 1, "queue_size": 2, "rank_eta": None},
            "estimation rank=1 queue_size=2 rank_eta=null",
        ),
        ({"msg": "log", "level": "info", "log": "日本"}, 'log level="info" log="日本"'),
        (
            {"msg": "process_completed", "success": True, "output": {"data": [1], "x": 2}},
            "process_completed success=true output=[1]",
        ),
        ({"msg": "process_generating", "output": "odd"}, 'process_generating output="odd"'),
        ({"msg": "process_generating", "output": {}}, "process_generating output={}"),
        ({"msg": "teleported"}, "teleported"),
        ({}, "None"),
        ({"msg": ["not", "text"]}, "['not', 'text']"),
    ],
)
def test_a_message_is_told_in_a_line(message: dict[str, object], line: str) -> None:
    assert summarise(message) == line


def test_a_long_value_is_cut() -> None:
    line = summarise({"msg": "log", "level": "x" * 500, "log": ""})
    assert len(line) < 100
    assert "…" in line
