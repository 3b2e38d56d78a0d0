"""A mock that is served: what its callers see, with faults and without."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterable
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from typing import TypeVar

import httpx
import pytest

from gradio_conformance.process import running

GOLDEN = Path(__file__).parent / "golden"
LONG_S = 60.0
MOCK = [sys.executable, "-m", "gradio_conformance", "mock"]
PLAN = {
    "defaults": {"stream": {"chunks": 4, "interval": 0}},
    "endpoints": {
        "/textbox": {
            "stream": False,
            "values": [["one"], ["two"]],
            "progress": {"steps": 2, "desc": "Thinking"},
            "logs": [{"level": "warning", "message": "careful"}],
        },
        "/number": {"stream": False, "error": {"message": "no number", "title": "Sorry"}},
        "/slider": {"stream": {"values": [[1], [2], [3]], "interval": 0}},
        "/image": {"stream": False},
        "/label": {"stream": False, "concurrency": None},
    },
}
Stream = list[tuple[str, Any]]
T = TypeVar("T")


class Caller:
    """Speaks to one mock."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.api = f"{url}/gradio_api"
        self.http = httpx.Client(timeout=LONG_S)

    def call(self, name: str, *data: Any, fault: str | None = None) -> httpx.Response:
        headers = {} if fault is None else {"x-mock-fault": fault}
        body = {"data": list(data)}
        return self.http.post(f"{self.api}/call/{name}", json=body, headers=headers)

    def results(self, name: str, event: str) -> Stream:
        with self.http.stream("GET", f"{self.api}/call/{name}/{event}") as answer:
            return [
                (head.removeprefix("event: "), json.loads(data.removeprefix("data: ")))
                for head, data in _pairs(answer.iter_lines())
            ]

    def tell(self, name: str, *data: Any, fault: str | None = None) -> Stream:
        """All that the stream of a call says."""
        return self.results(name, self.call(name, *data, fault=fault).json()["event_id"])

    def join(self, fn: int, *data: Any, session: str, fault: str | None = None) -> None:
        headers = {} if fault is None else {"x-mock-fault": fault}
        body = {"data": list(data), "fn_index": fn, "session_hash": session}
        self.http.post(f"{self.api}/queue/join", json=body, headers=headers).raise_for_status()

    def messages(self, session: str) -> Iterator[dict[str, Any]]:
        query = {"session_hash": session}
        with self.http.stream("GET", f"{self.api}/queue/data", params=query) as answer:
            for line in answer.iter_lines():
                if line:
                    yield json.loads(line.removeprefix("data: "))

    def switch(self, fault: str | None, **options: Any) -> httpx.Response:
        return self.http.post(f"{self.url}/mock/faults", json={"fault": fault, **options})

    def index(self, name: str) -> int:
        config = self.http.get(f"{self.url}/config").json()
        return next(int(d["id"]) for d in config["dependencies"] if d["api_name"] == name)


def until(error: type[Exception], found: Iterable[T]) -> list[T]:
    """All that comes before this error, which must come."""
    got: list[T] = []
    try:
        for one in found:
            got.append(one)  # noqa: PERF402 - what came before the error counts
    except error:
        return got
    raise AssertionError(f"the stream ended without {error.__name__}")


def _pairs(lines: Iterator[str]) -> Iterator[tuple[str, str]]:
    full = [line for line in lines if line]
    return zip(full[::2], full[1::2], strict=True)


@pytest.fixture(scope="module")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    plan = tmp_path_factory.mktemp("mock") / "mock.yaml"
    plan.write_text(json.dumps(PLAN))  # JSON is YAML
    source = str(GOLDEN / "components.json")
    with running([*MOCK, source, "--plan", str(plan), "--port", "{port}"], wait_s=LONG_S) as url:
        caller = Caller(url)
        yield caller
        caller.http.close()


@pytest.fixture
def fresh(mock: Caller) -> Caller:
    mock.http.post(f"{mock.url}/mock/reset").raise_for_status()
    return mock


# -- without faults -------------------------------------------------------------------------------


