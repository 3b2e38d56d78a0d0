"""Session hashes, streams and heartbeats."""

from __future__ import annotations

from .scenes import accepts
from .scenes import rejects
from .talk import Talk
from .talk import estimation
from .talk import lifecycle


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
