"""What an endpoint function can tell its user: ``Info``, ``Warning``, ``Success`` and the
exception ``Error``.
"""

from __future__ import annotations

from gradio_reference.context import report
from gradio_reference.core.messages import Level
from gradio_reference.core.messages import Log
from gradio_reference.encoding import clean_number
from gradio_reference.encoding import clean_text


class Error(Exception):
    """Raise it to show a message to the user, whatever ``show_error`` says (EVT-019).

    ``duration``: seconds on screen, ``None`` or 0 until dismissed. ``print_exception``: also
    write the traceback to the server's log.
    """

    def __init__(
        self,
        message: str = "Error raised.",
        duration: float | None = 10,
        visible: bool = True,
        title: str = "Error",
        print_exception: bool = True,
    ) -> None:
        super().__init__(message)
        self.message = clean_text(message)
        self.duration = clean_number(duration)
        self.visible = bool(visible)
        self.title = clean_text(title)
        self.print_exception = print_exception


def Info(  # noqa: N802 - Gradio's name
    message: str = "Info issued.",
    duration: float | None = 10,
    visible: bool = True,
    title: str = "Info",
) -> None:
    """Show an information message to the caller of the running event; outside an event it does
    nothing.
    """
    _say("info", message, duration, visible, title)


def Warning(  # noqa: N802, A001 - Gradio's name
    message: str = "Warning issued.",
    duration: float | None = 10,
    visible: bool = True,
    title: str = "Warning",
) -> None:
    """Show a warning to the caller of the running event; outside an event it does nothing."""
    _say("warning", message, duration, visible, title)


def Success(  # noqa: N802 - Gradio's name
    message: str = "Success.",
    duration: float | None = 10,
    visible: bool = True,
    title: str = "Success",
) -> None:
    """Show a success message to the caller of the running event; outside an event it does
    nothing.
    """
    _say("success", message, duration, visible, title)


def _say(level: Level, message: str, duration: float | None, visible: bool, title: str) -> None:
    # Cleaned here, where a wrong argument fails in the function that gave it.
    text, heading = clean_text(message), clean_text(title)
    seconds = clean_number(duration)
    seconds = None if seconds is None else float(seconds)  # as Gradio writes it: 10.0
    report(Log(text, level, seconds, bool(visible), heading))
