"""How far an upload is, as the stream beside it tells."""

from __future__ import annotations

import uuid

from gradio_conformance.binding import check
from gradio_conformance.checks.check_file_upload import limit_of
from gradio_conformance.faults import NotApplicable
from gradio_conformance.faults import require
from gradio_conformance.probe import Probe
from gradio_conformance.uploads import Part
from gradio_conformance.uploads import ProgressStream
from gradio_conformance.uploads import SlowUpload
from gradio_conformance.uploads import begun
from gradio_conformance.uploads import paths_of
from gradio_conformance.uploads import upload_one

HALF = b"first half."
BUFFER = 100_000  # so much too large that it shows, however a server buffers what it counts


def _may_come_first(probe: Probe) -> bool:
    """Whether the progress of an upload may be asked for before it begins. In a version that
    refuses no unknown id, it ends at once.
    """
    return "FILE-047" in probe.spec.clauses


def _watched(probe: Probe, slow: SlowUpload) -> ProgressStream:
    """The progress of an upload whose first half is sent, opened as early as it may be."""
    if _may_come_first(probe):
        stream = ProgressStream(probe, slow.id)
        slow.send_until(HALF)
        return stream
    slow.send_until(HALF)
    return begun(probe, slow)


def _two_files() -> tuple[Part, Part]:
    return Part(HALF + b"a" * 200, "a.txt"), Part(b"b" * 300, "b ü.txt")


@check("FILE-044", "FILE-045")
def check_progress_can_be_opened_first(probe: Probe) -> None:
    """A progress stream that was opened before its upload has updates, done, and an end."""
    if not _may_come_first(probe):
        raise NotApplicable(f"{probe.spec.release.id} knows no upload before it begins")
    slow = SlowUpload(probe, *_two_files())
    stream = ProgressStream(probe, slow.id)
    slow.send_until(HALF)
    stream.until_update("a.txt")
    paths_of(probe, slow.reply())
    stream.judge(failed=False)


@check("FILE-044", "FILE-045")
def check_progress_can_be_opened_while_it_runs(probe: Probe) -> None:
    """A progress stream that was opened in the middle of its upload sees it to the end."""
    slow = SlowUpload(probe, *_two_files())
    slow.send_until(HALF)
    stream = begun(probe, slow)
    stream.until_update("a.txt")
    slow.send_until(b"aaa")
    paths_of(probe, slow.reply())
    stream.judge(failed=False)


@check("FILE-044", "FILE-045")
def check_progress_of_an_upload_of_nothing(probe: Probe) -> None:
    """The progress of an empty file is done."""
    if not _may_come_first(probe):
        raise NotApplicable(f"{probe.spec.release.id} does not tell that an empty file has begun")
    slow = SlowUpload(probe, Part(b"", "empty.txt"))
    stream = ProgressStream(probe, slow.id)
    slow.send_until(b"empty.txt")
    paths_of(probe, slow.reply())
    stream.judge(failed=False)


@check("FILE-046")
def check_updates_add_up_to_the_files(probe: Probe) -> None:
    """The updates of each of two files that come at once add up to its size."""
    parts = _two_files()
    slow = SlowUpload(probe, *parts)
    stream = _watched(probe, slow)
    stream.until_update("a.txt")
    paths_of(probe, slow.reply())
    stream.until_end("FILE-046")
    for part in parts:
        told = stream.updates(str(part.filename))
        good = sum(size for size in told if isinstance(size, int)) == len(part.content)
        require(good, "FILE-046", f"{len(part.content)} bytes of {part.filename}", told)


@check("FILE-047")
def check_progress_of_no_upload_is_not_found(probe: Probe) -> None:
    """The progress of an id that no upload has is 404, within a few seconds."""
    upload_one(probe, b"x")  # who knows no upload at all keeps nothing
    upload_id = uuid.uuid4().hex
    reply = probe.request("GET", f"/upload_progress?upload_id={upload_id}")
    reply.require_status("FILE-047", 404)


@check("FILE-048")
def check_progress_wants_an_id(probe: Probe) -> None:
    """upload_progress without upload_id is 422."""
    upload_one(probe, b"x")
    reply = probe.request("GET", "/upload_progress").require_status("FILE-048", 422)
    reply.require_client_error("FILE-048")


@check("FILE-049", needs=("settings",), server="second")
def check_progress_of_a_refused_upload_is_not_done(probe: Probe) -> None:
    """The progress stream of an upload that turns out too large ends without done."""
    slow = SlowUpload(probe, Part(HALF + b"x" * (limit_of(probe) + BUFFER), "large.txt"))
    stream = _watched(probe, slow)
    stream.until_update("large.txt")
    slow.reply().require_status("FILE-008", 413)
    stream.judge(failed=True)
