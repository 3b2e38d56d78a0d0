# The endpoints of components.json, by: gradio-protocol types --lang python
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


@final
class DataframeData(TypedDict):
    headers: list[Any]
    data: list[list[Any]]
    metadata: NotRequired[dict[str, list[Any] | None] | None]


@final
class MetadataDict(TypedDict):
    """
    A typed dictionary to represent metadata for a message in the Chatbot component. An
    instance of this dictionary is used for the `metadata` field in a ChatMessage when
    the chat message should be displayed as a thought.
    Parameters:
    title: The title of the "thought" message. Required if the message is to be displayed as a thought.
    id: The ID of the message. Only used for nested thoughts. Nested thoughts can be nested by setting the parent_id to the id of the parent thought.
    parent_id: The ID of the parent message. Only used for nested thoughts.
    log: A string message to display next to the thought title in a subdued font.
    duration: The duration of the message in seconds. Appears next to the thought title in a subdued font inside a parentheses.
    status: if set to `"pending"`, a spinner appears next to the thought title and the accordion is initialized open. If `status` is `"done"`, the thought accordion is initialized closed. If `status` is not provided, the thought accordion is initialized open and no spinner is displayed.
    """
    title: NotRequired[str]
    id: NotRequired[int | str]
    parent_id: NotRequired[int | str]
    log: NotRequired[str]
    duration: NotRequired[float]
    status: NotRequired[Literal["pending", "done"]]


@final
class TextMessage(TypedDict):
    text: str
    type: NotRequired[Literal["text"]]


@final
class FileMessage(TypedDict):
    file: FileInput
    alt_text: NotRequired[str | None]
    type: NotRequired[Literal["file"]]


@final
class FileMessageResult(TypedDict):
    file: FilePath
    alt_text: NotRequired[str | None]
    type: NotRequired[Literal["file"]]


@final
class ComponentMessage(TypedDict):
    component: str
    value: Any
    constructor_args: dict[str, Any]
    props: dict[str, Any]
    type: NotRequired[Literal["component"]]


@final
class OptionDict(TypedDict):
    """
    A typed dictionary to represent an option in a ChatMessage. A list of these
    dictionaries is used for the `options` field in a ChatMessage.
    Parameters:
    value: The value to return when the option is selected.
    label: The text to display in the option, if different from the value.
    """
    value: str
    label: NotRequired[str]


@final
class Message(TypedDict):
    role: str
    metadata: NotRequired[MetadataDict | None]
    content: list[TextMessage | FileMessage | ComponentMessage]
    options: NotRequired[list[OptionDict] | None]


@final
class MessageResult(TypedDict):
    role: str
    metadata: NotRequired[MetadataDict | None]
    content: list[TextMessage | FileMessageResult | ComponentMessage]
    options: NotRequired[list[OptionDict] | None]


@final
class LabelConfidence(TypedDict):
    label: NotRequired[str | float | None]
    confidence: NotRequired[float | None]


@final
class LabelData(TypedDict):
    label: NotRequired[str | float | None]
    confidences: NotRequired[list[LabelConfidence] | None]


@final
class GalleryImage(TypedDict):
    image: FileInput
    caption: NotRequired[str | None]


@final
class GalleryImageResult(TypedDict):
    image: FilePath
    caption: NotRequired[str | None]


@final
class GalleryVideo(TypedDict):
    video: FileInput
    caption: NotRequired[str | None]


@final
class GalleryVideoResult(TypedDict):
    video: FilePath
    caption: NotRequired[str | None]


@final
class PlotData(TypedDict):
    type: Literal["altair", "bokeh", "plotly", "matplotlib"]
    plot: str


@final
class HighlightedToken(TypedDict):
    token: str
    class_or_confidence: NotRequired[str | float | None]


@final
class MultimodalData(TypedDict):
    text: str
    files: NotRequired[list[FileInput]]


@final
class MultimodalDataResult(TypedDict):
    text: str
    files: NotRequired[list[FilePath]]


@final
class EditorData(TypedDict):
    background: NotRequired[FileInput | None]
    layers: NotRequired[list[FileInput]]
    composite: NotRequired[FileInput | None]
    id: NotRequired[str | None]


@final
class EditorDataResult(TypedDict):
    background: NotRequired[FilePath | None]
    layers: NotRequired[list[FilePath]]
    composite: NotRequired[FilePath | None]
    id: NotRequired[str | None]


@final
class DialogueLine(TypedDict):
    speaker: str
    text: str


