"""Finding out what a server is: addresses, its description of itself, and all that may be wrong."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradio_conformance.faults import NonConformance
from gradio_conformance.inputs import endpoints
from gradio_conformance.runner import engine
from gradio_conformance.target import HEARTBEAT_S
from gradio_conformance.target import Target
from gradio_conformance.target import Unreachable
from gradio_conformance.target import discover
from gradio_conformance.target import status_of
from gradio_conformance.target import wait_until_ready
from gradio_conformance.urls import base_url
from gradio_conformance.urls import shown
from gradio_spec.loader import load_spec
from gradio_spec.model import Profile
from gradio_spec.model import Sign

SPEC = load_spec()
Serve = Any  # the fixture of conftest.py
Peer = Any
ECHO = {"id": 3, "api_name": "echo"}
TESTBED = [{"id": i, "api_name": name} for i, name in enumerate(["settings", "release", "journal"])]


def described(config: Any = None, info: Any = None, settings: Any = None) -> Target:
    return Target("http://h", "/gradio_api", config or {}, info or {}, settings)


class Routes:
    """Answers by path; anything else is 404."""

    def __init__(self, **routes: Any) -> None:
        self.routes = {f"/{name.replace('__', '/')}": answer for name, answer in routes.items()}

    def __call__(self, peer: Peer) -> None:
        path = peer.line.split(" ")[1]
        if path not in self.routes:
            peer.answer(b'{"detail": "no such route"}', "404 Not Found")
            return
        answer = self.routes[path]
        if not isinstance(answer, bytes):
            answer = json.dumps(answer).encode()
        peer.answer(answer, content_type="application/json")


CONFIG = {"version": "6.31.0", "mode": "blocks", "api_prefix": "/api", "dependencies": [ECHO]}
INFO: Mapping[str, Any] = {"named_endpoints": {}, "unnamed_endpoints": {}}


# -- addresses ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://localhost:7860", "http://localhost:7860"),
        ("http://localhost:7860/", "http://localhost:7860"),
        ("https://example.org/some/app//", "https://example.org/some/app"),
        ("http://[::1]:7860", "http://[::1]:7860"),
        ("http://me:secret@host", "http://me:secret@host"),
        ("HTTP://Host", "HTTP://Host"),
    ],
)
def test_an_address_of_a_server(text: str, expected: str) -> None:
    assert base_url(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ftp://host", "does not begin with http:// or https://"),
        ("host:7860", "does not begin with http:// or https://"),
        ("http://", "names no host"),
        ("http:///path", "names no host"),
        ("http://ho st", "names no host"),
        ("http://host:99999", "is no URL"),
        ("http://host:x", "is no URL"),
        ("http://host:0", "the port 0"),
        ("http://[::1", "is no URL"),
        ("http://host/?a=1", "has a query"),
        ("http://host/#a", "has a fragment"),
    ],
)
def test_what_is_no_address_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        base_url(text)


def test_a_password_is_not_shown() -> None:
    assert shown("http://me:s3cret@host:1/a") == "http://me:***@host:1/a"
    assert shown("http://me@host") == "http://me@host"
    assert shown("http://host/a:b@c") == "http://host/a:b@c"
    with pytest.raises(ValueError, match="has a query") as told:
        base_url("http://me:s3cret@host/?a")
    assert "s3cret" not in str(told.value)


@given(st.text(max_size=30))
def test_any_text_is_an_address_or_is_refused(text: str) -> None:
    try:
        address = base_url(f"http://{text}")
    except ValueError:
        return
    assert not address.endswith("/")


# -- discovery ----------------------------------------------------------------------------------


def test_a_server_tells_about_itself(raw_server: Serve) -> None:
    server = raw_server(Routes(config=CONFIG, api__info=INFO))
    target = discover(f"{server.url}/", SPEC)
    assert (target.base_url, target.prefix) == (server.url, "/api")
    assert (target.config, target.info, target.settings) == (CONFIG, INFO, None)
    assert (target.is_testbed, target.server_url("second")) == (False, None)
    assert target.describes_itself_as == "blocks 6.31.0"
    assert target.offers("echo")
    assert not target.offers("other")
    assert target.fn_index("echo") == 3


def test_a_server_below_a_path(raw_server: Serve) -> None:
    server = raw_server(Routes(my__app__config=CONFIG, my__app__api__info=INFO))
    assert discover(f"{server.url}/my/app", SPEC).info == INFO


@pytest.mark.parametrize("prefix", ["absent", None, 7, ["/api"]])
def test_without_a_prefix_routes_stand_at_the_root(raw_server: Serve, prefix: Any) -> None:
    config = {k: v for k, v in CONFIG.items() if k != "api_prefix"}
    config |= {} if prefix == "absent" else {"api_prefix": prefix}
    assert discover(raw_server(Routes(config=config, info=INFO)).url, SPEC).prefix == ""


def test_the_testbed_tells_its_settings(raw_server: Serve) -> None:
    config = {**CONFIG, "dependencies": TESTBED}
    told = {"testbed": "1", "second": "http://127.0.0.1:1", "heartbeat_interval": 0.5}
    routes = Routes(config=config, api__info=INFO, api__run__settings={"data": [told]})
    target = discover(raw_server(routes).url, SPEC)
    assert target.is_testbed
    assert target.server_url("second") == "http://127.0.0.1:1"
    assert target.heartbeat_s == 0.5


@pytest.mark.parametrize(
    "answer",
    [b"<html>", b"", [], {}, {"data": []}, {"data": ["x"]}, {"data": [{"no": 1}]}, b"[" * 100_000],
)
def test_odd_settings_are_no_testbed(raw_server: Serve, answer: Any) -> None:
    config = {**CONFIG, "dependencies": TESTBED}
    routes = Routes(config=config, api__info=INFO, api__run__settings=answer)
    assert discover(raw_server(routes).url, SPEC).is_testbed is False


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (Routes(), r"GET http://127.0.0.1:\d+/config: 404 {\"detail\""),
        (Routes(config=b"<html>"), "/config: no JSON: <html>"),
        (Routes(config=b"\xff"), "/config: no JSON: \ufffd"),
        (Routes(config=b"[" * 100_000), "/config: no JSON: "),
        (Routes(config=[1]), r"/config: no JSON object: \[1\]"),
        (Routes(config=CONFIG), "/api/info: 404"),
        (Routes(config={"api_prefix": "/\0"}), "InvalidURL"),
        (lambda peer: None, "/config: RemoteProtocolError"),
        (
            lambda peer: peer.begin("location: https://x/y", "content-length: 0", status="301 M"),
            "/config: 301, a redirect to https://x/y",
        ),
    ],
)
def test_what_is_no_gradio_server_is_unreachable(
    raw_server: Serve, script: Any, reason: str
) -> None:
    with pytest.raises(Unreachable, match=reason):
        discover(raw_server(script).url, SPEC)


def test_a_port_where_nothing_listens_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://me:s3cret@127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(Unreachable, match=r"GET http://me:\*\*\*@.*ConnectError"):
        discover(url, SPEC)


def test_a_certificate_that_nobody_vouches_for_is_unreachable(raw_server: Serve) -> None:
    server = raw_server(Routes(config=CONFIG), tls=True)
    with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
        discover(server.url, SPEC)


# -- descriptions that are wrong ----------------------------------------------------------------

ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.just("echo"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "api_name", "dependencies", "types", "named_endpoints", "/echo"])
            | st.sampled_from(["parameters", "returns", "type", "batch", "second"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(config=ODD, info=ODD, settings=ODD)
def test_no_description_makes_the_suite_fall(config: Any, info: Any, settings: Any) -> None:
    config, info = (
        value if isinstance(value, dict) else {"dependencies": value, "named_endpoints": value}
        for value in (config, info)
    )
    target = described(config, info, settings if isinstance(settings, dict) else None)
    assert target.heartbeat_s > 0
    assert target.server_url("second") is None or isinstance(target.server_url("second"), str)
    assert isinstance(target.describes_itself_as, str)
    for endpoint in endpoints(target):
        assert target.offers(endpoint.name)
    assert set(engine._capabilities(target, SPEC)) >= {"testbed", "batch"}
    assert [type(target.claims(profile)) for profile in (AUTH, MCP)] == [bool, bool]
    if target.offers("echo"):
        try:
            index: Any = target.fn_index("echo")
        except NonConformance:
            index = 0
        assert isinstance(index, int)


AUTH = Profile("auth", "", "", "stable", offered_by=(Sign("server", "guarded"),))
MCP = Profile("mcp", "", "", "stable", offered_by=(Sign("config", "mcp"), Sign("endpoint", "echo")))
OFFERS_ECHO = {"dependencies": [{"id": 0, "api_name": "echo"}]}


@pytest.mark.parametrize(
    ("profile", "config", "settings", "claimed"),
    [
        (Profile("call", "", "", "stable"), {}, None, True),
        (AUTH, {}, None, False),
        (AUTH, {}, {"guarded": None}, False),
        (AUTH, {}, {"guarded": "http://x"}, True),
        (MCP, {}, {"guarded": "http://x"}, False),
        (MCP, {"mcp": "yes"}, None, False),
        (MCP, {"mcp": True}, None, True),
        (MCP, OFFERS_ECHO, None, True),
    ],
)
def test_an_optional_profile_is_claimed_by_what_shows_it(
    profile: Profile, config: Any, settings: Any, claimed: bool
) -> None:
    assert described(config, {}, settings).claims(profile) is claimed


@pytest.mark.parametrize("told", [None, 0, -1, "1", True, [], {}])
def test_an_odd_heartbeat_is_the_protocols_own(told: Any) -> None:
    assert described(settings={"heartbeat_interval": told}).heartbeat_s == HEARTBEAT_S


def test_an_endpoint_that_is_not_there_is_a_mistake_of_the_suite() -> None:
    with pytest.raises(KeyError, match="echo"):
        described().fn_index("echo")


@pytest.mark.parametrize("index", [None, "3", 3.0, True])
def test_an_endpoint_without_an_index_is_the_servers_mistake(index: Any) -> None:
    with pytest.raises(NonConformance, match="DISC-006"):
        described({"dependencies": [{"api_name": "echo", "id": index}]}).fn_index("echo")


# -- waiting for a server -----------------------------------------------------------------------


def test_ready_is_who_answers(raw_server: Serve) -> None:
    loading = lambda peer: peer.answer(b"loading", "503 Wait")  # noqa: E731
    hangs_up = lambda peer: None  # noqa: E731
    server = raw_server(loading, hangs_up, Routes(config=CONFIG))
    wait_until_ready(server.url, 30.0, lambda: True)
    assert len(server.accepted) == 3


def test_an_answer_that_is_no_config_is_left_to_discovery(raw_server: Serve) -> None:
    server = raw_server(Routes())
    wait_until_ready(server.url, 30.0, lambda: True)
    assert status_of(server.url) == 404


@pytest.mark.parametrize(
    ("status", "reason"), [("503 Wait", "GET /config: 503"), ("", "RemoteProtocolError")]
)
def test_who_does_not_become_ready_is_told(raw_server: Serve, status: str, reason: str) -> None:
    server = raw_server(lambda peer: peer.answer(b"", status) if status else None)
    with pytest.raises(Unreachable, match=rf"no server at {server.url} after 0.3 s: {reason}"):
        wait_until_ready(server.url, 0.3, lambda: True)


def test_who_dies_is_not_waited_for(raw_server: Serve) -> None:
    alive = iter([True, True, False])
    server = raw_server(lambda peer: None)
    with pytest.raises(Unreachable, match="ended before it answered"):
        wait_until_ready(server.url, 60.0, lambda: next(alive))


def test_another_program_on_the_port_is_not_the_server(raw_server: Serve) -> None:
    """The child could not bind: who answers there is somebody else."""
    server = raw_server(Routes(config=CONFIG))
    with pytest.raises(Unreachable, match="ended before it answered"):
        wait_until_ready(server.url, 60.0, lambda: False)
