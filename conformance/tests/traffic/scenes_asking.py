"""Where requests go, and with what: prefixes, numbers of functions, gateways, credentials."""

from __future__ import annotations

from .scenes import accepts
from .scenes import rejects
from .talk import HASH
from .talk import PREFIX
from .talk import Talk
from .talk import config


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
