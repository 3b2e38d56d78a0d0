"""What is newer than a version is seen, and told since when; what is not newer is not."""

from __future__ import annotations

import pytest
from transcripts import CUT
from transcripts import ROOT
from transcripts import recordings

from gradio_spec.coverage import Coverage
from gradio_spec.coverage import Universe
from gradio_spec.loader import load_spec
from gradio_spec.sightings import Sightings

NEWEST = load_spec()
RELEASES = ("4.22.0", "4.44.1", "5.50.0", "6.31.0")


def sighted(recorded: str, by: str) -> dict[str, str]:
    """What the recordings of one release have that another one has not."""
    sightings = Sightings(load_spec(by), NEWEST)
    for recording in recordings(ROOT / f"gradio-{recorded}"):
        for exchange in recording.exchanges:
            if exchange.body is not CUT and exchange.status is not None:
                where = (exchange.method, exchange.route or "/", "", exchange.status)
                sightings.answer(*where, exchange.body)
        for stream in recording.streams():
            for message in stream.messages:
                sightings.message(message.payload)
    return sightings.found


@pytest.mark.parametrize("release", RELEASES)
def test_a_release_has_nothing_that_is_newer_than_itself(release: str) -> None:
    assert sighted(release, f"gradio-{release}") == {}


def test_what_is_newer_is_told_with_its_release() -> None:
    found = sighted("4.44.1", "gradio-4.22.0")
    assert found["messages#/$defs/StreamMessage/properties/event_id"] == "4.39.0"
    assert found["openapi#/paths/POST /cancel"] == "4.31.0"
    assert found["info#/$defs/Parameter/properties/parameter_name"] == "4.23.0"
    assert found["config#/$defs/Config/properties/connect_heartbeat"] == "4.29.0"
    assert not {since for since in found.values() if since.startswith(("5.", "6.", "v3-5", "v3-6"))}
    later = sighted("6.31.0", "gradio-5.50.0")
    assert later["messages#/$defs/ProcessCompleted/properties/used_cache"] == "6.12.0"
    assert later["config#/$defs/Dependency/properties/api_visibility"] == "6.0.0"


def test_a_value_and_a_message_can_be_newer() -> None:
    sightings = Sightings(load_spec("v3-4.39"), NEWEST)
    sightings.message({"msg": "log", "level": "success", "log": "x"})
    sightings.message({"msg": "process_streaming", "output": 1})
    assert sightings.found == {
        "messages#/$defs/Log/properties/level=success": "5.10.0",
        "messages#/$defs/ProcessStreaming": "5.0.0",
    }


@pytest.mark.parametrize("message", [None, [], {}, {"msg": 1}, {"msg": "nonsense"}, {"msg": []}])
def test_what_is_no_message_is_nothing(message: object) -> None:
    sightings = Sightings(load_spec("v3-4.22"), NEWEST)
    sightings.message(message)
    assert sightings.found == {}


def test_coverage_tells_them_what_a_run_sees() -> None:
    view = load_spec("v3-4.22")
    sightings = Sightings(view, NEWEST)
    coverage = Coverage(Universe(view), sightings)
    coverage.exchange("GET", "/config", "", None, 200, b'{"api_prefix": "/gradio_api"}')
    coverage.exchange("GET", "/config", "", None, 200, b"no JSON")
    coverage.stream("/queue/data?session_hash=s")(None, '{"msg": "heartbeat", "event_id": null}')
    coverage.stream("/queue/data?session_hash=s")(None, "no JSON")
    assert sightings.found == {
        "config#/$defs/Config/properties/api_prefix": "5.0.0",
        "messages#/$defs/StreamMessage/properties/event_id": "4.39.0",
    }
