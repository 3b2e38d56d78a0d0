"""What an endpoint function is made with."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Any
from typing import Literal
from typing import Protocol
from typing import TypeVar
from typing import cast

from gradio_conformance.testbed.gates import Gates
from gradio_conformance.testbed.journal import Journal
from gradio_conformance.testbed.places import Places
from gradio_spec.loader import load_spec
from gradio_spec.testbed import other_servers

F = TypeVar("F", bound=Callable[..., Any])

TESTBED = load_spec().testbed
HEARTBEAT_INTERVAL = 1.0  # seconds; a check that waits for a heartbeat waits this long


class Api(Protocol):
    """The decorator factory `app.api` of Server mode, as far as the testbed uses it."""

    def __call__(
        self,
        *,
        name: str,
        description: str | None = None,
        queue: bool = True,
        batch: bool = False,
        max_batch_size: int = 4,
        concurrency_limit: int | Literal["default"] | None = "default",
        concurrency_id: str | None = None,
        api_visibility: Literal["public", "private", "undocumented"] = "public",
    ) -> Callable[[F], F]: ...


@dataclass(frozen=True, slots=True)
class Settings:
    """How one of the servers is set up, by its row in testbed.yaml; what its endpoint `settings`
    tells. `urls` are those of the other servers, by name; `heartbeat_interval` is in seconds.
    """

    server: str
    row: Mapping[str, Any]
    urls: Mapping[str, str] = field(default_factory=dict)
    heartbeat_interval: float = HEARTBEAT_INTERVAL

    @property
    def max_size(self) -> int | None:
        return cast(int | None, self.row["max_size"])

    @property
    def max_file_size(self) -> int | None:
        return cast(int | None, self.row["max_file_size"])

    @property
    def show_error(self) -> bool:
        return bool(self.row["show_error"])

    @property
    def auth(self) -> list[tuple[str, str]] | None:
        """Name and password of who may log in; None where nobody needs to."""
        users = self.row.get("users")
        return users and [(user["name"], user["password"]) for user in users]

    @property
    def auth_message(self) -> str | None:
        return self.row.get("auth_message")

    @property
    def root_path(self) -> str | None:
        return self.row.get("root_path")

    @property
    def mcp_server(self) -> bool:
        return bool(self.row.get("mcp_server"))

    def as_json(self) -> dict[str, Any]:
        return {
            "testbed": TESTBED["testbed"],
            "heartbeat_interval": self.heartbeat_interval,
            "max_size": self.max_size,
            "show_error": self.show_error,
            "max_file_size": self.max_file_size,
            **{name: self.urls.get(name) for name in other_servers(TESTBED)},
        }


def settings_of(server: str, urls: Mapping[str, str] | None = None) -> Settings:
    """The settings of one of the testbed's servers; `KeyError` if there is none of this name."""
    return Settings(server, TESTBED["servers"][server], urls or {})


def no_unload(function: F) -> F:
    """Of a server that does not say when a session has gone."""
    return function


@dataclass(frozen=True, slots=True)
class Kit:
    """`api` registers, `gr` is the library module; the rest belongs to one server.

    `unload` registers what runs when a session has gone.
    """

    api: Api
    gr: Any
    settings: Settings
    gates: Gates = field(default_factory=Gates)
    journal: Journal = field(default_factory=Journal)
    unload: Callable[[Any], Any] = no_unload
    places: Places = field(default_factory=Places)

    def close(self) -> None:
        """The server stops: nothing waits any more, and nothing is left behind."""
        self.gates.close()
        self.places.close()
