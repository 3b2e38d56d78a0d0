"""What a caller may know of a failure. The log gets the traceback."""

from __future__ import annotations

import logging

from gradio_reference.core.messages import Failure
from gradio_reference.core.messages import shown_error
from gradio_reference.encoding import clean_text
from gradio_reference.user_messages import Error

logger = logging.getLogger("gradio_reference")


def explain(error: BaseException, show_error: bool) -> Failure:
    """The payload of an exception: an ``Error`` as its author wrote it, others by setting."""
    if isinstance(error, Error):
        if error.print_exception:
            logger.error("%s", error.title, exc_info=error)
        return _shown(error)  # EVT-019
    logger.error("An endpoint function failed", exc_info=error)
    if show_error:
        return Failure({"error": clean_text(error), "visible": True})  # EVT-018
    return Failure({"error": None})  # EVT-017


def told(text: str) -> Failure:
    """A failure that is not the function's doing: always explained."""
    return _shown(Error(text))


def out_of_time(limit: float) -> Failure:
    """``limit`` in seconds (QUEUE-019)."""
    return told(f"The time limit of {limit:g} s was reached.")


def _shown(error: Error) -> Failure:
    payload = shown_error(
        error.message, duration=error.duration, visible=error.visible, title=error.title
    )
    return Failure(payload, error.title)
