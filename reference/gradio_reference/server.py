"""``Server``: the public API. A Quart application with ``@app.api`` and ``app.launch``."""

from __future__ import annotations

import contextvars
import dataclasses
import os
import sys
from collections.abc import Callable
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING
from typing import Any
from typing import Literal
from typing import TypeVar
from typing import overload

from quart import Blueprint
from quart import Quart
from quart import Response
from quart import has_request_context
from quart import request
from werkzeug.exceptions import HTTPException

from gradio_reference import cors
from gradio_reference import keywords
from gradio_reference import serving
from gradio_reference.auth import Auth
from gradio_reference.auth import accounts
from gradio_reference.bodies import Rejected
from gradio_reference.endpoint import Connection
from gradio_reference.endpoint import Endpoint
from gradio_reference.endpoint import Limit
from gradio_reference.endpoint import Options
from gradio_reference.endpoint import Visibility
from gradio_reference.endpoint import make_endpoint
from gradio_reference.mcp.marks import Namespace
from gradio_reference.mounting import placed
from gradio_reference.routes import auth as auth_routes
from gradio_reference.routes import bare
from gradio_reference.routes import call
from gradio_reference.routes import discover
from gradio_reference.routes import files
from gradio_reference.routes import mcp as mcp_routes
from gradio_reference.routes import media
from gradio_reference.routes import monitoring
from gradio_reference.routes import queue
from gradio_reference.routes import session
from gradio_reference.routes.answers import json_answer
from gradio_reference.routes.own import rule_of
from gradio_reference.service import API_PREFIX
from gradio_reference.service import Depends
from gradio_reference.service import Service
from gradio_reference.service import Settings
from gradio_reference.sessions import Listener
from gradio_reference.signature import inspect_function
from gradio_reference.sizes import bytes_of
from gradio_reference.state import State

if TYPE_CHECKING:
    from gradio_reference.mcp.host import Host

F = TypeVar("F", bound=Callable[..., Any])
L = TypeVar("L", bound=Listener)
MAX_BODY = 64 * 1024 * 1024


