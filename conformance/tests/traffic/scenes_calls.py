"""Calls that are repeated, tried out, left incomplete or cancelled, and their results."""

from __future__ import annotations

from .scenes import accepts
from .scenes import rejects
from .talk import HASH
from .talk import PREFIX
from .talk import Talk


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
