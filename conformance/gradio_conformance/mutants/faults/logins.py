"""Faults of the log-in: who is let in, what a log-in is worth, and what belongs to whom."""

from __future__ import annotations

from collections.abc import Callable

from quart import Response
from quart import request

from gradio_conformance.mutants.patching import Patches
from gradio_conformance.mutants.patching import fault
from gradio_reference import incoming
from gradio_reference import request as requests
from gradio_reference.auth import Accounts
from gradio_reference.auth import Logins
from gradio_reference.routes import auth
from gradio_reference.service import Service

SET_COOKIE = "Set-Cookie"
log_in = auth._login
log_out = auth._logout
cookies = auth._cookies
caller = auth._caller
digest = Accounts._digest
Change = Callable[[str], str]


# -- the cookies ---------------------------------------------------------------------------------


def _bent_cookies(patch: Patches, change: Change) -> None:
    """Each Set-Cookie line of a log-in is changed."""

    async def changed(service: Service) -> Response:
        answer = await log_in(service)
        lines = answer.headers.getlist(SET_COOKIE)
        answer.headers.setlist(SET_COOKIE, [change(line) for line in lines])
        return answer

    patch(auth, "_login", changed)


@fault
def scripts_read_the_cookies(patch: Patches) -> None:
    _bent_cookies(patch, lambda line: line.replace("; HttpOnly", ""))


@fault
def cookies_hold_for_one_path(patch: Patches) -> None:
    _bent_cookies(patch, lambda line: line.replace("Path=/", "Path=/login"))


@fault
def all_cookies_are_for_http(patch: Patches) -> None:
    _bent_cookies(patch, lambda line: line.replace("; Secure", "").replace("=None", "=Lax"))


@fault
def all_cookies_are_secure(patch: Patches) -> None:
    _bent_cookies(patch, lambda line: line if "; Secure" in line else f"{line}; Secure")


@fault
def foreign_pages_send_no_cookie(patch: Patches) -> None:
    _bent_cookies(patch, lambda line: line.replace("SameSite=None", "SameSite=Strict"))


def _one_cookie_counts(patch: Patches, place: int) -> None:
    async def only(service: Service) -> str | None:
        if service.settings.auth_dependency is not None:
            return await caller(service)
        return service.logins.user(request.cookies.get(cookies(service)[place]))

    patch(auth, "_caller", only)


@fault
def only_the_secure_cookie_counts(patch: Patches) -> None:
    _one_cookie_counts(patch, 0)


@fault
def only_the_plain_cookie_counts(patch: Patches) -> None:
    _one_cookie_counts(patch, 1)


# -- who is admitted -----------------------------------------------------------------------------


@fault
def everybody_is_admitted(patch: Patches) -> None:
    async def admits(accounts: Accounts, name: str, password: str) -> bool:
        return True

    patch(Accounts, "admits", admits)


@fault
def any_password_of_a_user_is_good(patch: Patches) -> None:
    async def admits(accounts: Accounts, name: str, password: str) -> bool:
        return accounts._digest(password) in accounts._known.values()

    patch(Accounts, "admits", admits)


@fault
def names_keep_their_space(patch: Patches) -> None:
    async def credentials() -> tuple[str, str]:
        form = await request.form
        name, password = await original()
        return form.get("username", name), password

    original = auth._credentials
    patch(auth, "_credentials", credentials)


@fault
def passwords_lose_their_space(patch: Patches) -> None:
    patch(Accounts, "_digest", lambda accounts, password: digest(accounts, password.strip()))


# -- which routes want it ------------------------------------------------------------------------


def _open(patch: Patches, *endpoints: str) -> None:
    patch(auth, "OPEN", auth.OPEN | set(endpoints))


@fault
def login_check_is_open(patch: Patches) -> None:
    _open(patch, "gradio_auth.login_check")


@fault
def uploads_are_open(patch: Patches) -> None:
    _open(patch, "gradio_files.upload")


@fault
def files_are_open(patch: Patches) -> None:
    _open(patch, "gradio_files.serve")


@fault
def streams_are_open(patch: Patches) -> None:
    _open(patch, "gradio_queue.data")


@fault
def cancels_are_open(patch: Patches) -> None:
    _open(patch, "gradio_queue.cancel")


@fault
def resets_are_open(patch: Patches) -> None:
    _open(patch, "gradio_queue.reset")


@fault
def heartbeats_are_open(patch: Patches) -> None:
    _open(patch, "gradio_session.heartbeat")


@fault
def any_cookie_of_the_name_will_do(patch: Patches) -> None:
    user = Logins.user
    patch(Logins, "user", lambda logins, token: user(logins, token) or (token and "somebody"))


# -- the end of a log-in -------------------------------------------------------------------------


@fault
def logout_ends_nothing(patch: Patches) -> None:
    patch(Logins, "drop_all", lambda logins, user: None)


@fault
def logout_ends_one_login(patch: Patches) -> None:
    """The one that was used last."""

    def drop(logins: Logins, user: str) -> None:
        mine = [key for key, owner in logins._users.items() if owner == user]
        del logins._users[mine[-1]]

    patch(Logins, "drop_all", drop)


@fault
def logout_ends_all_logins_of_all(patch: Patches) -> None:
    patch(Logins, "drop_all", lambda logins, user: logins._users.clear())


@fault
def logout_is_always_everywhere(patch: Patches) -> None:
    def drop(logins: Logins, token: str) -> None:
        user = logins.user(token)
        if user is not None:
            logins.drop_all(user)

    patch(Logins, "drop", drop)


@fault
def logout_reads_the_secure_cookie(patch: Patches) -> None:
    async def changed(service: Service) -> Response:
        if request.cookies.get(cookies(service)[0]) is None:
            return auth._to_root(service)
        return await log_out(service)

    patch(auth, "_logout", changed)


@fault
def logout_forgets_one_cookie(patch: Patches) -> None:
    async def changed(service: Service) -> Response:
        answer = await log_out(service)
        answer.headers.setlist(SET_COOKIE, answer.headers.getlist(SET_COOKIE)[:1])
        return answer

    patch(auth, "_logout", changed)


# -- what belongs to a user ----------------------------------------------------------------------


@fault
def sessions_belong_to_nobody(patch: Patches) -> None:
    """Who knows a session hash is in the session."""

    def key(username: str | None, session_hash: str | None) -> str | None:
        return session_hash

    for module in (incoming, requests):
        patch(module, "session_key", key)
