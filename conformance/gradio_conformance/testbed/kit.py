"""What an endpoint function is made with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from typing import Any
from typing import Literal
from typing import Protocol
from typing import TypeVar

from gradio_conformance.testbed.gates import Gates
from gradio_conformance.testbed.journal import Journal
from gradio_conformance.testbed.places import Places

F = TypeVar("F", bound=Callable[..., Any])

HEARTBEAT_INTERVAL = 1.0  # seconds; a check that waits for a heartbeat waits this long
SECOND_MAX_SIZE = 3
SECOND_MAX_FILE_SIZE = 1000  # bytes
SECOND_ENDPOINTS = frozenset(
    {"echo", "hold", "release", "fail", "fail_user", "journal", "settings"}
)


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
    """How one of the servers is set up; what its endpoint `settings` tells."""

    server: Literal["main", "second", "stateful"]
    max_size: int | None
    show_error: bool
    second: str | None
    stateful: str | None = None
    max_file_size: int | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "testbed": "1",
            "heartbeat_interval": HEARTBEAT_INTERVAL,
            "max_size": self.max_size,
            "show_error": self.show_error,
            "max_file_size": self.max_file_size,
            "second": self.second,
            "stateful": self.stateful,
        }


def main_settings(second: str | None, stateful: str | None = None) -> Settings:
    """The server `main`; `second` and `stateful` are the base URLs of the others that run."""
    return Settings("main", max_size=None, show_error=False, second=second, stateful=stateful)


def second_settings() -> Settings:
    return Settings(
        "second",
        max_size=SECOND_MAX_SIZE,
        show_error=True,
        second=None,
        max_file_size=SECOND_MAX_FILE_SIZE,
    )


def stateful_settings() -> Settings:
    return Settings("stateful", max_size=None, show_error=False, second=None)


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
