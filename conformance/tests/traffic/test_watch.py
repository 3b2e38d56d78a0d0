"""``watch`` and ``judge`` as they are used: the commands, and the inspector's pages and exports."""

from __future__ import annotations

import html
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from gradio_conformance.cli import main
from gradio_conformance.ports import free_port
from gradio_conformance.traffic.har import har_of
from gradio_conformance.traffic.recording import Recording
from gradio_conformance.traffic.recording import parse_recording
from gradio_conformance.traffic.recording import read_recording
from gradio_conformance.traffic.recording import write_recording
from gradio_conformance.traffic.verdict import judge_recording
from gradio_conformance.traffic.watch import Watch
from gradio_spec import sse
from gradio_spec.loader import load_spec
from gradio_spec.schemas import Schemas

from .talk import HASH
from .talk import PREFIX
from .talk import Talk
from .talk import config
from .talk import info
from .talk import lifecycle

SPEC = load_spec()
LONG_S = 30.0
CLOSE = {"msg": "close_stream", "event_id": None}
SECRET = "33fpVOD5BVBdytZzmQqyag"
Serve = Any


def serve_app(peer: Any) -> None:
    """As much of a server as one call needs."""
    route = peer.line.split(" ")[1]
    if "queue/data" in route:
        peer.begin()
        for message in [*lifecycle(), CLOSE]:
            peer.chunks(f"data: {json.dumps(message)}\n\n".encode())
        peer.finish()
        return
    answers: dict[str, Any] = {
        "/config": config(),
        f"{PREFIX}/info": info(),
        f"{PREFIX}/queue/join": {"event_id": "e1"},
        f"{PREFIX}/token": {"token": SECRET, "user": "ann"},
    }
    status = "200 OK" if route in answers else "404 Not Found"
    body = json.dumps(answers.get(route, {"detail": "Not Found"})).encode()
    peer.answer(body, status, "application/json")


@pytest.fixture
def watching(raw_server: Serve, tmp_path: Path) -> Iterator[Watch]:
    record = tmp_path / "traffic.jsonl"
    with Watch(raw_server(serve_app).url, SPEC, record=record) as watch:
        yield watch


def call(watch: Watch, session: str = HASH) -> None:
    """One call, from the join to the end of its stream."""
    with httpx.Client(trust_env=False, timeout=LONG_S, base_url=watch.proxy.url) as client:
        body = {"data": ["x"], "fn_index": 3, "session_hash": session}
        assert client.post(f"{PREFIX}/queue/join", json=body).status_code == 200
        client.get(f"{PREFIX}/queue/data", params={"session_hash": session})
        client.get(f"{PREFIX}/token", headers={"cookie": f"access-token-x={SECRET}"})


def inspect(watch: Watch, path: str = "", **options: Any) -> httpx.Response:
    assert watch.inspector_url is not None
    with httpx.Client(trust_env=False, timeout=LONG_S) as client:
        return client.get(watch.inspector_url + path, **options)


def told(watch: Watch, until: str) -> list[dict[str, Any]]:
    """The updates of the inspector's stream, up to one of this kind."""
    decoder = sse.Decoder()
    found: list[dict[str, Any]] = []
    assert watch.inspector_url is not None
    with (
        httpx.Client(trust_env=False, timeout=LONG_S) as client,
        client.stream("GET", f"{watch.inspector_url}events") as response,
    ):
        assert response.headers["content-type"] == "text/event-stream"
        for piece in response.iter_bytes():
            for event in decoder.feed(piece):
                if event.event == "reset":
                    found.clear()
                    continue
                found.append(json.loads(event.data))
                if found[-1]["kind"] == until:
                    return found
    raise AssertionError("the stream has ended")


def test_the_inspector_tells_what_passes(watching: Watch) -> None:
    call(watching, "short")
    updates = told(watching, "offence")
    first = updates[0]
    assert (first["operation"], first["session"]) == ("POST /queue/join", "short")
    assert first["curl"].startswith("curl -si")
    assert watching.proxy.url in first["curl"]
    offence = updates[-1]
    assert (offence["side"], offence["clause"], offence["level"]) == (
        "client",
        "CLIENT-003",
        "MUST",
    )
    assert offence["text"] == SPEC.client["CLIENT-003"].text
    assert list(offence["bugs"]) == ["fixed-session-hash"]


