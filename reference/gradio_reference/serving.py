"""Runs a server: sockets, signals, background threads, the welcome lines."""

from __future__ import annotations

import asyncio
import atexit
import os
import signal
import socket
import ssl
import sys
import threading
from collections.abc import Coroutine
from contextvars import ContextVar
from dataclasses import dataclass
from dataclasses import field
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any
from weakref import WeakKeyDictionary

from gradio_reference import adapters
from gradio_reference.adapters import Adapter
from gradio_reference.service import API_PREFIX

if TYPE_CHECKING:
    from gradio_reference.server import Server

FIRST_PORT = 7860
PORTS = 100


@dataclass(frozen=True, slots=True)
class Tls:
    """The files of the certificate and of its key."""

    certificate: str
    key: str
    password: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Where and how to serve."""

    host: str | None = None
    port: int | None = None
    background: bool = False
    quiet: bool = False
    tls: Tls | None = None
    web_server: str = adapters.DEFAULT
    backlog: int = 2048
    keep_alive: int = 75  # seconds that a connection may rest between two requests


# While the command line loads a user's file, launch() only notes what the file wants.
deferred: ContextVar[list[tuple[Server, Plan]] | None] = ContextVar("deferred", default=None)


@dataclass(slots=True)
class _Background:
    """A server in a thread of its own."""

    thread: threading.Thread
    loop: asyncio.AbstractEventLoop | None = None
    stop: asyncio.Event | None = None
    ready: threading.Event = field(default_factory=threading.Event)
    error: BaseException | None = None


_running: WeakKeyDictionary[Server, _Background] = WeakKeyDictionary()


@atexit.register
def _close_all() -> None:
    for server in list(_running):
        close(server)


def launch(server: Server, plan: Plan) -> str:
    """Serve; returns the URL (at once in the background, else after the server has stopped)."""
    notes = deferred.get()
    if notes is not None:
        notes.append((server, plan))
        return ""
    adapter = adapters.adapter(plan.web_server)
    server.prepare()
    listener = listen(plan)
    url = _url(listener, "http" if plan.tls is None else "https")
    if not plan.quiet:
        _welcome(server, url)
    if plan.background:
        _serve_in_background(server, listener, plan, adapter)
    else:
        _run(adapter, _serve_until_signal(server, listener, plan, adapter))
    return url


def close(server: Server) -> None:
    """Stop a background server and wait until it has said goodbye."""
    background = _running.pop(server, None)
    if background is None or background.loop is None or background.stop is None:
        return
    background.loop.call_soon_threadsafe(background.stop.set)
    background.thread.join(timeout=server.grace + 5)


def listen(plan: Plan) -> socket.socket:
    """A listening socket on the wanted or the first free port. Raises ``OSError`` that names
    the port.
    """
    host = plan.host or os.environ.get("GRADIO_SERVER_NAME") or "127.0.0.1"
    port = plan.port
    if port is None and os.environ.get("GRADIO_SERVER_PORT"):
        port = _port(os.environ["GRADIO_SERVER_PORT"])
    candidates = range(FIRST_PORT, FIRST_PORT + PORTS) if port is None else [port]
    problem: OSError | None = None
    for candidate in candidates:
        try:
            return _bind(host, candidate, plan.backlog)
        except OSError as error:
            problem = error
    where = f"port {port}" if port is not None else f"any port from {FIRST_PORT}"
    raise OSError(f"cannot listen on {host}, {where}: {problem}") from problem


def tls(certificate: str | None, key: str | None, password: str | None) -> Tls | None:
    """Raises ``ValueError`` that names the wrong option, before a socket is opened."""
    if certificate is None and key is None:
        return None
    for name, path in (("ssl_certfile", certificate), ("ssl_keyfile", key)):
        if path is None:
            raise ValueError(f"{name}: is missing; https needs a certificate and its key")
        if not Path(path).is_file():
            raise ValueError(f"{name}: there is no file {path!r}")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        # Never the terminal: OpenSSL would ask there for a password that was not given.
        context.load_cert_chain(str(certificate), str(key), password or "")
    except (ssl.SSLError, OSError) as error:
        message = f"ssl_certfile, ssl_keyfile: not a certificate and its key: {error}"
        raise ValueError(message) from None
    return Tls(str(certificate), str(key), password)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise ValueError(f"environment variable GRADIO_SERVER_PORT: {text!r} is not a port number")
    return int(text)


def _bind(host: str, port: int, backlog: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends small writes at once only where it sees that the protocol is TCP.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(backlog)
    except (OSError, OverflowError) as error:
        listener.close()
        raise OSError(str(error)) from error
    listener.setblocking(False)
    return listener


def _url(listener: socket.socket, scheme: str) -> str:
    host, port = listener.getsockname()[:2]
    if ip_address(host).is_unspecified:  # all interfaces: this one is surely among them
        host = "::1" if ":" in host else "127.0.0.1"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _run(adapter: Adapter, main: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=adapter.new_event_loop) as runner:
        runner.run(main)


async def _serve_until_signal(
    server: Server, listener: socket.socket, plan: Plan, adapter: Adapter
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
    await adapter.serve(server, listener, plan, stop)


def _serve_in_background(
    server: Server, listener: socket.socket, plan: Plan, adapter: Adapter
) -> None:
    async def main() -> None:
        background.loop = asyncio.get_running_loop()
        background.stop = asyncio.Event()
        background.ready.set()
        await adapter.serve(server, listener, plan, background.stop)

    def run() -> None:
        try:
            _run(adapter, main())
        except BaseException as error:
            background.error = error
            raise
        finally:
            background.ready.set()

    background = _Background(threading.Thread(target=run, name="gradio-server", daemon=True))
    _running[server] = background
    background.thread.start()
    background.ready.wait()
    if background.error is not None:
        raise background.error


def _welcome(server: Server, url: str) -> None:
    """What a frontend can call, one URL per public endpoint."""
    lines = [f"* Running on {url}"]
    if server.speaks_as is not None:
        lines = [f"* Running on {url}, speaking as {server.speaks_as} did"]
    for endpoint in server.endpoints:
        if endpoint.options.api_visibility == "public" and server.speaks_as is None:
            names = ", ".join(item.name for item in endpoint.signature.parameters)
            lines.append(f"  POST {url}{API_PREFIX}/call/v2/{endpoint.name}  ({names})")
    if server.speaks_as is None:
        where = f"{url}{API_PREFIX}"
        lines.append(f"* API description: {where}/info and {where}/openapi.json")
    if server.speaks_mcp:
        lines.append(f"* MCP server: {url}{API_PREFIX}/mcp/")
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
