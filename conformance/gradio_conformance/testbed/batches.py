"""Batch endpoints. The hints describe one sample; the function gets and gives one list each.

No postponed annotations here: the library evaluates them.
"""

from collections.abc import Sequence
from typing import Any
from typing import cast

from gradio_conformance.testbed.kit import Kit

BATCH: dict[str, Any] = {"batch": True, "max_batch_size": 4}
JOURNAL_KEY = "batch"
LOST = "lost"  # a sample without a result
HOLD = "hold:"  # a sample "hold:K" makes the whole call wait for gate K


def register(kit: Kit) -> None:
    @kit.api(name="batch_upper", **BATCH)
    def batch_upper(text: str) -> str:
        texts = cast(Sequence[str], text)
        size = len(texts)
        kit.journal.write(JOURNAL_KEY, "batch_upper", "start", size)
        _wait(kit, texts)
        kit.journal.write(JOURNAL_KEY, "batch_upper", "end", size)
        return _outputs([f"{one.upper()}/{size}" for one in texts])

    @kit.api(name="batch_fail", **BATCH)
    def batch_fail(text: str) -> str:
        _wait(kit, cast(Sequence[str], text))
        raise ValueError("the batch failed")

    @kit.api(name="batch_lossy", **BATCH)
    def batch_lossy(text: str) -> str:
        texts = cast(Sequence[str], text)
        _wait(kit, texts)
        return _outputs([one for one in texts if one != LOST])


def _wait(kit: Kit, texts: Sequence[str]) -> None:
    for one in texts:
        if one.startswith(HOLD):
            kit.gates.wait(one.removeprefix(HOLD))


def _outputs(only: list[str]) -> str:
    return cast(str, [only])  # one list for each output
