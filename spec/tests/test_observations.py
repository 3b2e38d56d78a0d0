"""What no shape of a message tells is told by observations; every change of the wire has a place
that a value can show, and each observation holds on one side of the release that it is about.
"""

from __future__ import annotations

import copy
import json
from functools import cache
from typing import Any

import pytest
from transcripts import ROOT
from transcripts import Exchange
from transcripts import recordings

from gradio_spec.changes import Change
from gradio_spec.changes import all_changes
from gradio_spec.data import PACKAGE
from gradio_spec.loader import load_spec
from gradio_spec.releases import number
from gradio_spec.releases import published
from gradio_spec.schemas import Schemas

DOCUMENT = "observations#/$defs/"
ROWS: list[dict[str, Any]] = json.loads(
    (PACKAGE / "versions" / "sse_v3" / "examples" / "observations.json").read_text("utf-8")
)
CHANGES = [change for change in all_changes() if number(change.release) >= number("4.9.0")]
SEEN = [(c.release, p) for c in CHANGES for p in c.at if p.startswith(DOCUMENT)]
# Nothing on the wire: the server's model has a value that no server sends.
NEVER_SENT = {("6.0.0", "Logs may have the level error.")}


@cache
def schemas(name: str) -> Schemas:
    return load_spec(f"gradio-{name}").schemas


def before(name: str) -> str:
    return [p for p in published() if number(p) < number(name)][-1]


def accepted(release: str, place: str, instance: Any) -> bool:
    return schemas(release).check(place, instance) == []


def told(change: Change) -> str:
    return f"{change.release} {change.text[:40]}"


@pytest.mark.parametrize("change", CHANGES, ids=told)
def test_a_change_has_a_place_that_a_value_can_show(change: Change) -> None:
    if (change.release, change.text) in NEVER_SENT:
        assert change.outside
        assert "nothing sends it" in change.outside
        return
    assert any("#/" in place or ":" in place for place in change.at)


def test_every_observation_is_about_one_change() -> None:
    names = load_spec("sse_v3").schemas.documents["observations"]["$defs"]
    assert sorted(place for _, place in SEEN) == sorted(f"{DOCUMENT}{name}" for name in names)


@pytest.mark.parametrize(("release", "place"), SEEN, ids=str)
def test_one_side_of_the_release_refuses_what_the_other_one_shows(release: str, place: str) -> None:
    old = before(release)
    own = [row for row in ROWS if row["schema"] == place]
    judged = [
        (accepted(old, place, row["instance"]), accepted(release, place, row["instance"]))
        for row in own
    ]
    assert any(was != now for was, now in judged)
    for row, (_, now) in zip(own, judged, strict=True):
        assert now == row["valid"]


# -- as Gradio answered ----------------------------------------------------------------------------


def _page(place: str, origin: str, headers: dict[str, str], **more: str) -> dict[str, Any]:
    asked = load_spec("sse_v3").schemas.schema(place)["properties"]["request"]["const"]
    assert asked["headers"]["origin"] == origin
    return {"request": asked, "answer": {"status": 200, "headers": {**headers, **more}}}