def test_an_answer_comes_as_planned(fresh: Caller) -> None:
    assert fresh.tell("textbox", "a") == [("complete", ["one"])]
    assert fresh.tell("textbox", "a") == [("complete", ["two"])]


def test_progress_and_logs_come_before_the_result(fresh: Caller) -> None:
    fresh.join(fresh.index("textbox"), "a", session="s1")
    told = list(fresh.messages("s1"))
    kinds = [one["msg"] for one in told]
    assert kinds[-2:] == ["process_completed", "close_stream"]
    log = next(one for one in told if one["msg"] == "log")
    assert (log["level"], log["log"]) == ("warning", "careful")
    last = [one for one in told if one["msg"] == "progress"][-1]["progress_data"][0]
    assert (last["index"], last["length"], last["desc"]) == (2, 2, "Thinking")


def test_planned_errors_and_planned_chunks(fresh: Caller) -> None:
    ((kind, error),) = fresh.tell("number", 1)
    assert (kind, error["error"], error["title"]) == ("error", "no number", "Sorry")
    chunks = [("generating", [n]) for n in (1, 2, 3)]
    assert fresh.tell("slider", 1) == [*chunks, ("complete", [3])]


def test_a_generated_text_grows(fresh: Caller) -> None:
    told = [data[0] for _, data in fresh.tell("gen", "a")]
    assert len(told) == 5
    assert all(after.startswith(before) for before, after in pairwise(told))
    assert told[-1] == told[-2] == fresh.tell("gen", "a")[-1][1][0]


def test_files_can_be_fetched(fresh: Caller) -> None:
    upload = fresh.http.post(f"{fresh.api}/upload", files={"files": ("a.png", b"x")}).json()[0]
    given = {"path": upload, "orig_name": "a.png", "meta": {"_type": "gradio.FileData"}}
    ((_, (found,)),) = fresh.tell("image", given)
    answer = fresh.http.get(found["url"])
    assert answer.headers["content-type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")
    assert len(answer.content) == found["size"]


def test_wrong_arguments_fail_the_call_by_name(fresh: Caller) -> None:
    ((kind, error),) = fresh.tell("dropdown", "c")
    assert (kind, error["error"]) == ("error", "x: 'c' is not one of ['a', 'b']")


def test_pages_of_other_ports_may_call(fresh: Caller) -> None:
    page = "http://localhost:5173"
    wanted = {"origin": page, "access-control-request-method": "POST"}
    wanted["access-control-request-headers"] = "content-type, x-mock-fault"
    for path in ("/gradio_api/call/gen", "/mock/faults"):
        answer = fresh.http.options(f"{fresh.url}{path}", headers=wanted)
        assert answer.headers["access-control-allow-origin"] == page
        assert "x-mock-fault" in answer.headers["access-control-allow-headers"]
    refused = fresh.http.post(
        f"{fresh.api}/call/gen?mock_fault=queue-full", json={"data": [""]}, headers={"origin": page}
    )
    assert refused.status_code == 503
    assert refused.headers["access-control-allow-origin"] == page


# -- faults ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "status", "told"),
    [
        ("queue-full", 503, "Queue is full. Max size is 10 and size is 10."),
        ("server-error", 500, "Internal Server Error"),
        ("server-error;message=out of memory", 500, "out of memory"),
        ("tired", 400, "mock: fault: 'tired'; there are"),
    ],
)
def test_a_request_is_refused(fresh: Caller, fault: str, status: int, told: str) -> None:
    answer = fresh.call("gen", "a", fault=fault)
    assert answer.status_code == status
    assert answer.json()["detail"].startswith(told)
    assert fresh.call("gen", "a").status_code == 200, "only the call that asked for it"


def test_a_call_is_invalid_as_servers_say_it(fresh: Caller) -> None:
    answer = fresh.call("gen", "a", fault="invalid")
    assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (422, ["body", "data"])


def test_a_function_fails_where_it_is_told_to(fresh: Caller) -> None:
    told = fresh.tell("gen", "a", fault="fail;after=1;message=gone")
    assert [kind for kind, _ in told] == ["generating", "error"]
    assert told[-1][1]["error"] == "gone"
    assert [kind for kind, _ in fresh.tell("label", {}, fault="fail")] == ["error"]