def test_messages_come_with_their_state(watching: Watch) -> None:
    call(watching)
    updates = [json.loads(text) for _, text in watching.store.since(0)[1]]
    states = [u["state"] for u in updates if u["kind"] == "message"]
    assert states == ["waiting", "running", "completed", "closed"]
    joined = next(u for u in updates if u["kind"] == "over")
    assert joined["event_id"] == "e1"


def test_a_reader_goes_on_where_it_was(watching: Watch) -> None:
    call(watching)
    last = watching.store.since(0)[1][-1][0]
    assert watching.store.since(last) == (False, [])
    assert [n for n, _ in watching.store.since(last - 2)[1]] == [last - 1, last]


def test_exports_are_recordings_without_secrets(watching: Watch) -> None:
    call(watching)
    lines = inspect(watching, "export.jsonl").text
    har = inspect(watching, "export.har").text
    page = inspect(watching, "").text
    updates = "".join(text for _, text in watching.store.since(0)[1])
    for text in (lines, har, page, updates):
        assert SECRET not in text
    recording = parse_recording(lines.splitlines())
    assert recording.redacted
    assert judge_recording(SPEC, recording, sides=("client",)).exit_code == 0
    assert len(json.loads(har)["log"]["entries"]) == 3
    with_secrets = watching.store.recording(with_secrets=True)
    assert any(SECRET in str(o) for o in with_secrets.observations)


def test_what_is_written_is_what_was_seen(raw_server: Serve, tmp_path: Path) -> None:
    path = tmp_path / "traffic.jsonl"
    with Watch(raw_server(serve_app).url, SPEC, record=path, inspector_port=None) as watch:
        assert watch.inspector_url is None
        call(watch)
    seen = watch.store.recording()
    found = read_recording(path)
    assert found.is_complete
    assert found.redacted
    assert SECRET not in path.read_text()
    assert len(found.observations) == len(seen.observations)


def test_the_page_is_whole_and_closed(watching: Watch) -> None:
    answer = inspect(watching)
    assert answer.headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "default-src 'none'" in html.unescape(answer.text)
    assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//", answer.text)
    assert inspect(watching, "diagram.json").json() == {"svg": "", "events": {}}
    call(watching)
    found = inspect(watching, "diagram.json", params={"session": HASH}).json()
    assert found["svg"].startswith("<svg")
    assert found["events"] == {"e1": "e1"}


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "", "localhost.evil"])
def test_no_web_page_reads_it_by_another_name(watching: Watch, host: str) -> None:
    assert inspect(watching, "export.jsonl", headers={"host": host}).status_code == 421


def test_other_paths_and_methods(watching: Watch) -> None:
    assert inspect(watching, "nothing").status_code == 404
    assert watching.inspector_url is not None
    root = watching.inspector_url.removesuffix("__inspector__/")
    with httpx.Client(trust_env=False) as client:
        assert client.get(root).headers["location"] == "/__inspector__/"
        assert client.post(root).status_code == 405


# -- the commands ----------------------------------------------------------------------------------


def saved(talk: Talk, path: Path, **members: Any) -> Path:
    with path.open("w") as file:
        write_recording(Recording(tuple(talk.observations), **members), file)
    return path


def conforming() -> Talk:
    talk = Talk()
    talk.join()
    stream = talk.open()
    talk.say(stream, *lifecycle(), CLOSE)
    talk.end(stream)
    return talk


def run(*arguments: object) -> Any:
    return CliRunner().invoke(main, ["judge", *map(str, arguments)])


def test_judge_says_conformant(tmp_path: Path) -> None:
    result = run(saved(conforming(), tmp_path / "a.jsonl"))
    assert result.exit_code == 0, result.output
    assert "CONFORMANT" in result.output


