"""What /monitoring tells, to whom, and what an event pays for it."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable
from typing import Annotated
from typing import Any

import pytest

from gradio_reference import Error
from gradio_reference import Server
from gradio_reference import State
from gradio_reference import cache
from gradio_reference.monitoring import HISTORY
from gradio_reference.monitoring import Monitoring
from gradio_reference.monitoring import percentiles

pytestmark = pytest.mark.anyio
Client = Callable[[Server], Any]


def fails() -> int:
    raise RuntimeError("no first value")


broken = State(fails)


def make(**settings: Any) -> Server:
    app = Server(__name__, title="<App>")

    @app.api
    def echo(text: str) -> str:
        if text == "bad":
            raise Error("no")
        return text

    @app.api
    @cache
    def kept(text: str) -> str:
        return text

    @app.api(time_limit=0.05)
    async def slow() -> str:
        await asyncio.Event().wait()
        return ""

    @app.api
    def unmade(held: Annotated[int, broken]) -> str:
        return ""

    @app.api
    def never_called() -> str:
        return ""

    app.configure(enable_monitoring=True, **settings)
    return app


async def summary(api: Any) -> dict[str, Any]:
    response = await api.http.get("/monitoring/summary")
    assert response.status_code == 200
    functions: dict[str, Any] = (await response.get_json())["functions"]
    return functions


async def test_all_ways_of_calling_count(client: Client) -> None:
    api = client(make())
    assert await summary(api) == {}
    await api.outcome("echo", "a")
    await api.call("echo", "bad")
    await api.answer("/run/echo", {"data": ["a"]})
    assert (await api.post("/run/echo", {"data": ["bad"]})).status_code == 500
    assert (await api.post("/run/echo", {"data": []})).status_code == 422  # not a call
    await api.outcome("slow")
    await api.outcome("unmade", None)
    for _ in "abc":
        await api.outcome("kept", "x")
    await api.answer("/run/kept", {"data": ["x"]})
    told = await summary(api)
    counts = {name: (each["total_requests"], each["success_rate"]) for name, each in told.items()}
    assert counts == {"echo": (4, 0.5), "kept": (4, 1.0), "slow": (1, 0.0), "unmade": (1, 0.0)}
    times = told["echo"]["process_time_percentiles"]
    assert 0 <= times["50th"] <= times["90th"] <= times["99th"]
    nothing = {"50th": None, "90th": None, "99th": None}
    assert told["slow"]["process_time_percentiles"] == nothing


async def test_events_of_a_batch_count_one_by_one(client: Client) -> None:
    app, gate = Server(__name__), threading.Event()

    @app.api(batch=True, max_batch_size=4)
    def fn(texts: list[str]) -> list[list[str]]:
        gate.wait(20)
        return [texts]

    app.configure(enable_monitoring=True)
    api = client(app)
    events = [await api.join("fn", text) for text in "abcde"]
    assert (await summary(api))["fn"]["success_rate"] is None
    await api.cancel("fn", events[2])  # who has gone is neither a success nor a failure
    gate.set()
    await api.read()
    assert (await summary(api))["fn"]["total_requests"] == 5
    assert app._provide().worker.running == 0
    [(_, record)] = app._provide().monitoring
    assert (record.success, record.failed, sum(record.buckets)) == (4, 0, 4)


@pytest.mark.parametrize("enabled", [None, False])
async def test_it_is_off_unless_it_is_wanted(client: Client, enabled: bool | None) -> None:
    app = make()
    app.configure(enable_monitoring=enabled)
    api = client(app)
    for path in ("", "/summary", "/some-key"):
        response = await api.http.get(f"/monitoring{path}")
        assert response.status_code == 403
        assert await response.get_json() == {"detail": "Monitoring is not enabled."}
    response = await api.http.get("/monitoring/metrics")
    assert (response.status_code, await response.get_json()) == (
        403,
        {"detail": "Metrics are not enabled."},
    )


async def test_the_page_is_for_who_reads_the_console(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    app = make()
    api = client(app)
    await api.outcome("echo", "a")
    await api.outcome("slow")
    response = await api.http.get("/monitoring")
    assert response.status_code == 200
    key = app._provide().monitoring_key
    assert key not in await response.get_data(as_text=True)
    printed = capsys.readouterr().out
    assert printed == f"* Monitoring URL: http://localhost/monitoring/{key} *\n"
    for wrong in (key[:-1], key + "x", "é"):
        response = await api.http.get(f"/monitoring/{wrong}")
        assert (response.status_code, await response.get_json()) == (
            403,
            {"detail": "Invalid key."},
        )
    page = await (await api.http.get(f"/monitoring/{key}")).get_data(as_text=True)
    assert "<h1>&lt;App&gt;</h1>" in page
    assert "<tr><td>echo<td>1<td>100.0%<td>0." in page
    assert "<tr><td>slow<td>1<td>0.0%<td><td><td>" in page


async def test_prometheus_reads_it(client: Client) -> None:
    parser = pytest.importorskip("prometheus_client.parser")
    app = make(metrics=True)
    api = client(app)
    await api.outcome("echo", "a")
    await api.call("echo", "bad")
    for _ in "ab":
        await api.outcome("kept", "x")
    await api.join("slow", session="other")
    response = await api.http.get("/monitoring/metrics")
    assert response.content_type.startswith("text/plain")
    text = await response.get_data(as_text=True)
    families = {each.name: each for each in parser.text_string_to_metric_families(text)}
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for each in families.values()
        for sample in each.samples
    }
    assert samples["gradio_requests_total", "echo"] == 2
    assert samples["gradio_events_total", "echo", "success"] == 1
    assert samples["gradio_events_total", "echo", "failed"] == 1
    assert samples["gradio_events_total", "kept", "cached"] == 1
    assert samples["gradio_event_seconds_count", "echo"] == 1
    assert samples["gradio_event_seconds_bucket", "echo", "+Inf"] == 1
    assert samples["gradio_event_seconds_sum", "echo"] > 0
    assert samples[("gradio_running_events",)] == 1
    assert samples[("gradio_waiting_events",)] == 0
    await api.read("other")


async def test_two_servers_do_not_share_metrics(client: Client) -> None:
    pytest.importorskip("prometheus_client")
    first, second = (client(make(metrics=True)) for _ in "ab")
    await first.outcome("echo", "a")
    text = await (await second.http.get("/monitoring/metrics")).get_data(as_text=True)
    assert "echo" not in text


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with pytest.raises(RuntimeError, match=r"prometheus_client: pip install"):
        make(metrics=True)


def test_a_history_is_bounded() -> None:
    monitoring = Monitoring(make().endpoints)
    for step in range(3 * HISTORY):
        monitoring.accepted(0)
        monitoring.succeeded(0, float(step))
    [(name, record)] = monitoring
    assert (name, len(record.recent), record.success) == ("echo", HISTORY, 3 * HISTORY)
    told = monitoring.summary()["functions"]["echo"]["process_time_percentiles"]
    assert told["50th"] == pytest.approx(2.5 * HISTORY - 0.5)


def test_percentiles() -> None:
    """As numpy.percentile has them."""
    assert percentiles([], (50,)) == {50: None}
    assert percentiles([3.0], (50, 99)) == {50: 3.0, 99: 3.0}
    assert percentiles([2.0, 1.0], (50, 90)) == {50: 1.5, 90: pytest.approx(1.9)}
    assert percentiles([1.0, 2.0, 3.0, 4.0], (50, 99)) == {50: 2.5, 99: pytest.approx(3.97)}