def test_the_quota_is_over(fresh: Caller) -> None:
    ((kind, error),) = fresh.tell("gen", "a", fault="quota")
    assert (kind, error["title"]) == ("error", "ZeroGPU quota exceeded")
    direct = fresh.http.post(f"{fresh.api}/run/gen?mock_fault=quota", json={"data": ["a"]})
    assert (direct.status_code, direct.json()["title"]) == (500, "ZeroGPU quota exceeded")


def test_a_call_stream_is_cut(fresh: Caller) -> None:
    event = fresh.call("gen", "a", fault="cut;after=2").json()["event_id"]
    with fresh.http.stream("GET", f"{fresh.api}/call/gen/{event}") as answer:
        got = b"".join(until(httpx.RemoteProtocolError, answer.iter_bytes()))
    assert got.count(b"event: generating") == 2
    assert b"complete" not in got


def test_a_session_stream_is_cut_for_the_event_that_it_is_for(fresh: Caller) -> None:
    index = fresh.index("gen")
    fresh.join(index, "a", session="s2")
    fresh.join(index, "b", session="s2", fault="cut;after=1")
    seen = until(httpx.RemoteProtocolError, fresh.messages("s2"))
    assert [m["msg"] for m in seen].count("process_completed") == 1
    assert [m["msg"] for m in seen].count("process_generating") == 5


def test_a_stream_ends_with_an_unexpected_error(fresh: Caller) -> None:
    fresh.join(fresh.index("gen"), "a", session="s3", fault="unexpected-error;message=lost")
    last = list(fresh.messages("s3"))[-1]
    assert (last["msg"], last["message"]) == ("unexpected_error", "lost")


def test_a_stream_falls_silent_until_its_reader_leaves(fresh: Caller) -> None:
    fresh.join(fresh.index("gen"), "a", session="s4", fault="silent")
    with httpx.Client(timeout=2.0) as client:  # longer than the whole call would take
        query = {"session_hash": "s4"}
        with client.stream("GET", f"{fresh.api}/queue/data", params=query) as answer:
            got = b"".join(until(httpx.ReadTimeout, answer.iter_bytes()))
    assert b"process_starts" in got
    assert b"process_generating" not in got
    assert b"process_completed" not in got


def test_a_slow_call_lets_others_pass(fresh: Caller) -> None:
    slow = fresh.call("label", {}, fault="slow;seconds=30").json()["event_id"]
    assert slow
    assert [kind for kind, _ in fresh.tell("label", {})] == ["complete"]


def test_a_fault_is_switched_on_for_an_endpoint_and_some_calls(fresh: Caller) -> None:
    answer = fresh.switch("queue-full", endpoint="/gen", times=2)
    assert answer.json()["faults"] == {"gen": {"fault": "queue-full", "times": 2}}
    statuses = [fresh.call("gen", "a").status_code for _ in range(3)]
    assert statuses == [503, 503, 200]
    assert fresh.switch("server-error").json()["faults"] == {"*": {"fault": "server-error"}}
    assert fresh.call("label", {}).status_code == 500
    body = {"data": ["a"], "fn_index": fresh.index("gen"), "session_hash": "s5"}
    assert fresh.http.post(f"{fresh.api}/queue/join", json=body).status_code == 500
    assert fresh.call("label", {}, fault="none").status_code == 200
    assert fresh.switch(None).json()["faults"] == {}
    assert fresh.call("label", {}).status_code == 200


def test_a_server_sleeps_until_it_is_awake(fresh: Caller) -> None:
    assert fresh.switch("sleeping", seconds=3600).json()["asleep"]
    for _ in range(2):
        answer = fresh.http.get(f"{fresh.url}/config")
        assert (answer.status_code, answer.headers["content-type"]) == (
            503,
            "text/html; charset=utf-8",
        )
    assert not fresh.http.post(f"{fresh.url}/mock/wake").json()["asleep"]
    assert fresh.http.get(f"{fresh.url}/config").status_code == 200


