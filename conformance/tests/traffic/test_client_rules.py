"""Each rule about clients in twins: what breaks its clause, and what is one step away from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gradio_conformance.traffic.client_rules import RULES
from gradio_conformance.traffic.client_rules.sessions import most_bits
from gradio_conformance.traffic.judge import Judge
from gradio_conformance.traffic.model import Offence
from gradio_spec.loader import load_spec

from .talk import HASH
from .talk import PREFIX
from .talk import Talk
from .talk import completed
from .talk import config
from .talk import estimation
from .talk import lifecycle

SPEC = load_spec()
UPLOADED = "/tmp/gradio/ab/a.txt"
META = {"_type": "gradio.FileData"}
Scene = Callable[[Talk], None]
ACCEPT: list[tuple[str, str, Scene]] = []
REJECT: list[tuple[str, str, Scene]] = []


def judged(scene: Scene, *, whole: bool = False) -> tuple[Offence, ...]:
    """The offences of clients in a scene, which goes on for a while without anything new."""
    talk = Talk()
    scene(talk)
    talk.wait(60)
    talk.get("/nothing", b"", 404)
    judge = Judge(SPEC, sides=("client",), whole=whole)
    for observation in talk.observations:
        judge.feed(observation)
    judge.finish()
    return tuple(judge.offences)


def accepts(clause: str) -> Callable[[Scene], Scene]:
    def listed(scene: Scene) -> Scene:
        ACCEPT.append((clause, scene.__name__, scene))
        return scene

    return listed


def rejects(clause: str) -> Callable[[Scene], Scene]:
    def listed(scene: Scene) -> Scene:
        REJECT.append((clause, scene.__name__, scene))
        return scene

    return listed


def test_every_clause_that_traffic_shows_has_a_rule_and_twins() -> None:
    shown = {c.id for c in SPEC.client.values() if c.seen_in == "traffic"}
    assert {rule.clause for rule in RULES} == shown
    assert {clause for clause, _, _ in ACCEPT} == shown
    assert {clause for clause, _, _ in REJECT} == shown


# -- where requests go -----------------------------------------------------------------------------


@rejects("CLIENT-001")
def an_old_prefix(talk: Talk) -> None:
    talk.meet().post("/queue/join", {"data": []}, {"detail": "Not Found"}, 404)


@rejects("CLIENT-001")
def a_prefix_out_of_an_example(talk: Talk) -> None:
    talk.meet(api_prefix="/other").post(f"{PREFIX}/call/echo", {}, {"detail": "Not Found"}, 404)


@accepts("CLIENT-001")
def an_unknown_endpoint_below_the_prefix(talk: Talk) -> None:
    talk.meet().post(f"{PREFIX}/call/nobody", {"data": ["x"]}, {"detail": "Not Found"}, 404)


@accepts("CLIENT-001")
def a_route_of_the_apps_own(talk: Talk) -> None:
    talk.meet().post("/upload", {"data": []}, {"ok": True})


@accepts("CLIENT-001")
def a_server_without_a_prefix(talk: Talk) -> None:
    talk.get("/config", config(api_prefix=""))
    talk.post(
        "/queue/join", {"fn_index": 3, "session_hash": HASH, "data": ["x"]}, {"event_id": "e"}
    )


@rejects("CLIENT-002")
def a_number_that_no_function_has(talk: Talk) -> None:
    talk.meet().join(fn_index=0)


@accepts("CLIENT-002")
def a_number_of_the_config(talk: Talk) -> None:
    talk.meet().join(fn_index=5)


@accepts("CLIENT-002")
def a_number_of_a_function_that_was_made_later(talk: Talk) -> None:
    talk.meet(dependencies=[{"id": 1, "api_name": "apply", "render_id": 0}]).join(fn_index=77)


@accepts("CLIENT-002")
def a_number_where_no_config_was_seen(talk: Talk) -> None:
    talk.join(fn_index=0)


GATEWAY = (("content-type", "text/html"), ("server", "nginx"))
ORIGIN = (("content-type", "application/json"), ("server", "uvicorn"))


@rejects("CLIENT-033")
def an_upload_that_a_gateway_refuses(talk: Talk) -> None:
    talk.get("/config", config(), headers=ORIGIN)
    talk.answer(talk.ask("POST", f"{PREFIX}/upload"), b"<h1>403</h1>", 403, GATEWAY)


@accepts("CLIENT-033")
def an_upload_that_the_server_refuses(talk: Talk) -> None:
    talk.get("/config", config(), headers=ORIGIN)
    refused = {"detail": "too large"}
    talk.answer(talk.ask("POST", f"{PREFIX}/upload"), refused, 403, ORIGIN)


COOKIE = {"cookie": "theme=dark; access-token-x=33fpVOD5BVBdytZzmQqyag"}


@rejects("CLIENT-032")
def a_cookie_for_somebody_else(talk: Talk) -> None:
    talk.ask("GET", f"{PREFIX}/info", headers=COOKIE)
    talk.ask("GET", "https://cdn.example/a.png", headers=COOKIE)


@rejects("CLIENT-032")
def a_token_for_somebody_else(talk: Talk) -> None:
    talk.ask("GET", "/config", headers={"authorization": "Bearer hf_aaaaaaaaaa"})
    talk.ask("GET", "https://e.example/", headers={"x-hf-authorization": "Bearer hf_aaaaaaaaaa"})


@accepts("CLIENT-032")
def other_credentials_for_somebody_else(talk: Talk) -> None:
    talk.ask("GET", f"{PREFIX}/info", headers=COOKIE)
    talk.ask("GET", "https://cdn.example/a.png", headers={"cookie": "theme=dark; id=otherother"})


@rejects("CLIENT-034")
def a_call_of_what_is_private(talk: Talk) -> None:
    talk.meet().call("secret", ())


@rejects("CLIENT-034")
def a_join_of_what_is_private(talk: Talk) -> None:
    talk.meet().join(fn_index=9, data=())


@accepts("CLIENT-034")
def a_page_that_triggers_what_is_private(talk: Talk) -> None:
    talk.meet().join(fn_index=9, data=(), trigger_id=4, event_data=None)


# -- sessions --------------------------------------------------------------------------------------


@rejects("CLIENT-003")
def a_hash_that_anybody_guesses(talk: Talk) -> None:
    talk.meet().join(session="test123")


@rejects("CLIENT-003")
def a_hash_that_two_clients_share(talk: Talk) -> None:
    talk.meet()
    for number, client in enumerate(("10.0.0.1", "10.0.0.2", "10.0.0.1")):
        talk.client = client
        talk.join(f"e{number}")


@accepts("CLIENT-003")
def a_client_that_moves_to_another_network(talk: Talk) -> None:
    talk.meet().run_to_its_end()
    talk.client = "10.0.0.2"
    talk.run_to_its_end("e2")


@accepts("CLIENT-003")
def a_hash_of_the_official_client(talk: Talk) -> None:
    talk.meet().join(session="0azc4g2kwr7")


@rejects("CLIENT-004")
def a_second_stream_beside_the_first(talk: Talk) -> None:
    talk.meet().join()
    talk.open()
    talk.open()


@accepts("CLIENT-004")
def a_second_stream_whose_predecessor_is_just_leaving(talk: Talk) -> None:
    talk.meet().join()
    first = talk.open()
    talk.open()
    talk.end(first, "left")


@accepts("CLIENT-004")
def a_second_stream_after_close_stream(talk: Talk) -> None:
    talk.meet().join()
    first = talk.open()
    talk.say(first, *lifecycle(), {"msg": "close_stream", "event_id": None})
    talk.join("e2")
    talk.open()
    talk.wait(5)
    talk.end(first)


@rejects("CLIENT-005")
def a_stream_that_is_polled(talk: Talk) -> None:
    talk.meet().join()
    first = talk.open()
    talk.say(first, estimation())
    talk.wait(2)
    talk.end(first, "left")
    talk.open()


@rejects("CLIENT-005")
def a_stream_that_is_polled_with_an_overlap(talk: Talk) -> None:
    talk.meet().join()
    first = talk.open()
    talk.wait(2)
    talk.open()
    talk.end(first, "left")


@accepts("CLIENT-005")
def a_stream_that_is_left_for_good(talk: Talk) -> None:
    talk.meet().join()
    first = talk.open()
    talk.wait(2)
    talk.end(first, "left")


@accepts("CLIENT-005")
def a_new_call_after_a_stream_was_left(talk: Talk) -> None:
    talk.meet().join()
    first = talk.open()
    talk.wait(2)
    talk.end(first, "left")
    talk.join("e2")
    talk.open()


@accepts("CLIENT-005")
def a_stream_that_the_server_has_cut(talk: Talk) -> None:
    talk.meet().join()
    first = talk.open()
    talk.wait(2)
    talk.end(first, "cut")
    talk.open()


@rejects("CLIENT-006")
def an_event_that_nobody_reads(talk: Talk) -> None:
    talk.meet().heartbeat()
    talk.join()


@rejects("CLIENT-006")
def a_second_event_after_the_stream_has_closed(talk: Talk) -> None:
    talk.meet().heartbeat()
    talk.run_to_its_end()
    talk.wait(1)
    talk.join("e2")


@accepts("CLIENT-006")
def a_second_event_on_the_open_stream(talk: Talk) -> None:
    talk.meet().heartbeat()
    talk.join()
    talk.open()
    talk.join("e2")


@accepts("CLIENT-006")
def an_event_whose_client_has_gone(talk: Talk) -> None:
    beat = talk.meet().heartbeat()
    talk.join()
    talk.wait(1)
    talk.end(beat, "left")


@rejects("CLIENT-022")
def a_heartbeat_of_an_event(talk: Talk) -> None:
    talk.meet().join()
    talk.heartbeat("e1")


@rejects("CLIENT-022")
def two_heartbeats(talk: Talk) -> None:
    talk.meet().heartbeat()
    talk.heartbeat()


@rejects("CLIENT-022")
def heartbeats_that_are_polled(talk: Talk) -> None:
    talk.meet()
    for _ in range(5):
        talk.end(talk.heartbeat(), "left")


@accepts("CLIENT-022")
def a_heartbeat_that_is_opened_again_after_a_loss(talk: Talk) -> None:
    talk.meet()
    talk.end(talk.heartbeat(), "cut")
    talk.heartbeat()


@rejects("CLIENT-023")
def no_heartbeat(talk: Talk) -> None:
    talk.meet(connect_heartbeat=True).join()
    talk.open()


@accepts("CLIENT-023")
def a_heartbeat_soon_after(talk: Talk) -> None:
    talk.meet(connect_heartbeat=True).join()
    talk.open()
    talk.wait(2)
    talk.heartbeat()


@accepts("CLIENT-023")
def no_heartbeat_where_none_is_wanted(talk: Talk) -> None:
    talk.meet(connect_heartbeat=False).join()
    talk.open()


# -- calls -----------------------------------------------------------------------------------------


def refused(talk: Talk, status: int, times: int, apart_s: float = 1.0) -> None:
    talk.meet()
    for _ in range(times):
        body = {"data": ["x"], "fn_index": 3, "session_hash": HASH}
        talk.post(f"{PREFIX}/queue/join", body, {"detail": "no"}, status)
        talk.wait(apart_s)


@rejects("CLIENT-021")
def the_same_call_again_and_again(talk: Talk) -> None:
    refused(talk, 422, times=4)


@accepts("CLIENT-021")
def a_full_queue_that_is_tried_again(talk: Talk) -> None:
    refused(talk, 503, times=6)


@accepts("CLIENT-021")
def a_person_who_tries_again(talk: Talk) -> None:
    refused(talk, 500, times=2)


@accepts("CLIENT-021")
def a_person_who_tries_again_now_and_then(talk: Talk) -> None:
    refused(talk, 500, times=5, apart_s=30)


@rejects("CLIENT-024")
def a_call_that_tries_out_an_endpoint(talk: Talk) -> None:
    talk.meet().call(data=(), event_id="probe")
    talk.call(data=("hi",))
    talk.read()


@accepts("CLIENT-024")
def a_call_without_arguments_whose_result_is_read(talk: Talk) -> None:
    talk.meet().call(data=(), event_id="c0")
    talk.read(event_id="c0")
    talk.call(data=("hi",))


@accepts("CLIENT-024")
def a_call_that_needs_nothing(talk: Talk) -> None:
    talk.meet(dependencies=[{"id": 1, "api_name": "ping"}]).call("ping", ())
    talk.call("ping", ())


@rejects("CLIENT-027")
def a_default_that_is_left_out(talk: Talk) -> None:
    talk.meet().call("greet", ("Ann",))


@accepts("CLIENT-027")
def a_default_that_is_sent(talk: Talk) -> None:
    talk.meet().call("greet", ("Ann", "hello"))


@accepts("CLIENT-027")
def a_default_that_the_server_fills_in(talk: Talk) -> None:
    talk.meet().post(f"{PREFIX}/call/v2/greet", {"name": "Ann"}, {"event_id": "c1"})


@rejects("CLIENT-029")
def a_cancel_without_a_function(talk: Talk) -> None:
    talk.meet().join()
    talk.post(f"{PREFIX}/cancel", {"session_hash": HASH, "event_id": "e1"}, {"detail": []}, 422)


@rejects("CLIENT-029")
def a_cancel_of_another_function(talk: Talk) -> None:
    talk.meet().join()
    body = {"session_hash": HASH, "event_id": "e1", "fn_index": 5}
    talk.post(f"{PREFIX}/cancel", body, {"success": True})


@accepts("CLIENT-029")
def a_cancel_of_all_three(talk: Talk) -> None:
    talk.meet().join()
    body = {"session_hash": HASH, "event_id": "e1", "fn_index": 3}
    talk.post(f"{PREFIX}/cancel", body, {"success": True})


@rejects("CLIENT-031")
def a_result_that_is_polled(talk: Talk) -> None:
    talk.meet().call()
    talk.end(talk.read(), "left")
    talk.read()


@rejects("CLIENT-031")
def a_result_that_is_read_twice(talk: Talk) -> None:
    talk.meet().call()
    for _ in range(2):
        reading = talk.read()
        talk.tell(reading, "complete", ["hi"])
        talk.end(reading)


@rejects("CLIENT-031")
def a_result_that_is_read_by_two(talk: Talk) -> None:
    talk.meet().call()
    talk.read()
    talk.read()


@accepts("CLIENT-031")
def a_result_whose_stream_was_cut(talk: Talk) -> None:
    talk.meet().call()
    talk.end(talk.read(), "cut")
    talk.read()


@accepts("CLIENT-031")
def a_result_that_is_left(talk: Talk) -> None:
    talk.meet().call()
    talk.end(talk.read(), "left")


# -- files -----------------------------------------------------------------------------------------


@rejects("CLIENT-025")
def a_path_of_the_device(talk: Talk) -> None:
    talk.meet().call("size", [{"path": "file:///storage/emulated/0/a.jpg", "meta": META}])


@rejects("CLIENT-025")
def a_path_of_the_device_in_a_file_without_its_mark(talk: Talk) -> None:
    talk.meet().call("size", [{"path": "C:\\Users\\Ann\\a.jpg"}])


@accepts("CLIENT-025")
def a_path_that_was_uploaded(talk: Talk) -> None:
    talk.meet().upload()
    talk.call("size", [{"path": UPLOADED, "meta": META}])


@accepts("CLIENT-025")
def a_path_that_an_output_told(talk: Talk) -> None:
    talk.meet().join()
    stream = talk.open()
    output = completed([{"path": "/storage/made/by/the/server.png", "meta": META}])
    talk.say(stream, *lifecycle()[:2], output)
    talk.call("size", [{"path": "/storage/made/by/the/server.png", "meta": META}])


@accepts("CLIENT-025")
def a_file_of_the_web(talk: Talk) -> None:
    file = {"path": "C:\\a.jpg", "url": "https://e.example/a.jpg", "meta": META}
    talk.meet().call("size", [file])


@rejects("CLIENT-026")
def a_file_without_its_mark(talk: Talk) -> None:
    talk.meet().upload()
    talk.call("size", [{"path": UPLOADED}])


@accepts("CLIENT-026")
def a_file_with_its_mark(talk: Talk) -> None:
    talk.meet().upload()
    talk.call("size", [[{"path": UPLOADED, "meta": META}]])


# -- all of them -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clause", "scene"), [(c, s) for c, _, s in REJECT], ids=[f"{c}-{n}" for c, n, _ in REJECT]
)
def test_rejected(clause: str, scene: Scene) -> None:
    for whole in (False, True):
        found = judged(scene, whole=whole)
        assert clause in {offence.clause for offence in found}
    assert {o.clause for o in judged(scene)} == {clause}
    offence = found[0]
    assert offence.side == "client"
    assert offence.exchange > 0
    assert offence.expected
    assert offence.actual


@pytest.mark.parametrize(
    ("clause", "scene"), [(c, s) for c, _, s in ACCEPT], ids=[f"{c}-{n}" for c, n, _ in ACCEPT]
)
def test_accepted(clause: str, scene: Scene) -> None:
    assert clause not in {offence.clause for offence in judged(scene)}


@pytest.mark.parametrize("clause", ["CLIENT-002", "CLIENT-025"])
def test_what_only_a_whole_recording_shows(clause: str) -> None:
    def scene(talk: Talk) -> None:
        if clause == "CLIENT-002":
            talk.join()
        else:
            talk.meet().call("size", [{"path": "/tmp/gradio/from/before.txt", "meta": META}])

    def found(whole: bool) -> set[Any]:
        talk = Talk()
        scene(talk)
        known: Any = {"config": config()} if clause == "CLIENT-002" else {}
        judge = Judge(SPEC, sides=("client",), whole=whole, **known)
        return {o.clause for seen in talk.observations for o in judge.feed(seen)}

    assert (found(True), found(False)) == ({clause}, set())


def test_the_bugs_are_those_of_the_clause() -> None:
    (offence,) = judged(a_heartbeat_of_an_event)
    assert offence.bugs == SPEC.client["CLIENT-022"].bugs == ("folk-heartbeat",)
    assert offence.event_id == "e1"


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [("", 0, 0), ("aaaaaaaaaaaa", 0, 0), ("123456789", 29, 30), ("0azc4g2kwr7", 56, 57)],
)
def test_how_much_chance_a_text_holds(text: str, least: float, most: float) -> None:
    assert least <= most_bits(text) <= most