class Server(Quart):
    """A Quart app whose ``@app.api`` functions speak the Gradio protocol.

    Its own routes, static files and everything else of Quart work as usual; the protocol lives
    under ``/gradio_api`` and ``/config``. The object is a plain ASGI app as well (``hypercorn
    module:app``); ``configure`` then takes the options that ``launch`` would. Request bodies
    are limited to 64 MiB (``app.config["MAX_CONTENT_LENGTH"]``), uploads by ``max_file_size`` only.
    """

    request_class = files.UploadRequest

    def __init__(
        self,
        import_name: str | None = None,
        *,
        title: str = "Gradio",
        **quart_options: Any,
    ) -> None:
        super().__init__(import_name or _caller(), **quart_options)
        self.config["MAX_CONTENT_LENGTH"] = MAX_BODY
        self.after_request(_end_ambiguous)
        self._endpoints: list[Endpoint] = []
        self._unloads: list[Listener] = []
        self._settings = Settings(title=title)
        self._service: Service | None = None
        self._mcp_host: Host | None = None
        self._base = contextvars.copy_context()
        self.url_map.converters["rest"] = files.RestConverter
        self._origins = cors.Origins()
        self._has_login_pages = False
        self.speaks_as: str | None = None  # the release, where it is an older one
        provide = self._provide
        self.asgi_http_class = bare.connection(provide)
        self._add(discover.config_blueprint(provide))
        self._add(monitoring.blueprint(provide))
        self._add(mcp_routes.blueprint(provide, self._speaker), url_prefix=API_PREFIX)
        for profile in (discover, queue, call, session, files, media, auth_routes):
            self._add(profile.blueprint(provide), url_prefix=API_PREFIX)
        self.register_error_handler(Rejected, _refuse)
        self.before_serving(self._renew)
        self.after_serving(self._stop)

    def _add(self, routes: Blueprint, **options: Any) -> None:
        """Protocol routes: none without the check of the login (AUTH-010)."""
        routes.before_request(auth_routes.gate(self._provide))
        self.register_blueprint(routes, **options)

    # --- endpoints -------------------------------------------------------------------------------

    @overload
    def api(self, fn: F) -> F: ...

    @overload
    def api(
        self,
        fn: None = None,
        *,
        name: str | None = None,
        description: str | Literal[False] | None = None,
        concurrency_limit: Limit = "default",
        concurrency_id: str | None = None,
        queue: bool = True,
        batch: bool = False,
        max_batch_size: int = 4,
        api_visibility: Visibility = "public",
        time_limit: float | None = None,
        stream_every: float = 0.5,
        on_change: State[Any] | None = None,
        validator: Callable[..., Any] | None = None,
        connection: Connection = "sse",
    ) -> Callable[[F], F]: ...

    def api(self, fn: F | None = None, **options: Any) -> F | Callable[[F], F]:
        """Make a function an endpoint: ``@app.api``, ``@app.api(name=…)`` or ``app.api(fn, …)``.

        ``name`` defaults to the function's; a second one gets ``_1``. ``description`` defaults
        to the docstring's first paragraph. ``concurrency_limit`` is the number of events at
        once (None: no limit; "default": see ``launch``); functions with
        one ``concurrency_id`` share the lowest of their limits. With ``batch`` the function
        takes one tuple per parameter and returns one list per output. ``time_limit``, in
        seconds, ends an event with an error. With ``connection="stream"`` the function is called
        again with each chunk that the client sends, every ``stream_every`` seconds, until it closes
        the stream, ``time_limit`` has passed, or nothing comes for as long, or 30 seconds. With
        ``on_change`` clients call the function when an event has changed that State for their
        session (STATE-013). ``validator`` takes the
        function's inputs (with ``batch`` those of one event) and returns None or ``validate(…)``
        for each; a call that it refuses is answered 422 and never runs (JOIN-015). Raises
        ``ValueError`` or ``TypeError`` that names what is wrong.
        """
        if self._service is not None:
            raise RuntimeError("api(): the server already runs; register all functions before")
        checked = Options(**options)

        def register(function: F) -> F:
            taken = {endpoint.name for endpoint in self._endpoints}
            self._endpoints.append(make_endpoint(function, checked, len(self._endpoints), taken))
            return function

        return register if fn is None else register(fn)

    def unload(self, fn: L) -> L:
        """Call a function when a session has gone: when its last heartbeat has ended
        (STATE-019). It may take a ``Request``, and nothing else.
        """
        if self._service is not None:
            raise RuntimeError("unload(): the server already runs; register all functions before")
        signature = inspect_function(fn)
        if signature.inputs or signature.kind.generates:
            raise ValueError("unload() takes a function without inputs that does not yield")
        self._unloads.append(fn)
        return fn

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        return tuple(self._endpoints)

    @property
    def grace(self) -> float:
        """Seconds that all has to end in when the server stops."""
        return self._settings.grace

    @property
    def mcp(self) -> Namespace:
        """The decorators ``@app.mcp.tool``, ``resource`` and ``prompt``, for endpoints of a server
        with ``mcp_server=True``.
        """
        return Namespace()

    # --- the app's own routes --------------------------------------------------------------------

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: Callable[..., Any] | None = None,
        *args: Any,
        **options: Any,
    ) -> None:
        """As in Quart; ``/items/{item}``, the way of ``gradio.Server``, is ``/items/<item>``."""
        super().add_url_rule(rule_of(rule, view_func), endpoint, view_func, *args, **options)

    # --- running ---------------------------------------------------------------------------------

    def configure(self, **settings: Any) -> None:
        """Set what ``launch`` would, for an app that something else serves: all its keywords but
        those of the socket, and ``state_linger`` and ``grace``. Raises as ``launch`` does.
        """
        self._configure("configure", settings)

    def _configure(self, where: str, settings: dict[str, Any]) -> None:
        if self._service is not None and not self._service.closed.is_set():
            raise RuntimeError("configure(): the server already runs")
        known = {"allowed_origins", "strict_cors"} | {
            item.name for item in dataclasses.fields(Settings)
        }
        others = {name: value for name, value in settings.items() if name not in known}
        keywords.refuse(where, others, known)
        settings = {name: value for name, value in settings.items() if name in known}
        origins = _origins(settings)
        for name, read in _READ.items():
            if name in settings:
                settings[name] = read(settings[name])
        self._settings = dataclasses.replace(self._settings, **settings)
        self._origins = origins or self._origins
        self._service = None

    def launch(
        self,
        *,
        server_name: str | None = None,
        server_port: int | None = None,
        show_error: bool = False,
        prevent_thread_lock: bool = False,
        max_size: int | None = None,
        default_concurrency_limit: int | Literal["not_set"] | None = "not_set",
        max_threads: int = 40,
        root_path: str | None = None,
        state_session_capacity: int = 10_000,
        allowed_paths: Sequence[str] | None = None,
        blocked_paths: Sequence[str] | None = None,
        max_file_size: int | str | None = None,
        auth: Auth | None = None,
        auth_message: str | None = None,
        auth_dependency: Depends | None = None,
        strict_cors: bool = True,
        allowed_origins: Sequence[str] | None = None,
        enable_monitoring: bool | None = None,
        metrics: bool = False,
        mcp_server: bool | None = None,
        ssl_keyfile: str | None = None,
        ssl_certfile: str | None = None,
        ssl_keyfile_password: str | None = None,
        quiet: bool = False,
        **others: Any,
    ) -> tuple[Server, str, None]:
        """Serve until SIGINT or SIGTERM; with ``prevent_thread_lock`` in the background, until
        ``close``.

        Listens on ``server_name`` (GRADIO_SERVER_NAME, 127.0.0.1) and ``server_port``
        (GRADIO_SERVER_PORT, else the first free one from 7860; 0: any). ``max_size`` bounds the
        waiting events, ``default_concurrency_limit`` how many of a function without a limit of its
        own run at once (None: any number; else GRADIO_DEFAULT_CONCURRENCY_LIMIT, 1),
        ``state_session_capacity`` the sessions that keep State. Beside uploads and outputs, files
        in ``allowed_paths`` are served, but none in ``blocked_paths``; ``max_file_size`` bounds
        each uploaded file, in bytes or as text such as "5mb". Uploads and outputs lie in a folder
        of this server, in GRADIO_TEMP_DIR or where the system keeps temporary files, which is
        removed when the server stops.

        ``auth`` is a (name, password) pair, a list of pairs, or a function of both;
        ``auth_message`` is for those who are not logged in. ``auth_dependency`` replaces it: it
        makes of a ``Request``, on the loop, the user's name or None. ``allowed_origins`` lists the
        pages elsewhere that may call, ``strict_cors=False`` admits the origin "null".
        ``root_path`` (GRADIO_ROOT_PATH) is the path or URL under which a proxy shows this server.
        ``ssl_certfile`` and ``ssl_keyfile`` make it https, ``enable_monitoring`` and ``metrics``
        open /monitoring, ``mcp_server`` (GRADIO_MCP_SERVER) the Model Context Protocol at
        /gradio_api/mcp/. reference/README.md tells more. Gradio's other keywords are refused by a
        ``ValueError``, unless they ask for nothing (``share=False``). Returns the app, its URL, and
        None where Gradio has a share URL. Raises ``OSError`` if the port is taken, ``ValueError``
        for a bad option.
        """
        if root_path is None:
            root_path = os.environ.get("GRADIO_ROOT_PATH", "")
        settings = {
            "show_error": show_error,
            "max_size": max_size,
            "default_concurrency_limit": default_concurrency_limit,
            "max_threads": max_threads,
            "root_path": root_path,
            "state_session_capacity": state_session_capacity,
            "allowed_paths": allowed_paths,
            "blocked_paths": blocked_paths,
            "max_file_size": max_file_size,
            "auth": auth,
            "auth_message": auth_message,
            "auth_dependency": auth_dependency,
            "strict_cors": strict_cors,
            "allowed_origins": allowed_origins,
            "enable_monitoring": enable_monitoring,
            "metrics": metrics,
            "mcp_server": mcp_server,
        }
        tls = serving.tls(ssl_certfile, ssl_keyfile, ssl_keyfile_password)
        self._configure("launch", settings | others)
        plan = serving.Plan(server_name, server_port, prevent_thread_lock, quiet, tls)
        return self, serving.launch(self, plan), None

    @property
    def speaks_mcp(self) -> bool:
        """Whether it does when it serves (MCP-001)."""
        return self._speaker() is not None

    def close(self) -> None:
        """Stop a server that ``launch(prevent_thread_lock=True)`` started. Does nothing
        otherwise.
        """
        serving.close(self)

    def prepare(self) -> None:
        """Fix endpoints and settings. Raises ``ValueError`` for a bad environment variable."""
        self._provide()

    def say_goodbye(self) -> None:
        """End all streams with a message and stop all jobs (SSE-026). On the loop only, before
        the server stops.
        """
        if self._service is not None:
            self._service.close()

    async def _renew(self) -> None:
        if self._service is not None and self._service.closed.is_set():
            self._service = None
        self.prepare()

    async def _stop(self) -> None:
        # Under launch() this has happened already; other ASGI servers tell it late, but they do.
        self.say_goodbye()
        if self._service is not None:
            await self._service.drain()
            if self._mcp_host is not None:
                await self._mcp_host.close()
            self._service.files.remove()

    def _provide(self) -> Service:
        if self._service is None:
            settings = self._settings.with_environment()
            service = Service(self._endpoints, settings, self._base, self._unloads)
            self._mcp_host = _host(service) if settings.mcp_server else None
            self._service = service
        return self._service

    def _speaker(self) -> Host | None:
        """Who speaks MCP, if this server does."""
        self._provide()
        return self._mcp_host

    # --- HTTP ------------------------------------------------------------------------------------

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if not self._has_login_pages:
            # Last of all, so that pages of the app with the same paths win, as on Gradio.
            self._has_login_pages = True
            self.register_blueprint(auth_routes.pages_blueprint(self._provide))
        if scope["type"] != "lifespan":
            scope = placed(scope, self._settings.root_path)
        if scope["type"] == "http" and self._origins.active and cors.is_cross_origin(scope):
            send = await cors.cross_origin(self._origins, scope, send)
            if send is None:
                return
        await self.asgi_app(scope, receive, send)  # what Quart's own does, with one frame less

    def admit_all_origins(self) -> None:
        """Let pages of every origin read what is answered without cookies."""
        self._origins = cors.Origins(("*",), strict=False)

    def leave_cors(self) -> None:
        """Send no CORS headers: the app that this one is mounted in does."""
        self._origins = cors.Origins(())

    async def handle_http_exception(self, error: HTTPException) -> Any:
        # A WebSocket comes here too, and has no request; no protocol route is one.
        if not (has_request_context() and _is_protocol()):
            return await super().handle_http_exception(error)
        # DISC-025
        answer = json_answer({"detail": error.name}, error.code or 500)
        for name, value in error.get_headers():
            if name.lower() not in ("content-type", "content-length"):
                answer.headers[name] = value
        return answer

    async def handle_exception(self, error: Exception) -> Any:
        if not _is_protocol():
            return await super().handle_exception(error)
        self.logger.error("A protocol route failed", exc_info=error)
        return json_answer({"detail": "Internal Server Error"}, 500)


