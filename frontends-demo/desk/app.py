"""The endpoints, written once for every library with the Server API.

No postponed annotations here: the library evaluates them, and it is a parameter.
"""

import tempfile
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from typing import Protocol
from typing import TypeVar

from desk import documents
from desk import pictures
from desk import search as searching
from desk.documents import Document
from desk.refusal import Refusal
from desk.search import Passage
from desk.shelf import Shelves
from desk.text_model import written

F = TypeVar("F", bound=Callable[..., Any])

SHORT = 40  # words; a model of fewer repeats the text
MOST_WORDS = 2000
MOST_COLOURS = 16
PREVIEWS = 10


class Api(Protocol):
    """The decorator factory ``app.api``, as far as Desk uses it."""

    def __call__(self, *, name: str, concurrency_limit: int = 1) -> Callable[[F], F]: ...


def register(api: Api, gr: Any) -> None:
    """Register all endpoints of Desk; ``api`` is ``app.api`` of a server of the library ``gr``."""
    shelves = Shelves()
    _shelf(api, gr, shelves)
    _texts(api, gr, shelves)
    _posters(api, gr, shelves)


def _session(request: Any) -> str:
    """A user's session; others may know its hash, but not come by it under another name."""
    return f"{request.username or ''}:{request.session_hash}"


@contextmanager
def _telling(gr: Any) -> Iterator[None]:
    try:
        yield
    except Refusal as refusal:
        raise gr.Error(str(refusal), title=refusal.title, print_exception=False) from None


def _shelf(api: Api, gr: Any, shelves: Shelves) -> None:
    FileData, Request = gr.FileData, gr.Request  # noqa: N806 - classes

    @api(name="shelve")
    def shelve(file: FileData, request: Request) -> Document:  # type: ignore[valid-type]
        """Put a text (.txt, .md) or a picture (png, jpeg, webp, gif) on the shelf."""
        path = Path(file["path"])  # type: ignore[index]
        with _telling(gr):
            kept = documents.read(path, file["orig_name"] or path.name)  # type: ignore[index]
            shelves.put(_session(request), kept)
        words = kept.card["words"]
        if words is not None and words < SHORT:
            gr.Warning(f"{kept.card['name']} is short: of {words} words little can be learned.")
        return kept.card

    @api(name="shelf")
    def shelf(request: Request) -> list[Document]:  # type: ignore[valid-type]
        """What is on the shelf of this session."""
        return shelves.cards(_session(request))

    @api(name="empty_shelf")
    def empty_shelf(request: Request) -> int:  # type: ignore[valid-type]
        """Take everything off the shelf; returns how many documents that were."""
        return shelves.empty(_session(request))


def _texts(api: Api, gr: Any, shelves: Shelves) -> None:
    Request = gr.Request  # noqa: N806 - a class

    @api(name="write_on")
    def write_on(
        document: str,
        request: Request,  # type: ignore[valid-type]
        beginning: str = "",
        words: int = 60,
        seed: int = 1,
    ) -> Iterator[str]:
        """Go on writing as a text on the shelf would, word by word; equal for equal seeds."""
        with _telling(gr):
            if not 1 <= words <= MOST_WORDS:
                raise Refusal("Too few or too many words", f"Ask for 1 to {MOST_WORDS:,} words.")
            text = shelves.get(_session(request), document, "text").text
        yield from written(text, beginning, words, seed)

    @api(name="search")
    def search(question: str, request: Request) -> list[Passage]:  # type: ignore[valid-type]
        """The passages of all texts on the shelf that answer best (BM25), best first."""
        texts = shelves.texts(_session(request))
        with _telling(gr):
            if not texts:
                raise Refusal("Nothing to search", "There is no text on your shelf.")
            if not searching.words_of(question):
                raise Refusal("No question", "There is no word in your question.")
        return searching.search(question, texts)


def _posters(api: Api, gr: Any, shelves: Shelves) -> None:
    Request = gr.Request  # noqa: N806 - a class

    @api(name="poster", concurrency_limit=1)
    def poster(
        picture: str,
        request: Request,  # type: ignore[valid-type]
        colours: int = 6,
    ) -> Iterator[tuple[dict[str, Any] | None, list[str]]]:
        """A picture of the shelf in few colours: first the palette, then previews, then all."""
        with _telling(gr):
            if not 1 <= colours <= MOST_COLOURS:
                raise Refusal("Too few or too many colours", f"Ask for 1 to {MOST_COLOURS}.")
            kept = shelves.get(_session(request), picture, "picture")
        image = pictures.poster_size(kept.content)
        chosen = pictures.palette(image, colours)
        codes = [pictures.hex_code(colour) for colour in chosen]
        yield None, codes
        progress = gr.Progress()
        with tempfile.TemporaryDirectory(prefix="desk-") as folder:
            rows: list[bytes] = []
            for row in pictures.dithered(image, chosen):
                rows.append(row)
                progress((len(rows), image.height), desc="Dithering", unit="rows")
                if len(rows) * PREVIEWS % image.height < PREVIEWS:
                    path = Path(folder, f"poster-{len(rows)}.png")
                    path.write_bytes(pictures.png(rows, image.size, chosen))
                    name = f"{Path(kept.card['name']).stem}, {len(codes)} colours.png"
                    yield _file(path, name), codes


def _file(path: Path, name: str) -> dict[str, Any]:
    """A file inside an output, as JSON: there Gradio does not look for its ``FileData``."""
    meta = {"_type": "gradio.FileData"}
    return {"path": str(path), "orig_name": name, "mime_type": "image/png", "meta": meta}