def test_a_server_wakes_by_itself(fresh: Caller) -> None:
    fresh.switch("sleeping", seconds=0)
    statuses = [fresh.http.get(f"{fresh.url}/config").status_code for _ in range(2)]
    assert statuses == [503, 200]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({}, "fault: a name is expected"),
        ({"fault": "tired"}, "fault: 'tired'"),
        ({"fault": "cut", "endpoint": "/absent"}, "endpoint: 'absent'; there are textbox"),
        ({"fault": "sleeping", "endpoint": "/gen"}, "endpoint: sleeping is for the whole"),
    ],
)
def test_a_wrong_switch_is_refused(fresh: Caller, said: Any, told: str) -> None:
    answer = fresh.http.post(f"{fresh.url}/mock/faults", json=said)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(told)


def test_the_page_lists_endpoints_and_faults(fresh: Caller) -> None:
    page = fresh.http.get(f"{fresh.url}/mock").text
    assert "<option>/gen</option>" in page
    assert 'data-fault="queue-full"' in page


def test_what_one_caller_waits_for_ends_with_the_server(tmp_path: Path) -> None:
    info = str(GOLDEN / "components.json")
    said = ["--fault", "/gen=silent", "--port", "{port}"]
    ended = threading.Event()
    with running([*MOCK, info, *said], wait_s=LONG_S) as url:
        caller = Caller(url)
        caller.join(caller.index("gen"), "a", session="s")

        def read() -> None:
            try:
                list(caller.messages("s"))
            except httpx.HTTPError:
                pass
            ended.set()

        threading.Thread(target=read, daemon=True).start()
        assert not ended.wait(0.2)
    assert ended.wait(LONG_S)
    caller.http.close()


# -- the suite ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_mock_without_faults_is_conformant(tmp_path: Path) -> None:
    info = json.loads((GOLDEN / "components.json").read_text("utf-8"))
    for name in ("/json", "/paramviewer"):
        del info["named_endpoints"][name]  # Gradio describes these by what is no schema (DISC-020)
    (tmp_path / "info.json").write_text(json.dumps(info))
    plan = {"endpoints": {"/gen": {"stream": {"chunks": 3, "interval": 0}}}}
    (tmp_path / "mock.yaml").write_text(json.dumps(plan))
    said = [*MOCK, "info.json", "--plan", "mock.yaml", "--port", "{port}"]
    check = [*MOCK[:-1], "check", "--budget", "1", "--report", "jsonl", "--"]
    done = subprocess.run(
        [*check, *said], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "Verdict  CONFORMANT" in done.stdout


# -- the command ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["absent.json"], 2, "absent.json: No such file"),
        (["http://127.0.0.1:1"], 4, "GET http://127.0.0.1:1/config"),
        ([str(GOLDEN / "components.ts")], 2, "components.ts: no JSON"),
        ([str(GOLDEN / "components.json"), "--fault", "tired"], 2, "fault: 'tired'; there are"),
        ([str(GOLDEN / "components.json"), "--fault", "/x=cut"], 2, "no endpoint 'x'"),
    ],
)
def test_a_wrong_use_is_told(
    arguments: list[str], code: int, told: str, capfd: pytest.CaptureFixture[str]
) -> None:
    from gradio_reference.mocking.__main__ import main

    assert main([*arguments, "--port", "0"]) == code
    assert told in capfd.readouterr().err


def test_a_running_server_is_mocked(mock: Caller) -> None:
    with running([*MOCK, mock.url, "--seed", "1", "--port", "{port}"], wait_s=LONG_S) as url:
        other = Caller(url)
        one, two = (c.http.get(f"{c.api}/info").json() for c in (mock, other))
        for info in (one, two):
            for entry in info["named_endpoints"].values():
                del entry["code_snippets"]
        assert one == two
        # That it streams is told by /config; another seed says something else.
        assert len(other.tell("gen", "a")) > 1
        assert other.tell("gen", "a")[-1] != mock.tell("gen", "a")[-1]
        other.http.close()
