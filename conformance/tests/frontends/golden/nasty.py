# The endpoints of nasty.json, by: gradio-protocol types --lang python
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


ABResult1 = TypedDict("ABResult1", {
    "with-dash": "str",
    "list": "list[str]",
})


@final
class Message(TypedDict):
    text: str


@final
class Message2(TypedDict):
    text: int


@final
class Tree(TypedDict):
    value: int
    children: NotRequired[list[Tree]]


Json: TypeAlias = "str | list[Json] | dict[str, Json]"


Loop: TypeAlias = "None"


@final
class UnionsE(TypedDict):
    x: str
    y: str


@final
class FileDataResult1Result(TypedDict):
    files: list[FilePath]


class App:
    """The endpoints of the app as methods, over a `gradio_client.Client`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def class_(self, self_: str, class_: int, cast_: bool) -> str:
        """
        */ \"\"\" \\
        self_: l
        class_: l
        cast_: l
        returns 1: l
        """
        return cast("str", self._client.predict(self_, class_, cast_, api_name="/class"))

    def submit_class_(self, self_: str, class_: int, cast_: bool) -> Job[str]:
        """Start `/class` and return at once."""
        return cast("Job[str]", self._client.submit(self_, class_, cast_, api_name="/class"))

    def a_b(self, a_b: str, a_b_2: str, a_b_3: str) -> tuple[()]:
        """
        a_b: l
        a_b_2: l
        a_b_3: l
        """
        return cast("tuple[()]", self._client.predict(a_b, a_b_2, a_b_3, api_name="/a-b"))

    def submit_a_b(self, a_b: str, a_b_2: str, a_b_3: str) -> Job[tuple[()]]:
        """Start `/a-b` and return at once."""
        return cast("Job[tuple[()]]", self._client.submit(a_b, a_b_2, a_b_3, api_name="/a-b"))

    def a_b_2(self, x: str, parameter_2: int) -> ABResult1:
        """
        x: l
        parameter_2: l
        returns 1: l
        """
        return cast("ABResult1", self._client.predict(x, parameter_2, api_name="/a b"))

    def submit_a_b_2(self, x: str, parameter_2: int) -> Job[ABResult1]:
        """Start `/a b` and return at once."""
        return cast("Job[ABResult1]", self._client.submit(x, parameter_2, api_name="/a b"))

    def endpoint(self, parameter_1: str) -> Any:
        """
        parameter_1: l
        returns 1: l
        """
        return self._client.predict(parameter_1, api_name="/")

    def submit_endpoint(self, parameter_1: str) -> Job[Any]:
        """Start `/` and return at once."""
        return cast("Job[Any]", self._client.submit(parameter_1, api_name="/"))

    def über(self, größe: float, file: float, 日本: float, parameter_1st: float, init: float) -> tuple[float, None]:
        """
        größe: l
        file: l
        日本: l
        parameter_1st: l
        init: l
        returns 1: l
        returns 2: l
        """
        return cast("tuple[float, None]", self._client.predict(größe, file, 日本, parameter_1st, init, api_name="/über"))

    def submit_über(self, größe: float, file: float, 日本: float, parameter_1st: float, init: float) -> Job[tuple[float, None]]:
        """Start `/über` and return at once."""
        return cast("Job[tuple[float, None]]", self._client.submit(größe, file, 日本, parameter_1st, init, api_name="/über"))

    def list_(self) -> list[str]:
        """returns 1: l"""
        return cast("list[str]", self._client.predict(api_name="/list"))

    def submit_list_(self) -> Job[list[str]]:
        """Start `/list` and return at once."""
        return cast("Job[list[str]]", self._client.submit(api_name="/list"))

    def submit_list(self) -> list[Any]:
        """returns 1: l"""
        return cast("list[Any]", self._client.predict(api_name="/submit_list"))

    def submit_submit_list(self) -> Job[list[Any]]:
        """Start `/submit_list` and return at once."""
        return cast("Job[list[Any]]", self._client.submit(api_name="/submit_list"))

    def str_(self, str_: str = "x", *, after: str) -> str:
        """
        str_: l · Default: "x"
        after: l
        returns 1: l
        """
        return cast("str", self._client.predict(str_, after, api_name="/str"))

    def submit_str_(self, str_: str = "x", *, after: str) -> Job[str]:
        """Start `/str` and return at once."""
        return cast("Job[str]", self._client.submit(str_, after, api_name="/str"))

    def Message_(self, message: Message) -> tuple[Message2, Message]:
        """
        message: l
        returns 1: l
        returns 2: l
        """
        return cast("tuple[Message2, Message]", self._client.predict(message, api_name="/Message"))

    def submit_Message_(self, message: Message) -> Job[tuple[Message2, Message]]:
        """Start `/Message` and return at once."""
        return cast("Job[tuple[Message2, Message]]", self._client.submit(message, api_name="/Message"))

    def tree(self, tree: Tree) -> tuple[Json, Loop, Any, Never]:
        """
        tree: l
        returns 1: l
        returns 2: l
        returns 3: l
        returns 4: l
        """
        return cast("tuple[Json, Loop, Any, Never]", self._client.predict(tree, api_name="/tree"))

    def submit_tree(self, tree: Tree) -> Job[tuple[Json, Loop, Any, Never]]:
        """Start `/tree` and return at once."""
        return cast("Job[tuple[Json, Loop, Any, Never]]", self._client.submit(tree, api_name="/tree"))

    def defaults(self, a: str | None = None, b: float = 1, c: int = cast("Any", "no integer"), d: list[Any] = cast("Any", [1, {"x": None}]), e: Literal["a", 1, True] | None | float = "a", f: str = '"\\\n\u2028*/', g: Any = {"k": [True]}) -> Literal['"\\\n', "*/"]:
        """
        a: l
        b: l · Default: 1
        c: l · Default: "no integer"
        d: l · Default: [1, {"x": null}]
        e: l · Default: "a"
        f: l · Default: "\\"\\\\\\n\\u2028*/"
        g: l · Default: {"k": [true]}
        returns 1: l
        """
        return cast('Literal[\'"\\\\\\n\', "*/"]', self._client.predict(a, b, c, d, e, f, g, api_name="/defaults"))

    def submit_defaults(self, a: str | None = None, b: float = 1, c: int = cast("Any", "no integer"), d: list[Any] = cast("Any", [1, {"x": None}]), e: Literal["a", 1, True] | None | float = "a", f: str = '"\\\n\u2028*/', g: Any = {"k": [True]}) -> Job[Literal['"\\\n', "*/"]]:
        """Start `/defaults` and return at once."""
        return cast('Job[Literal[\'"\\\\\\n\', "*/"]]', self._client.submit(a, b, c, d, e, f, g, api_name="/defaults"))

    def unions(self, a: str | None, b: float | None, c: list[Literal[1, True]], d: list[str | int], e: UnionsE) -> list[str | None]:
        """
        a: l
        b: l
        c: l
        d: l
        e: l
        returns 1: l
        """
        return cast("list[str | None]", self._client.predict(a, b, c, d, e, api_name="/unions"))

    def submit_unions(self, a: str | None, b: float | None, c: list[Literal[1, True]], d: list[str | int], e: UnionsE) -> Job[list[str | None]]:
        """Start `/unions` and return at once."""
        return cast("Job[list[str | None]]", self._client.submit(a, b, c, d, e, api_name="/unions"))

    def FileData(self, f: FileInput) -> FileDataResult1Result:
        """
        f: l
        returns 1: l
        """
        return cast("FileDataResult1Result", self._client.predict(f, api_name="/FileData"))

    def submit_FileData(self, f: FileInput) -> Job[FileDataResult1Result]:
        """Start `/FileData` and return at once."""
        return cast("Job[FileDataResult1Result]", self._client.submit(f, api_name="/FileData"))
