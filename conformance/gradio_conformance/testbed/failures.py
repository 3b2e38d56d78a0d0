"""Endpoints that fail, with an ordinary exception or with one that is meant for the user.

No postponed annotations here: the library evaluates them.
"""

from gradio_conformance.testbed.kit import Kit


def register(kit: Kit) -> None:
    gr = kit.gr

    @kit.api(name="fail")
    def fail(message: str) -> str:
        raise ValueError(message)

    @kit.api(name="fail_user")
    def fail_user(
        message: str, title: str = "Error", duration: float = 10, visible: bool = True
    ) -> str:
        raise gr.Error(message, duration=duration, visible=visible, title=title)

    @kit.api(name="fail_after")
    def fail_after(steps: int, message: str) -> int:  # type: ignore[misc]
        yield from range(steps)
        raise ValueError(message)

    @kit.api(name="fail_user_after")
    def fail_user_after(steps: int, message: str) -> int:  # type: ignore[misc]
        yield from range(steps)
        raise gr.Error(message, title="Stopped")
