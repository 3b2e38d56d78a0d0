"""Profile auth: log-in, the check before every protocol route, sessions that belong to users."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Annotated
from typing import Any

import pytest

from gradio_reference import Request
from gradio_reference import Server
from gradio_reference import State
from gradio_reference.auth import Logins
from gradio_reference.auth import accounts
from gradio_spec.loader import load_spec

pytestmark = pytest.mark.anyio

API = "/gradio_api"
REFUSED = {"detail": {"error": "Not authenticated", "auth_message": "Members only"}}
# What stays open: who am I, and is it the same app as before.
OPEN = {"/app_id", "/user", "/token"}
PAGE = "gradio_monitoring.page"  # its address is a secret


count = State(0)
Count = Annotated[int, count]


def make(**options: Any) -> Server:
    app = Server(__name__)

    @app.api
    def who(request: Request) -> str:
        return f"{request.username}, {request.session_hash}"

    @app.api
    def echo(text: str) -> str:
        return text

    @app.api
    def add(number: int, so_far: Count) -> tuple[int, Count]:
        return so_far + number, so_far + number

    @app.api
    async def hold() -> None:
        await asyncio.Event().wait()

    @app.get("/custom")
    async def custom() -> dict[str, str]:
        return {"own": "route"}

    app.configure(auth_message="Members only", **options)
    return app


def guarded(**options: Any) -> Server:
    return make(auth=[("ann", "pass word "), ("bob", "öß")], **options)


async def login(app: Server, name: str = "ann", password: str = "pass word ") -> Any:
    """A test client that has logged in."""
    client = app.test_client()
    answer = await client.post("/login", form={"username": name, "password": password})
    assert answer.status_code == 200, await answer.get_data()
    assert await answer.get_json() == {"success": True}
    return client


async def run(client: Any, name: str, *data: Any, **more: Any) -> Any:
    answer = await client.post(f"{API}/run/{name}", json={"data": list(data), **more})
    return (await answer.get_json())["data"][0]


# --- who is let in -------------------------------------------------------------------------------


def protocol_routes(app: Server) -> list[tuple[str, str]]:
    """All that is routed below the prefix, /config and monitoring."""
    found = []
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith((API, "/config", "/monitoring")) and rule.endpoint != PAGE:
            values = dict.fromkeys(rule.arguments, "x")
            path = app.url_map.bind("x").build(rule.endpoint, values, append_unknown=False)
            methods = (rule.methods or set()) - {"OPTIONS", "HEAD"}
            found += [(method, path) for method in sorted(methods)]
    return found


def documented_routes() -> list[tuple[str, str]]:
    """All that the specification names."""
    operations = load_spec().routes.operations
    return [(one.method, (API if one.below_prefix else "") + one.example) for one in operations]


async def test_every_route_wants_the_login_but_those_that_tell_who_one_is() -> None:
    app = guarded()
    client: Any = app.test_client()
    routes = {*protocol_routes(app), *documented_routes()}
    assert len(routes) >= 20
    for method, path in sorted(routes):
        answer = await client.open(path, method=method)
        if path.removeprefix(API) in OPEN:
            assert answer.status_code == 200, path
        else:
            assert (answer.status_code, await answer.get_json()) == (401, REFUSED), (method, path)
            assert answer.headers["Cache-Control"] == "no-store"


async def test_a_slash_more_or_head_is_no_way_around() -> None:
    client = guarded().test_client()
    for path in ("/config/", f"{API}/info/", f"{API}/queue/data/?session_hash=s"):
        assert (await client.get(path)).status_code == 401
        assert (await client.head(path)).status_code == 401
    for path in (f"/{API}/info", f"{API}//info"):
        assert (await client.get(path)).status_code in (308, 401, 404)


async def test_the_routes_of_the_app_itself_are_its_own_business() -> None:
    answer = await guarded().test_client().get("/custom")
    assert await answer.get_json() == {"own": "route"}


async def test_without_auth_nobody_is_asked() -> None:
    app = make()
    client = app.test_client()
    assert await run(client, "who") == "None, None"
    for path, expected in (
        ("/user", None),
        ("/token", {"token": None, "user": None}),
        ("/login_check", None),
    ):
        answer = await client.get(API + path)
        assert (answer.status_code, await answer.get_json()) == (200, expected)
    answer = await client.post("/login", form={"username": "a", "password": "b"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "http://localhost")
    assert (await client.get("/logout")).status_code == 302


# --- logging in and out --------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/login", "/login/"])
@pytest.mark.parametrize("kind", ["form", "files"])
async def test_login_sets_two_cookies(path: str, kind: str) -> None:
    app = guarded()
    fields: Any = {"username": " ann\t", "password": "pass word "}
    if kind == "files":
        body = "".join(
            f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        )
        answer = await app.test_client().post(
            path,
            data=(body + "--b--\r\n").encode(),
            headers={"Content-Type": "multipart/form-data; boundary=b"},
        )
    else:
        answer = await app.test_client().post(path, form=fields)
    assert await answer.get_json() == {"success": True}
    secure, plain = answer.headers.getlist("Set-Cookie")
    assert secure.startswith("access-token-")
    assert plain.startswith("access-token-unsecure-")
    assert secure.split("=", 1)[1].split(";")[0] == plain.split("=", 1)[1].split(";")[0]
    attributes = [{part.strip() for part in one.split(";")[1:]} for one in (secure, plain)]
    assert attributes == [
        {"HttpOnly", "Path=/", "SameSite=None", "Secure"},
        {"HttpOnly", "Path=/", "SameSite=Lax"},
    ]
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("ann", "wrong"),
        ("ann", "pass word"),  # the name is stripped, the password is not
        ("ann", ""),
        ("nobody", "pass word "),
        ("Ann", "pass word "),
        ("", ""),
    ],
)
async def test_bad_credentials_are_all_answered_alike(name: str, password: str) -> None:
    app = guarded()
    answer = await app.test_client().post("/login", form={"username": name, "password": password})
    found = (answer.status_code, await answer.get_json())
    assert found == (401, {"detail": "Incorrect credentials."})
    assert "Set-Cookie" not in answer.headers


async def test_what_is_no_login_form_is_named() -> None:
    client = guarded().test_client()
    for sent in ({"form": {"username": "ann"}}, {"json": {"username": "ann", "password": "x"}}):
        answer = await client.post("/login", **sent)
        assert answer.status_code == 422
        named = [problem["loc"] for problem in (await answer.get_json())["detail"]]
        assert ["body", "password"] in named
    headers = {"Content-Length": "70000", "Content-Type": "application/x-www-form-urlencoded"}
    answer = await client.post("/login", data=b"username=ann", headers=headers)
    assert (answer.status_code, await answer.get_json()) == (
        413,
        {"detail": "Request Entity Too Large"},
    )


@pytest.mark.parametrize("which", [0, 1])
async def test_either_cookie_alone_is_enough(which: int) -> None:
    app = guarded()
    answer = await app.test_client().post("/login", form={"username": "bob", "password": "öß"})
    cookie = answer.headers.getlist("Set-Cookie")[which].split(";")[0]
    client = app.test_client(use_cookies=False)
    headers = {"Cookie": cookie}
    assert (await client.get(f"{API}/login_check", headers=headers)).status_code == 200
    user = await (await client.get(f"{API}/user", headers=headers)).get_json()
    assert user == "bob"
    config = await (await client.get("/config", headers=headers)).get_json()
    assert config["username"] == "bob"
    token = await (await client.get(f"{API}/token", headers=headers)).get_json()
    held = cookie.split("=", 1)[1]
    expected = {"token": held, "user": "bob"} if which == 0 else {"token": None, "user": None}
    assert token == expected
    wrong = {"Cookie": cookie + "x"}
    assert (await client.get("/config", headers=wrong)).status_code == 401


async def test_logout_ends_the_session_here_and_everywhere() -> None:
    app = guarded()
    first, second, bob = await login(app), await login(app), await login(app, "bob", "öß")
    held = await (await first.get(f"{API}/token")).get_json()
    assert held["user"] is None or held["token"]
    answer = await first.get("/logout?all_session=false")
    assert (answer.status_code, answer.headers["Location"]) == (302, "http://localhost")
    assert all("Max-Age=0" in one for one in answer.headers.getlist("Set-Cookie"))
    for client, status in ((first, 401), (second, 200), (bob, 200)):
        assert (await client.get("/config")).status_code == status
    third = await login(app)
    assert (await third.get("/logout")).status_code == 302
    for client, status in ((second, 401), (third, 401), (bob, 200)):
        assert (await client.get("/config")).status_code == status
    assert (await bob.get("/logout?all_session=some")).status_code == 422
    assert (await bob.get("/config")).status_code == 200


async def test_a_token_is_worth_nothing_after_logout_even_if_it_was_kept() -> None:
    app = guarded()
    answer = await app.test_client().post("/login", form={"username": "bob", "password": "öß"})
    headers = {"Cookie": answer.headers.getlist("Set-Cookie")[0].split(";")[0]}
    client = app.test_client(use_cookies=False)
    await client.get("/logout", headers=headers)
    assert (await client.get("/config", headers=headers)).status_code == 401


async def test_a_login_page_of_the_app_wins() -> None:
    app = guarded()

    @app.route("/login", methods=["GET", "POST"])
    async def own() -> str:
        return "my own"

    client: Any = app.test_client()
    for method in ("GET", "POST"):
        assert await (await client.open("/login", method=method)).get_data() == b"my own"


# --- functions that decide -----------------------------------------------------------------------


async def admits_async(name: str, password: str) -> bool:
    await asyncio.sleep(0)
    return name == password


@pytest.mark.parametrize("check", [lambda name, password: name == password, admits_async])
async def test_a_function_decides(check: Callable[[str, str], Any]) -> None:
    app = make(auth=check)
    client = await login(app, "same", "same")
    assert await run(client, "who") == "same, None"
    answer = await client.post("/login", form={"username": "a", "password": "b"})
    assert answer.status_code == 401


async def test_a_function_that_fails_lets_nobody_in() -> None:
    def broken(name: str, password: str) -> bool:
        raise RuntimeError(f"no database for {name}")

    client = make(auth=broken).test_client()
    answer = await client.post("/login", form={"username": "a", "password": "b"})
    assert (answer.status_code, await answer.get_json()) == (
        500,
        {"detail": "Internal Server Error"},
    )
    assert "Set-Cookie" not in answer.headers


async def told_async(request: Request) -> str | None:
    await asyncio.sleep(0)
    return request.headers.get("X-User")


@pytest.mark.parametrize("depends", [lambda request: request.headers.get("x-user"), told_async])
async def test_a_dependency_replaces_the_login(depends: Any) -> None:
    app = make(auth_dependency=depends)
    client = app.test_client()
    assert (await client.get("/config")).status_code == 401
    headers = {"X-User": "eve"}
    answer = await client.get(f"{API}/user", headers=headers)
    assert await answer.get_json() == "eve"
    answer = await client.post(f"{API}/run/who", json={"data": []}, headers=headers)
    assert (await answer.get_json())["data"] == ["eve, None"]
    answer = await client.post("/login", form={"username": "a", "password": "b"})
    assert answer.status_code == 302


async def test_a_dependency_that_fails_or_talks_nonsense_lets_nobody_in() -> None:
    for depends in (lambda request: 7, lambda request: 1 / 0):
        client = make(auth_dependency=depends).test_client()
        for path in ("/config", f"{API}/user"):
            assert (await client.get(path)).status_code == 500


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"auth": []}, "auth: an empty list"),
        ({"auth": "ann:secret"}, "auth: must be a"),
        ({"auth": [("ann", "a"), ("bob",)]}, "auth: entry 1"),
        ({"auth": ("ann", 7)}, "auth: entry 0"),
        ({"auth": (" ann", "a")}, "auth: the name ' ann'"),
        ({"auth_dependency": "ann"}, "auth_dependency: 'ann'"),
        ({"auth": ("a", "b"), "auth_dependency": print}, "auth_dependency: cannot be used"),
    ],
)
def test_bad_options_are_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        Server(__name__).configure(**options)


# --- users and their sessions --------------------------------------------------------------------


def fn(app: Server, name: str) -> int:
    return next(endpoint.index for endpoint in app.endpoints if endpoint.name == name)


async def join(app: Server, client: Any, name: str, *data: Any) -> str:
    body = {"data": list(data), "fn_index": fn(app, name), "session_hash": "same"}
    answer = await client.post(f"{API}/queue/join", json=body)
    assert answer.status_code == 200
    return str((await answer.get_json())["event_id"])


async def read(client: Any) -> list[Any]:
    answer = await client.get(f"{API}/queue/data?session_hash=same")
    text = await answer.get_data(as_text=True)
    return [json.loads(line.removeprefix("data: ")) for line in text.splitlines() if line]


async def test_functions_see_the_user_and_the_session_hash_of_the_client() -> None:
    app = guarded()
    ann = await login(app)
    assert await run(ann, "who", session_hash="mine") == "ann, mine"
    await join(app, ann, "who")
    assert (await read(ann))[-2]["output"]["data"] == ["ann, same"]


async def test_a_stream_is_read_by_its_own_user_only() -> None:
    app = guarded()
    ann, bob = await login(app), await login(app, "bob", "öß")
    event_id = await join(app, ann, "echo", "secret")
    foreign = await read(bob)
    assert [message["msg"] for message in foreign] == ["unexpected_error"]
    assert foreign[0]["session_not_found"] is True
    own = await read(ann)
    assert own[-2]["output"]["data"] == ["secret"]
    assert own[-2]["event_id"] == event_id


async def test_state_belongs_to_user_and_session() -> None:
    app = guarded()
    ann, bob = await login(app), await login(app, "bob", "öß")
    for client, expected in ((ann, 1), (bob, 1), (ann, 2), (bob, 2), (await login(app), 3)):
        assert await run(client, "add", 1, None, session_hash="same") == expected


async def test_nobody_watches_what_another_user_uploads() -> None:
    app = guarded()
    ann, bob = await login(app), await login(app, "bob", "öß")
    body = (
        '--b\r\nContent-Disposition: form-data; name="files"; filename="private.txt"\r\n\r\n'
        "text\r\n--b--\r\n"
    )
    sent = await ann.post(
        f"{API}/upload?upload_id=same",
        data=body.encode(),
        headers={"Content-Type": "multipart/form-data; boundary=b"},
    )
    assert sent.status_code == 200
    progress = f"{API}/upload_progress?upload_id=same"
    assert (await bob.get(progress)).status_code == 404
    assert b'"done"' in await (await ann.get(progress)).get_data()


async def test_nobody_cancels_what_another_user_runs() -> None:
    app = guarded()
    ann, bob = await login(app), await login(app, "bob", "öß")
    event_id = await join(app, ann, "hold")
    body = {"event_id": event_id, "fn_index": fn(app, "hold"), "session_hash": "same"}
    reading = asyncio.ensure_future(read(ann))
    assert (await bob.post(f"{API}/cancel", json=body)).status_code == 200
    await join(app, ann, "who")
    queued = await (await ann.get(f"{API}/queue/status")).get_json()
    assert queued["msg"] == "estimation"
    assert not reading.done()
    assert (await ann.post(f"{API}/cancel", json=body)).status_code == 200
    ended = [message for message in await reading if message["msg"] == "process_completed"]
    assert {message["event_id"]: message["success"] for message in ended}[event_id] is True
    assert len(ended) == 2


def test_a_session_key_is_never_that_of_another_user() -> None:
    keys = {
        Request(username=user, session_hash=session).session_key
        for user in ("a", "a:b", "1:a", "")
        for session in ("b:c", "c", "a:c")
    }
    assert len(keys) == 12
    assert Request(session_hash="s").session_key == "s"
    assert Request(username="ann").session_key is None


# --- limits --------------------------------------------------------------------------------------


def test_logins_are_bounded_and_the_oldest_go() -> None:
    logins = Logins(limit=2)
    first, second = logins.add("ann"), logins.add("bob")
    assert logins.user(first) == "ann"
    logins.add("eve")
    assert (logins.user(first), logins.user(second), len(logins)) == ("ann", None, 2)
    assert logins.user("") is logins.user(None) is logins.user("nonsense") is None


async def test_the_last_of_two_entries_for_a_name_counts() -> None:
    found = accounts([("ann", "old"), ("ann", "new")])
    assert found is not None
    assert [await found.admits("ann", word) for word in ("old", "new")] == [False, True]
