"""A job of the official client as JSON that is equal whenever the client reported the same."""

from __future__ import annotations

from concurrent.futures import CancelledError
from typing import Any

from .bench import DEADLINE
from .bench import Bench
from .bench import Json
from .bench import ScenarioError
from .bench import until

ERROR_FIELDS = ("title", "duration", "visible")
ESTIMATE_FIELDS = ("rank", "queue_size")
TIMED_FIELDS = ("duration", "average_duration")


def value(bench: Bench, found: Any) -> Json:
    """JSON of what a job returned; a tuple, which stands for several outputs, is marked."""
    if isinstance(found, tuple):
        return {"outputs": [value(bench, one) for one in found]}
    if isinstance(found, list):
        return [value(bench, one) for one in found]
    if isinstance(found, dict):
        return {bench.hide(key): value(bench, one) for key, one in found.items()}
    if isinstance(found, str):
        return bench.hide(found)
    if found is None or isinstance(found, (bool, int, float)):
        return found
    raise ScenarioError(f"the client returned a {type(found).__name__}: {found!r}")


def failure(bench: Bench, error: BaseException) -> Json:
    """Type and message of an exception, and the fields an AppError adds."""
    report = {"type": type(error).__name__, "message": bench.hide(str(error))}
    return report | {name: getattr(error, name) for name in ERROR_FIELDS if hasattr(error, name)}


def outcome(bench: Bench, job: Any) -> Json:
    """What `job.result()` gives in the end: {"result": …} or {"error": …}."""
    try:
        return {"result": value(bench, job.result(timeout=DEADLINE))}
    except TimeoutError:
        raise ScenarioError(f"no result within {DEADLINE:g} s") from None
    except (Exception, CancelledError) as error:
        return {"error": failure(bench, error)}


def whole(bench: Bench, job: Any) -> Json:
    """Outcome, chunks, final status and every update of a job that is left to end."""
    ended = outcome(bench, job)
    status = job.status()
    return {
        **ended,
        "chunks": value(bench, list(job.outputs())),
        "status": [status.code.name, status.success],
        **updates(bench, job),
    }


def updates(bench: Bench, job: Any) -> Json:
    """Codes in order, logs, progress and estimates among the updates of an ended job.

    Times and expected durations are left out: they are not equal on any two runs.
    """
    queue = job.communicator.updates
    seen = [queue.get_nowait() for _ in range(queue.qsize())]
    statuses = [one for one in seen if one.type == "status"]
    return {
        "codes": [one.code.name for one in statuses],
        "logs": [[level, bench.hide(text)] for text, level in _present(statuses, "log")],
        "progress": [_units(bench, one) for one in _present(statuses, "progress_data")],
        "estimates": [
            {name: getattr(one, name) for name in ESTIMATE_FIELDS}
            for one in statuses
            if one.code.name == "IN_QUEUE"
        ],
        "final": [value(bench, _lasting(one.outputs)) for one in seen if _is_final(one)],
    }


def in_company(report: Json) -> Json:
    """A report without what depends on other jobs: how often it heard its place in the queue."""
    return _without(report, "IN_QUEUE", "estimates")


def unwatched(report: Json) -> Json:
    """A report without what depends on when the server looks: the progress between two waits."""
    return _without(report, "PROGRESS", "progress")


def until_progress(job: Any, name: str, *expected: Json) -> None:
    """Wait until the field `name` of the units the client shows, outermost first, is `expected`."""

    def reached() -> bool:
        units = job.status().progress_data or ()
        return [getattr(unit, name) for unit in units] == list(expected)

    until(f"progress with {name} {expected}", reached)


def until_code(job: Any, code: str) -> None:
    """Wait until the client shows this status code."""
    until(f"status {code}", lambda: job.status().code.name == code)


def _without(report: Json, left_out: str, field: str) -> Json:
    rest = {key: one for key, one in report.items() if key != field}
    return rest | {"codes": [code for code in report["codes"] if code != left_out]}


def _present(statuses: list[Any], name: str) -> list[Any]:
    return [found for one in statuses if (found := getattr(one, name)) is not None]


def _units(bench: Bench, units: list[Any]) -> Json:
    return [value(bench, vars(unit)) for unit in units]


def _is_final(update: Any) -> bool:
    return update.type == "output" and bool(update.final)


def _lasting(output: Any) -> Any:
    if "data" not in output:
        return output
    lasting = {key: one for key, one in output.items() if key not in TIMED_FIELDS}
    if lasting.get("changed_state_ids"):  # the numbers that components happen to have
        lasting["changed_state_ids"] = ["id"] * len(lasting["changed_state_ids"])
    return lasting | {"is_generating": bool(output["is_generating"])}  # QUEUE-017: null is false