def test_judge_says_what_is_broken(tmp_path: Path) -> None:
    talk = conforming()
    talk.heartbeat("e1")
    path = saved(talk, tmp_path / "a.jsonl")
    result = run(path, "--report", "jsonl,html", "--report-dir", tmp_path / "out")
    assert result.exit_code == 1
    for text in ("CLIENT-022", "folk-heartbeat", SPEC.client["CLIENT-022"].text, "exchange 3"):
        assert text in result.output
    assert run(path, "--side", "server").exit_code == 0
    assert run(path, "--fail-on", "never").exit_code == 0
    text = (tmp_path / "out/judgement.jsonl").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    schema = Path(sys.modules["gradio_conformance.traffic"].__path__[0]) / "judgement.schema.json"
    schemas = Schemas({"judgement": json.loads(schema.read_text())})
    assert [wrong for line in lines for wrong in schemas.check("judgement", line)] == []
    assert [line["kind"] for line in lines][:: len(lines) - 1] == ["header", "footer"]
    assert "CLIENT-022" in (tmp_path / "out/traffic.html").read_text()


def test_judge_reads_har(tmp_path: Path) -> None:
    path = tmp_path / "a.har"
    path.write_text(json.dumps(har_of(Recording(tuple(conforming().observations)))))
    assert run(path).exit_code == 0


@pytest.mark.parametrize(
    ("name", "text", "code", "told"),
    [
        ("a.jsonl", "", 2, "line 1"),
        ("a.jsonl", '{"kind": "header"}', 2, "line 1: header: 'format' is a required property"),
        ("a.har", "[]", 2, "log.entries: no array"),
        ("a.har", '{"log": {"entries": []}}', 3, "no request of the protocol"),
        ("a.jsonl.gz", "no gzip", 2, "no gzip"),
    ],
)
def test_judge_refuses_what_is_no_traffic(
    tmp_path: Path, name: str, text: str, code: int, told: str
) -> None:
    path = tmp_path / name
    path.write_text(text)
    result = run(path)
    assert (result.exit_code, told in result.output) == (code, True), result.output


def test_judge_is_inconclusive_without_evidence(tmp_path: Path) -> None:
    assert run(saved(Talk(), tmp_path / "a.jsonl")).exit_code == 3
    assert run(saved(conforming(), tmp_path / "b.jsonl", is_complete=False)).exit_code == 3


@pytest.mark.parametrize(
    "options", [["--report", "pdf"], ["--known-failing", "no-such"], ["--side", "both", "--x"]]
)
def test_judge_refuses_wrong_options(tmp_path: Path, options: list[str]) -> None:
    assert run(saved(conforming(), tmp_path / "a.jsonl"), *options).exit_code == 2


@pytest.mark.parametrize(
    "options",
    [
        ["--upstream", "localhost:1"],
        ["--upstream", "http://127.0.0.1:1", "--listen", "here"],
        ["--upstream", "http://127.0.0.1:1", "--listen", "127.0.0.1:99999"],
    ],
)
def test_watch_refuses_what_is_no_address(options: list[str]) -> None:
    assert CliRunner().invoke(main, ["watch", *options]).exit_code == 2


def test_watch_from_its_beginning_to_its_end(raw_server: Serve, tmp_path: Path) -> None:
    port, record = free_port(), tmp_path / "traffic.jsonl"
    command = [sys.executable, "-m", "gradio_conformance", "watch", "--no-inspector"]
    command += ["--upstream", raw_server(serve_app).url, "--listen", f"127.0.0.1:{port}"]
    with subprocess.Popen(
        [*command, "--record", str(record)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline()]
        while "Ctrl-C" not in lines[-1] and lines[-1]:
            lines.append(process.stdout.readline())
        with httpx.Client(trust_env=False, timeout=LONG_S) as client:
            url = f"http://127.0.0.1:{port}"
            client.post(f"{url}/queue/join", json={})
        process.send_signal(signal.SIGTERM)
        rest = process.stdout.read()
        assert process.wait(LONG_S) == 1
    assert "CLIENT-001" in rest
    assert "stale-prefix" in rest
    assert "1 exchange, broken clauses: 1 by the client" in rest
    assert read_recording(record).is_complete
