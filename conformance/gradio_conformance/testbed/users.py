"""Endpoints about who has logged in. No postponed annotations here: the libraries evaluate them,
and the State is local.
"""

from typing import Annotated

from gradio_conformance.testbed.kit import Kit


def register(kit: Kit) -> None:
    gr = kit.gr
    memory = gr.State("")
    Memory = Annotated[str, memory]  # noqa: N806

    @kit.api(name="who")
    def who(request: gr.Request) -> str | None:  # type: ignore[name-defined]
        user: str | None = request.username
        return user

    @kit.api(name="remember")
    def remember(text: str, memory: Memory) -> tuple[str, Memory]:
        return memory, text