class App:
    """The endpoints of the app as methods, over a `gradio_client.Client`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def textbox(self, x: str) -> str:
        """
        x: Textbox
        returns 1: Textbox
        """
        return cast("str", self._client.predict(x, api_name="/textbox"))

    def submit_textbox(self, x: str) -> Job[str]:
        """Start `/textbox` and return at once."""
        return cast("Job[str]", self._client.submit(x, api_name="/textbox"))

    def number(self, x: float) -> float:
        """
        x: Number
        returns 1: Number
        """
        return cast("float", self._client.predict(x, api_name="/number"))

    def submit_number(self, x: float) -> Job[float]:
        """Start `/number` and return at once."""
        return cast("Job[float]", self._client.submit(x, api_name="/number"))

    def slider(self, x: float = 0) -> float:
        """
        x: Slider · numeric value between 0 and 100 · Default: 0
        returns 1: Slider · numeric value between 0 and 100
        """
        return cast("float", self._client.predict(x, api_name="/slider"))

    def submit_slider(self, x: float = 0) -> Job[float]:
        """Start `/slider` and return at once."""
        return cast("Job[float]", self._client.submit(x, api_name="/slider"))

    def checkboxgroup(self, x: list[Literal["a", "b"]] = cast("Any", [])) -> list[Literal["a", "b"]]:
        """
        x: Checkboxgroup · Default: []
        returns 1: Checkboxgroup
        """
        return cast('list[Literal["a", "b"]]', self._client.predict(x, api_name="/checkboxgroup"))

    def submit_checkboxgroup(self, x: list[Literal["a", "b"]] = cast("Any", [])) -> Job[list[Literal["a", "b"]]]:
        """Start `/checkboxgroup` and return at once."""
        return cast('Job[list[Literal["a", "b"]]]', self._client.submit(x, api_name="/checkboxgroup"))

    def dropdown(self, x: Literal["a", "b"] = "a") -> Literal["a", "b"]:
        """
        x: Dropdown · Default: "a"
        returns 1: Dropdown
        """
        return cast('Literal["a", "b"]', self._client.predict(x, api_name="/dropdown"))

    def submit_dropdown(self, x: Literal["a", "b"] = "a") -> Job[Literal["a", "b"]]:
        """Start `/dropdown` and return at once."""
        return cast('Job[Literal["a", "b"]]', self._client.submit(x, api_name="/dropdown"))

    def image(self, x: FileInput) -> FilePath:
        """
        x: Image · A local filepath or publicly available URL.
        returns 1: Image
        """
        return cast("FilePath", self._client.predict(x, api_name="/image"))

    def submit_image(self, x: FileInput) -> Job[FilePath]:
        """Start `/image` and return at once."""
        return cast("Job[FilePath]", self._client.submit(x, api_name="/image"))

    def audio(self, x: FileInput) -> FilePath:
        """
        x: Audio · The FileData class is a subclass of the GradioModel class that represents a file object within a Gradio interface. It is used to store file data and metadata when a file is uploaded. · Attributes: · path: The server file path where the file is stored. · url: The normalized server URL pointing to the file. · size: The size of the file in bytes. · orig_name: The original filename before upload. · mime_type: The MIME type of the file. · is_stream: Indicates whether the file is a stream. · meta: Additional metadata used internally (should not be changed).
        returns 1: Audio
        """
        return cast("FilePath", self._client.predict(x, api_name="/audio"))

    def submit_audio(self, x: FileInput) -> Job[FilePath]:
        """Start `/audio` and return at once."""
        return cast("Job[FilePath]", self._client.submit(x, api_name="/audio"))

    def video(self, x: FileInput) -> FilePath:
        """
        x: Video · The FileData class is a subclass of the GradioModel class that represents a file object within a Gradio interface. It is used to store file data and metadata when a file is uploaded. · Attributes: · path: The server file path where the file is stored. · url: The normalized server URL pointing to the file. · size: The size of the file in bytes. · orig_name: The original filename before upload. · mime_type: The MIME type of the file. · is_stream: Indicates whether the file is a stream. · meta: Additional metadata used internally (should not be changed).
        returns 1: Video
        """
        return cast("FilePath", self._client.predict(x, api_name="/video"))

    def submit_video(self, x: FileInput) -> Job[FilePath]:
        """Start `/video` and return at once."""
        return cast("Job[FilePath]", self._client.submit(x, api_name="/video"))

    def dataframe(self, x: DataframeData = cast("Any", {"headers": ["1", "2", "3"], "data": [], "metadata": None})) -> DataframeData:
        """
        x: Dataframe · Default: {"headers": ["1", "2", "3"], "data": [], "metadata": null}
        returns 1: Dataframe
        """
        return cast("DataframeData", self._client.predict(x, api_name="/dataframe"))

    def submit_dataframe(self, x: DataframeData = cast("Any", {"headers": ["1", "2", "3"], "data": [], "metadata": None})) -> Job[DataframeData]:
        """Start `/dataframe` and return at once."""
        return cast("Job[DataframeData]", self._client.submit(x, api_name="/dataframe"))

    def chatbot(self, x: list[Message] = cast("Any", [])) -> list[MessageResult]:
        """
        x: Chatbot · Default: []
        returns 1: Chatbot
        """
        return cast("list[MessageResult]", self._client.predict(x, api_name="/chatbot"))

    def submit_chatbot(self, x: list[Message] = cast("Any", [])) -> Job[list[MessageResult]]:
        """Start `/chatbot` and return at once."""
        return cast("Job[list[MessageResult]]", self._client.submit(x, api_name="/chatbot"))

    def label(self, x: LabelData = cast("Any", {})) -> LabelData:
        """
        x: Label · Default: {}
        returns 1: Label
        """
        return cast("LabelData", self._client.predict(x, api_name="/label"))

    def submit_label(self, x: LabelData = cast("Any", {})) -> Job[LabelData]:
        """Start `/label` and return at once."""
        return cast("Job[LabelData]", self._client.submit(x, api_name="/label"))

    def gallery(self, x: list[GalleryImage | GalleryVideo] = cast("Any", [])) -> list[GalleryImageResult | GalleryVideoResult]:
        """
        x: Gallery · Default: []
        returns 1: Gallery
        """
        return cast("list[GalleryImageResult | GalleryVideoResult]", self._client.predict(x, api_name="/gallery"))

    def submit_gallery(self, x: list[GalleryImage | GalleryVideo] = cast("Any", [])) -> Job[list[GalleryImageResult | GalleryVideoResult]]:
        """Start `/gallery` and return at once."""
        return cast("Job[list[GalleryImageResult | GalleryVideoResult]]", self._client.submit(x, api_name="/gallery"))

    def json(self, x: Any) -> Any:
        """
        x: Json · any valid json
        returns 1: Json · any valid json
        """
        return self._client.predict(x, api_name="/json")

    def submit_json(self, x: Any) -> Job[Any]:
        """Start `/json` and return at once."""
        return cast("Job[Any]", self._client.submit(x, api_name="/json"))

    def plot(self, x: PlotData) -> PlotData:
        """
        x: Plot
        returns 1: Plot
        """
        return cast("PlotData", self._client.predict(x, api_name="/plot"))

    def submit_plot(self, x: PlotData) -> Job[PlotData]:
        """Start `/plot` and return at once."""
        return cast("Job[PlotData]", self._client.submit(x, api_name="/plot"))

    def highlightedtext(self, x: list[HighlightedToken]) -> list[HighlightedToken]:
        """
        x: Highlightedtext
        returns 1: Highlightedtext
        """
        return cast("list[HighlightedToken]", self._client.predict(x, api_name="/highlightedtext"))

    def submit_highlightedtext(self, x: list[HighlightedToken]) -> Job[list[HighlightedToken]]:
        """Start `/highlightedtext` and return at once."""
        return cast("Job[list[HighlightedToken]]", self._client.submit(x, api_name="/highlightedtext"))

    def code(self, x: str) -> str:
        """
        x: Code
        returns 1: Code
        """
        return cast("str", self._client.predict(x, api_name="/code"))

    def submit_code(self, x: str) -> Job[str]:
        """Start `/code` and return at once."""
        return cast("Job[str]", self._client.submit(x, api_name="/code"))

    def multimodaltextbox(self, x: MultimodalData = cast("Any", {"text": "", "files": []})) -> MultimodalDataResult:
        """
        x: Multimodaltextbox · Default: {"text": "", "files": []}
        returns 1: Multimodaltextbox
        """
        return cast("MultimodalDataResult", self._client.predict(x, api_name="/multimodaltextbox"))

    def submit_multimodaltextbox(self, x: MultimodalData = cast("Any", {"text": "", "files": []})) -> Job[MultimodalDataResult]:
        """Start `/multimodaltextbox` and return at once."""
        return cast("Job[MultimodalDataResult]", self._client.submit(x, api_name="/multimodaltextbox"))

    def imageeditor(self, x: EditorData) -> EditorDataResult:
        """
        x: Imageeditor
        returns 1: Imageeditor
        """
        return cast("EditorDataResult", self._client.predict(x, api_name="/imageeditor"))

    def submit_imageeditor(self, x: EditorData) -> Job[EditorDataResult]:
        """Start `/imageeditor` and return at once."""
        return cast("Job[EditorDataResult]", self._client.submit(x, api_name="/imageeditor"))

    def imageslider(self, x: list[FileInput | None] | None) -> list[FilePath | None] | None:
        """
        x: Imageslider
        returns 1: Imageslider
        """
        return cast("list[FilePath | None] | None", self._client.predict(x, api_name="/imageslider"))

    def submit_imageslider(self, x: list[FileInput | None] | None) -> Job[list[FilePath | None] | None]:
        """Start `/imageslider` and return at once."""
        return cast("Job[list[FilePath | None] | None]", self._client.submit(x, api_name="/imageslider"))

    def paramviewer(self, x: Any) -> Any:
        """
        x: Paramviewer · any valid json
        returns 1: Paramviewer · any valid json
        """
        return self._client.predict(x, api_name="/paramviewer")

    def submit_paramviewer(self, x: Any) -> Job[Any]:
        """Start `/paramviewer` and return at once."""
        return cast("Job[Any]", self._client.submit(x, api_name="/paramviewer"))

    def dialogue(self, x: list[DialogueLine] | str) -> list[DialogueLine] | str:
        """
        x: Dialogue · Dialogue
        returns 1: Dialogue · Dialogue
        """
        return cast("list[DialogueLine] | str", self._client.predict(x, api_name="/dialogue"))

    def submit_dialogue(self, x: list[DialogueLine] | str) -> Job[list[DialogueLine] | str]:
        """Start `/dialogue` and return at once."""
        return cast("Job[list[DialogueLine] | str]", self._client.submit(x, api_name="/dialogue"))

    def files(self, x: list[FileInput]) -> list[FilePath]:
        """
        x: File
        returns 1: File
        """
        return cast("list[FilePath]", self._client.predict(x, api_name="/files"))

    def submit_files(self, x: list[FileInput]) -> Job[list[FilePath]]:
        """Start `/files` and return at once."""
        return cast("Job[list[FilePath]]", self._client.submit(x, api_name="/files"))

    def class_(self, name: float = 0, *, times: str, param_2: Literal["a", "b"] = "a") -> tuple[str, list[GalleryImageResult | GalleryVideoResult]]:
        """
        Says "hi" */ \\ there
        more
        name: Slider · numeric value between 0 and 100 · Default: 0
        times: Textbox
        param_2: Dropdown · Default: "a"
        returns 1: Textbox
        returns 2: Gallery
        """
        return cast("tuple[str, list[GalleryImageResult | GalleryVideoResult]]", self._client.predict(name, times, param_2, api_name="/class"))

    def submit_class_(self, name: float = 0, *, times: str, param_2: Literal["a", "b"] = "a") -> Job[tuple[str, list[GalleryImageResult | GalleryVideoResult]]]:
        """Start `/class` and return at once."""
        return cast("Job[tuple[str, list[GalleryImageResult | GalleryVideoResult]]]", self._client.submit(name, times, param_2, api_name="/class"))

    def list_(self) -> tuple[()]:
        return cast("tuple[()]", self._client.predict(api_name="/list"))

    def submit_list_(self) -> Job[tuple[()]]:
        """Start `/list` and return at once."""
        return cast("Job[tuple[()]]", self._client.submit(api_name="/list"))

    def stateful(self, x: str) -> str:
        """
        x: Textbox
        returns 1: Textbox
        """
        return cast("str", self._client.predict(x, api_name="/stateful"))

    def submit_stateful(self, x: str) -> Job[str]:
        """Start `/stateful` and return at once."""
        return cast("Job[str]", self._client.submit(x, api_name="/stateful"))

    def gen(self, x: str) -> str:
        """
        x: Textbox
        returns 1: Textbox
        """
        return cast("str", self._client.predict(x, api_name="/gen"))

    def submit_gen(self, x: str) -> Job[str]:
        """Start `/gen` and return at once."""
        return cast("Job[str]", self._client.submit(x, api_name="/gen"))