async def _end_ambiguous(response: Any) -> Any:
    # NET-022: somebody on the way may have read the body by its other length.
    if "Transfer-Encoding" in request.headers and "Content-Length" in request.headers:
        response.headers["Connection"] = "close"
    return response


def _host(service: Service) -> Host:
    from gradio_reference import __version__
    from gradio_reference.mcp.host import Host  # the SDK is an extra

    return Host(service, __version__)


def _texts(name: str, texts: Sequence[str] | None) -> tuple[str, ...]:
    if isinstance(texts, str):
        raise ValueError(f"{name}: must be a list, not text")
    return tuple(str(text) for text in texts or ())


def _depends(depends: Depends | None) -> Depends | None:
    if depends is not None and not callable(depends):
        raise TypeError(f"auth_dependency: {depends!r} is no function of a Request")
    return depends


def _origins(settings: dict[str, Any]) -> cors.Origins | None:
    """The rule, taken out of the settings that name one."""
    if not {"allowed_origins", "strict_cors"} & set(settings):
        return None
    allowed = settings.pop("allowed_origins", None)
    strict = settings.pop("strict_cors", True)
    listed = None if allowed is None else _texts("allowed_origins", allowed)
    return cors.Origins(listed, strict=strict)


# How what an app writes becomes what Settings holds.
_READ: dict[str, Callable[[Any], Any]] = {
    "allowed_paths": partial(_texts, "allowed_paths"),
    "blocked_paths": partial(_texts, "blocked_paths"),
    "max_file_size": bytes_of,
    "root_path": lambda path: (path or "").rstrip("/"),
    "auth": accounts,
    "auth_dependency": _depends,
}


async def _refuse(error: Rejected) -> Response:
    return json_answer({"detail": error.detail}, error.status)


def _is_protocol() -> bool:
    path = request.path
    if path.startswith(API_PREFIX + "/") or path.rstrip("/") in (API_PREFIX, "/config"):
        return True
    return request.blueprint == auth_routes.PAGES


def _caller() -> str:
    """The module that makes the Server: Quart finds its static files and templates beside it."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__") == __name__:
        frame = frame.f_back
    return str(frame.f_globals.get("__name__", "__main__"))
