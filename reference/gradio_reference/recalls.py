"""What cached endpoints gave before, as each caller gets it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Any

from gradio_reference.cache import Recording
from gradio_reference.cache import results_by_index
from gradio_reference.core.model import Result
from gradio_reference.endpoint import Endpoint
from gradio_reference.filedata import holds_files
from gradio_reference.signature import MissingInput
from gradio_reference.store import FileNotAllowed
from gradio_reference.store import Store
from gradio_reference.threads import ThreadPool

if TYPE_CHECKING:
    from gradio_reference.worker import Call


class Recalls:
    """The caches of all endpoints. Files are looked after in ``pool``."""

    def __init__(self, endpoints: Sequence[Endpoint], files: Store, pool: ThreadPool) -> None:
        self._files = files
        self._pool = pool
        self._results = results_by_index({e.index: e.cache for e in endpoints})

    async def recall(self, endpoint: Endpoint, call: Call) -> Result | None:
        """What an endpoint gave for the same inputs before, with files as this caller fetches
        them.
        """
        results = self._results.get(endpoint.index)
        if results is None:
            return None
        try:
            row = self._files.admit(endpoint.signature.complete(call.data))
        except (MissingInput, FileNotAllowed):
            return None  # the call itself will say so
        result = results.recall(endpoint.signature, row, call.request.session_key)
        if result is None or not holds_files([*result.chunks, result.final]):
            return result

        def published() -> Result | None:
            try:
                values = [list(result.chunks), result.final]
                chunks, final = self._files.publish_again(values, call.root)
            except FileNotAllowed:
                return None  # its files are gone
            return Result(tuple(chunks), final)

        return await self._pool.run(published)

    def record(self, endpoint: Endpoint, row: Sequence[Any], call: Call) -> Recording | None:
        results = self._results.get(endpoint.index)
        if results is None:
            return None
        return results.record(endpoint.signature, row, call.request.session_key)