ORIGIN, CREDENTIALS = "access-control-allow-origin", "access-control-allow-credentials"
NEAR = "http://localhost:3000"
FIXED = {
    "access-control-allow-methods": "GET, POST, PUT, DELETE, OPTIONS",
    "access-control-allow-headers": "Origin, Content-Type, Accept",
}
ASKED = {CREDENTIALS: "true", "access-control-allow-headers": "x-mine"}
LOG_OUT = ROWS[[row["schema"] for row in ROWS].index(f"{DOCUMENT}LogoutOfOne")]["instance"]
PROGRESS_PLACE = f"{DOCUMENT}UploadProgressWithoutLogIn"
PROGRESS = ROWS[[row["schema"] for row in ROWS].index(PROGRESS_PLACE)]["instance"]
# What live releases answered, each asked as the observation says.
LIVE: list[tuple[str, str, Any]] = [
    *(
        (release, "PageOfAnotherMachine", ("https://page.example", headers))
        for release, headers in (
            ("4.16.0", {ORIGIN: "*"}),
            ("4.21.0", FIXED),
            ("4.44.1", {CREDENTIALS: "true"}),
            ("5.50.0", {CREDENTIALS: "true"}),
            ("6.31.0", {CREDENTIALS: "true"}),
        )
    ),
    *(
        (release, "PageWithoutOrigin", ("null", headers))
        for release, headers in (
            ("4.16.0", {ORIGIN: "*"}),
            ("4.21.0", {**FIXED, ORIGIN: "null"}),
            ("4.44.1", {CREDENTIALS: "true", ORIGIN: "null"}),
            ("5.50.0", {CREDENTIALS: "true"}),
            ("6.31.0", {CREDENTIALS: "true"}),
        )
    ),
    *(
        (release, "Preflight", (NEAR, headers))
        for release, headers in (
            ("4.16.0", {ORIGIN: "*", "access-control-allow-headers": "x-mine"}),
            ("4.21.0", {**FIXED, ORIGIN: NEAR}),
            ("4.44.1", {**ASKED, ORIGIN: NEAR}),
            ("5.50.0", {**ASKED, ORIGIN: NEAR}),
            ("6.31.0", {**ASKED, ORIGIN: NEAR}),
        )
    ),
    *(
        (release, "AppAroundIt", (NEAR, headers))
        for release, headers in (
            ("4.16.0", {ORIGIN: "*"}),
            ("4.21.0", {**FIXED, ORIGIN: NEAR}),
            ("4.44.1", {CREDENTIALS: "true", ORIGIN: NEAR}),
            ("5.50.0", {CREDENTIALS: "true", ORIGIN: NEAR}),
            ("6.31.0", {"vary": "Origin"}),
        )
    ),
    *(
        (release, "LogoutOfOne", {**LOG_OUT, "left": left})
        for release, left in (("4.16.0", 2), ("4.21.0", 0), ("4.44.1", 0), ("6.31.0", 1))
    ),
    *(
        (release, "UploadProgressWithoutLogIn", {**PROGRESS, "status": status})
        for release, status in (("4.44.1", 200), ("5.50.0", 404), ("6.31.0", 401))
    ),
    *(
        (release, "DirectoryOfAnUpload", {"name": "a.txt", "path": f"/tmp/gradio/{name}/a.txt"})
        for release, name in (
            ("4.16.0", "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"),
            ("4.44.1", "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"),
            ("5.50.0", "47da68017d22ac25b0d659f1b846f2027d7d6fbcddf74bd51ad79b3290e40a4c"),
            ("6.31.0", "ff35d8fd055236741fd845a2cad16652619f7dd0a3e5f58153ff7cd28151951f"),
        )
    ),
]


@pytest.mark.parametrize(("release", "name", "seen"), LIVE, ids=str)
def test_what_a_release_answered_is_what_its_version_says(
    release: str, name: str, seen: Any
) -> None:
    place = f"{DOCUMENT}{name}"
    instance = _page(place, *seen) if isinstance(seen, tuple) else seen
    assert schemas(release).check(place, instance) == []


# -- as it was recorded ----------------------------------------------------------------------------

# Those of ws and sse are about the connection only.
RECORDED = [path.name for path in sorted(ROOT.glob("gradio-*")) if path.name >= "gradio-4.16"]
RECORDED.remove("gradio-4.8.0")


@cache
@pytest.mark.parametrize("status", [1, 99, 600])
@pytest.mark.parametrize(("release", "place"), SEEN, ids=str)
def test_a_status_is_one_of_http_on_both_sides(release: str, place: str, status: int) -> None:
    """So that none of these is the smallest value that tells both sides apart."""
    for row in ROWS:
        instance = copy.deepcopy(row["instance"])
        holder = instance.get("answer", instance)
        if row["schema"] == place and "status" in holder:
            holder["status"] = status
            assert not any(accepted(name, place, instance) for name in (before(release), release))


def exchanges(name: str) -> tuple[Exchange, ...]:
    return tuple(e for recording in recordings(ROOT / name) for e in recording.exchanges)


@pytest.mark.parametrize("name", RECORDED)
def test_what_a_page_of_another_machine_may_read_was_recorded(name: str) -> None:
    place = f"{DOCUMENT}PageOfAnotherMachine"
    schema = load_spec("sse_v3").schemas.schema(place)
    found = [e for e in exchanges(name) if e.label.endswith("cors_simple") and e.status == 200]
    for exchange in found:
        answer = {"status": exchange.status, "headers": dict(exchange.headers)}
        instance = {"request": schema["properties"]["request"]["const"], "answer": answer}
        assert load_spec(name).schemas.check(place, instance) == []
    assert found or name == "gradio-6.31.0"


@pytest.mark.parametrize("name", RECORDED)
def test_the_directory_of_an_upload_was_recorded(name: str) -> None:
    found = [
        path.rpartition("/")[0]
        for exchange in exchanges(name)
        if exchange.route.endswith("/upload") and isinstance(exchange.body, list)
        for path in exchange.body
        if not path.startswith("<")  # A placeholder of the recorder.
    ]
    assert found or name == "gradio-6.31.0"
    for directory in found:
        instance = {"name": "a.txt", "path": f"{directory}/a.txt"}
        place = f"{DOCUMENT}DirectoryOfAnUpload"
        assert load_spec(name).schemas.check(place, instance) == []
