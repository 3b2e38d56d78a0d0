"""Profile auth: log in, log out, and the check before every other protocol route."""

from __future__ import annotations

from collections.abc import Awaitable
from collections.abc import Callable
from collections.abc import Mapping
from inspect import isawaitable
from typing import Any

from quart import Blueprint
from quart import Response
from quart import g
from quart import request
from werkzeug.exceptions import RequestEntityTooLarge

from gradio_reference.bodies import Rejected
from gradio_reference.bodies import problem
from gradio_reference.routes.answers import json_answer
from gradio_reference.routes.answers import public_root
from gradio_reference.routes.answers import snapshot
from gradio_reference.service import Service

Provider = Callable[[], Service]

PAGES = "gradio_login"
MAX_FORM = 64 * 1024
# What anybody may ask: whether it is the same app as before, who they are themselves, and the page
# whose address is a secret.
OPEN = {
    "gradio_auth.token",
    "gradio_auth.user",
    "gradio_discover.app_id",
    "gradio_monitoring.page",
}


def gate(provide: Provider) -> Callable[[], Awaitable[Response | None]]:
    """Runs before each protocol route: finds out who asks, and lets nobody in without a login
    (AUTH-001, AUTH-010).
    """

    async def check() -> Response | None:
        service = provide()
        if not service.guarded:
            return None
        g.username = await _caller(service)
        if g.username is not None or request.endpoint in OPEN or request.method == "OPTIONS":
            return None
        detail = {"error": "Not authenticated", "auth_message": service.settings.auth_message}
        return _private(json_answer({"detail": detail}, 401))

    return check


async def _caller(service: Service) -> str | None:
    """The user of the current request."""
    depends = service.settings.auth_dependency
    if depends is None:
        return user_of(service, request.cookies)
    found: Any = depends(snapshot(None))
    if isawaitable(found):
        found = await found
    if found is not None and not isinstance(found, str):
        kind = type(found).__name__
        raise TypeError(f"auth_dependency must return a user name or None, not {kind}")
    return found


def user_of(service: Service, cookies: Mapping[str, str]) -> str | None:
    """Who is logged in with these cookies (AUTH-004: either does)."""
    tokens = (cookies.get(name) for name in _cookies(service))
    return next(filter(None, map(service.logins.user, tokens)), None)


def blueprint(provide: Provider) -> Blueprint:
    routes = Blueprint("gradio_auth", __name__)

    @routes.get("/user", strict_slashes=False)
    async def user() -> Response:
        return _private(json_answer(g.get("username")))  # AUTH-005

    @routes.get("/token", strict_slashes=False)
    async def token() -> Response:
        service = provide()
        held = request.cookies.get(_cookies(service)[0])
        return _private(json_answer({"token": held, "user": service.logins.user(held)}))

    @routes.get("/login_check", strict_slashes=False)
    async def login_check() -> Response:
        return _private(json_answer(None))  # AUTH-006: nobody else comes so far

    return routes


def pages_blueprint(provide: Provider) -> Blueprint:
    """/login and /logout, which lie outside the API prefix."""
    routes = Blueprint(PAGES, __name__)

    @routes.post("/login", strict_slashes=False)
    async def login() -> Response:
        return await _login(provide())

    @routes.get("/logout", strict_slashes=False)
    async def logout() -> Response:
        return await _logout(provide())

    return routes


async def _login(service: Service) -> Response:
    accounts = service.settings.auth
    if accounts is None:
        return _to_root(service)
    name, password = await _credentials()
    if not await accounts.admits(name, password):
        # AUTH-011: 401, which both official clients tell as what it is; for a name that nobody has
        # as for a wrong password (AUTH-015).
        raise Rejected(401, "Incorrect credentials.")
    token = service.logins.add(name)
    answer = _private(json_answer({"success": True}))
    secure, plain = _cookies(service)
    # AUTH-012: two, as browsers refuse the first over http and the second inside foreign pages.
    answer.set_cookie(secure, token, httponly=True, samesite="None", secure=True)
    answer.set_cookie(plain, token, httponly=True, samesite="Lax")
    return answer


async def _credentials() -> tuple[str, str]:
    if (request.content_length or 0) > MAX_FORM:
        raise RequestEntityTooLarge
    form = await request.form
    missing = [name for name in ("username", "password") if name not in form]
    if missing:
        message = "this form field is required"
        raise Rejected(422, [problem("missing", ["body", name], message) for name in missing])
    return form["username"].strip(), form["password"]


async def _logout(service: Service) -> Response:
    """Forget this user's tokens (AUTH-007), or with ``all_session=false`` only the ones of this
    browser (AUTH-017).
    """
    everywhere = request.args.get("all_session", "true").lower()
    if everywhere not in ("true", "1", "false", "0"):
        loc: list[str | int] = ["query", "all_session"]
        raise Rejected(422, [problem("bool_parsing", loc, "must be true or false", everywhere)])
    answer = _to_root(service)
    for name in _cookies(service):
        token = request.cookies.get(name)
        user = service.logins.user(token)
        if token is not None and user is not None:
            if everywhere in ("true", "1"):
                service.logins.drop_all(user)
            else:
                service.logins.drop(token)
    secure, plain = _cookies(service)
    answer.delete_cookie(secure, httponly=True, samesite="None", secure=True)
    answer.delete_cookie(plain, httponly=True, samesite="Lax")
    return answer


def _to_root(service: Service) -> Response:
    answer = Response(b"", status=302)
    answer.headers["Location"] = public_root(service.settings.root_path)
    return _private(answer)


def _private(answer: Response) -> Response:
    """An answer for this caller only: no cache may keep it."""
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _cookies(service: Service) -> tuple[str, str]:
    """The names of the cookie for https and of the one for http."""
    number = service.logins.cookie_id
    return f"access-token-{number}", f"access-token-unsecure-{number}"
