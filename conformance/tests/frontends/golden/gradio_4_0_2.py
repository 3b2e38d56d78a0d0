# The endpoints of gradio_4_0_2.json, by: gradio-protocol types --lang python
# Protocol sse_v3, specification 0.1.0. Made again, never edited.
# ruff: noqa
# fmt: off
from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any
from typing import Literal
from typing import Never
from typing import NotRequired
from typing import Protocol
from typing import TypeAlias
from typing import TypedDict
from typing import TypeVar
from typing import cast
from typing import final

Result = TypeVar("Result", covariant=True)

# What gradio_client gives for a file: where it has put what it downloaded.
FilePath: TypeAlias = str


class FileMeta(TypedDict):
    _type: str


class FileInput(TypedDict):
    """What gradio_client takes for a file: `handle_file(path_or_url)` makes one."""

    path: str
    meta: FileMeta
    url: NotRequired[str | None]
    orig_name: NotRequired[str | None]
    mime_type: NotRequired[str | None]
    size: NotRequired[int | None]


class Job(Protocol[Result]):
    """A call that runs: iterate over it for what a generator yields."""

    def result(self, timeout: float | None = None) -> Result: ...

    def outputs(self) -> Sequence[Result]: ...

    def status(self) -> Any: ...

    def cancel(self) -> bool: ...

    def __iter__(self) -> Iterator[Result]: ...


class Client(Protocol):
    """A `gradio_client.Client`, or whatever stands in for one."""

    def predict(self, *arguments: Any, api_name: str) -> Any: ...

    def submit(self, *arguments: Any, api_name: str) -> Any: ...


class App:
    """The endpoints of the app as methods, over a `gradio_client.Client`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def echo(self, parameter_1: str) -> str:
        """
        parameter_1: in · Textbox
        returns 1: out · Textbox
        """
        return cast("str", self._client.predict(parameter_1, api_name="/echo"))

    def submit_echo(self, parameter_1: str) -> Job[str]:
        """Start `/echo` and return at once."""
        return cast("Job[str]", self._client.submit(parameter_1, api_name="/echo"))

    def gen(self, parameter_1: str) -> str:
        """
        parameter_1: in · Textbox
        returns 1: out · Textbox
        """
        return cast("str", self._client.predict(parameter_1, api_name="/gen"))

    def submit_gen(self, parameter_1: str) -> Job[str]:
        """Start `/gen` and return at once."""
        return cast("Job[str]", self._client.submit(parameter_1, api_name="/gen"))

    def gjson(self, parameter_1: str) -> Any:
        """
        parameter_1: in · Textbox
        returns 1: j · Json · any valid json
        """
        return self._client.predict(parameter_1, api_name="/gjson")

    def submit_gjson(self, parameter_1: str) -> Job[Any]:
        """Start `/gjson` and return at once."""
        return cast("Job[Any]", self._client.submit(parameter_1, api_name="/gjson"))

    def gnest(self, parameter_1: str) -> Any:
        """
        parameter_1: in · Textbox
        returns 1: j · Json · any valid json
        """
        return self._client.predict(parameter_1, api_name="/gnest")

    def submit_gnest(self, parameter_1: str) -> Job[Any]:
        """Start `/gnest` and return at once."""
        return cast("Job[Any]", self._client.submit(parameter_1, api_name="/gnest"))

    def gerr(self, parameter_1: str) -> str:
        """
        parameter_1: in · Textbox
        returns 1: out · Textbox
        """
        return cast("str", self._client.predict(parameter_1, api_name="/gerr"))

    def submit_gerr(self, parameter_1: str) -> Job[str]:
        """Start `/gerr` and return at once."""
        return cast("Job[str]", self._client.submit(parameter_1, api_name="/gerr"))

    def err(self, parameter_1: str) -> str:
        """
        parameter_1: in · Textbox
        returns 1: out · Textbox
        """
        return cast("str", self._client.predict(parameter_1, api_name="/err"))

    def submit_err(self, parameter_1: str) -> Job[str]:
        """Start `/err` and return at once."""
        return cast("Job[str]", self._client.submit(parameter_1, api_name="/err"))

    def exc(self, parameter_1: str) -> str:
        """
        parameter_1: in · Textbox
        returns 1: out · Textbox
        """
        return cast("str", self._client.predict(parameter_1, api_name="/exc"))

    def submit_exc(self, parameter_1: str) -> Job[str]:
        """Start `/exc` and return at once."""
        return cast("Job[str]", self._client.submit(parameter_1, api_name="/exc"))

    def prog(self, parameter_1: str) -> str:
        """
        parameter_1: in · Textbox
        returns 1: out · Textbox
        """
        return cast("str", self._client.predict(parameter_1, api_name="/prog"))

    def submit_prog(self, parameter_1: str) -> Job[str]:
        """Start `/prog` and return at once."""
        return cast("Job[str]", self._client.submit(parameter_1, api_name="/prog"))

    def logs(self, parameter_1: str) -> str:
        """
        parameter_1: in · Textbox
        returns 1: out · Textbox
        """
        return cast("str", self._client.predict(parameter_1, api_name="/logs"))

    def submit_logs(self, parameter_1: str) -> Job[str]:
        """Start `/logs` and return at once."""
        return cast("Job[str]", self._client.submit(parameter_1, api_name="/logs"))

    def slow(self, parameter_1: str) -> str:
        """
        parameter_1: in · Textbox
        returns 1: out · Textbox
        """
        return cast("str", self._client.predict(parameter_1, api_name="/slow"))

    def submit_slow(self, parameter_1: str) -> Job[str]:
        """Start `/slow` and return at once."""
        return cast("Job[str]", self._client.submit(parameter_1, api_name="/slow"))

    def fecho(self, parameter_1: FileInput) -> FilePath:
        """
        parameter_1: f · File
        returns 1: g · File
        """
        return cast("FilePath", self._client.predict(parameter_1, api_name="/fecho"))

    def submit_fecho(self, parameter_1: FileInput) -> Job[FilePath]:
        """Start `/fecho` and return at once."""
        return cast("Job[FilePath]", self._client.submit(parameter_1, api_name="/fecho"))
