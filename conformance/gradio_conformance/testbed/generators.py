"""Endpoints that yield. The return hint is the type of one yielded value.

No postponed annotations here: the library evaluates them.
"""

from typing import Any

from gradio_conformance.testbed.kit import Kit


def register(kit: Kit) -> None:
    @kit.api(name="yields")
    def yields(values: list[Any]) -> Any:
        yield from values

    @kit.api(name="yields_pairs")
    def yields_pairs(values: list[Any]) -> tuple[Any, Any]:  # type: ignore[misc]
        for pair in values:
            yield pair[0], pair[1]

    @kit.api(name="tokens")
    def tokens(text: str) -> str:  # type: ignore[misc]
        words = text.split()
        for count in range(1, len(words) + 1):
            yield " ".join(words[:count])

    @kit.api(name="tokens_async")
    async def tokens_async(text: str) -> str:  # type: ignore[misc]
        words = text.split()
        for count in range(1, len(words) + 1):
            yield " ".join(words[:count])
