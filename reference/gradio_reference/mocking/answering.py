"""The functions of a mock: they look at their arguments, tell how far they are, and answer."""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
from collections.abc import AsyncIterator
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path
from pathlib import PurePath
from random import Random
from typing import Any

from gradio_reference import user_messages
from gradio_reference.filedata import FileData
from gradio_reference.filedata import is_file
from gradio_reference.filedata import with_files
from gradio_reference.mocking import faults
from gradio_reference.mocking.described import Blueprint
from gradio_reference.mocking.media import KINDS
from gradio_reference.mocking.plan import Behaviour
from gradio_reference.mocking.plan import Stream
from gradio_reference.mocking.values import Maker
from gradio_reference.progress import Progress
from gradio_reference.request import Request
from gradio_reference.signature import Parameter
from gradio_reference.state import State
from gradio_reference.user_messages import Error
from gradio_spec.json_schema import Shape

_SAY: dict[str, Callable[..., None]] = {
    "info": user_messages.Info,
    "warning": user_messages.Warning,
    "success": user_messages.Success,
}
QUOTA = (
    "You have exceeded your GPU quota (60s requested vs. 0s left). Try again in 1:00:00.",
    "ZeroGPU quota exceeded",
)
FAILED = "The mock was told to fail."


class Answerer:
    """Answers the calls of one endpoint. Of ``seed``, endpoint and arguments the same answer
    comes each time; files are written below ``folder``.
    """

    def __init__(self, of: Blueprint, behaviour: Behaviour, seed: int, folder: Path) -> None:
        self._of = of
        self._behaviour = behaviour
        self._seed = seed
        self._folder = folder
        self._calls = 0
        self._makers = [Maker(r["type"], str(r["component"]), self._file) for r in of.returns]
        self._shapes = [
            (item, Shape(item.schema)) if isinstance(item, Parameter) else None
            for item in of.inputs
        ]
        components = [] if of.described is None else of.described.entry["parameters"]
        # Components of Gradio take null, whatever their schema says; functions in Server mode are
        # given just what their hints say.
        self._strict = all(item["component"] == "Api" for item in components)

    def reset(self) -> None:
        """Begin again with the first of the planned answers."""
        self._calls = 0

    @property
    def stream(self) -> Stream | None:
        """How the results come one after the other; None if the function is no generator."""
        said = self._behaviour.stream
        if said is None:
            return Stream() if self._of.generates else None
        return said if isinstance(said, Stream) else None

    # --- as functions ----------------------------------------------------------------------------

    async def once(self, request: Request, *values: Any) -> Any:
        """The function of an endpoint that does not stream."""
        fault = told(request)
        answer = self._answer(values)
        await self._work(fault, self._behaviour.duration)
        self._end(fault)
        return self._returned(answer)

    async def stepwise(self, request: Request, *values: Any) -> AsyncIterator[Any]:
        """The function of one that does."""
        fault, stream = told(request), self.stream
        assert stream is not None
        answer = self._answer(values)
        steps = [list(step) for step in stream.values] or self._steps(answer, stream.chunks)
        await self._work(fault, max(0.0, self._behaviour.duration - stream.interval * len(steps)))
        least = len(steps) // 2 if fault is None or fault.after is None else fault.after
        for place, step in enumerate(steps):
            if _fails(fault) and place == min(least, len(steps)):
                self._end(fault)
            yield self._returned(step)
            if place + 1 < len(steps):
                await asyncio.sleep(_pause(fault, stream.interval))
        self._end(fault)

    async def _work(self, fault: faults.Fault | None, seconds: float) -> None:
        """All that comes before the first result."""
        if fault is not None and fault.name == "quota":
            raise Error(fault.message or QUOTA[0], title=QUOTA[1], print_exception=False)
        for log in self._behaviour.logs:
            said = dict(log)
            _SAY[said.pop("level", "info")](**said)
        planned = self._behaviour.progress
        if planned is None:
            await asyncio.sleep(_pause(fault, seconds))
            return
        steps, progress = planned["steps"], Progress()
        for done in range(steps):
            progress((done, steps), desc=planned.get("desc"), unit=planned.get("unit", "steps"))
            await asyncio.sleep(_pause(fault, seconds / steps))
        progress((steps, steps), desc=planned.get("desc"), unit=planned.get("unit", "steps"))

    def _end(self, fault: faults.Fault | None) -> None:
        if _fails(fault):
            assert fault is not None
            raise Error(fault.message or FAILED, print_exception=False)
        if self._behaviour.error is not None:
            raise Error(**self._behaviour.error, print_exception=False)

    # --- arguments -------------------------------------------------------------------------------

    def _check(self, values: Sequence[Any]) -> None:
        """Raises ``Error`` that names the argument that does not fit, as components do."""
        for found, value in zip(self._shapes, values, strict=True):
            if found is None or (value is None and not self._strict):
                continue
            parameter, shape = found
            same = parameter.has_default and value == parameter.default
            if not same and (complaint := shape.complaint(value)):
                raise Error(f"{parameter.name}: {complaint}", print_exception=False)

    # --- results ---------------------------------------------------------------------------------

    def _answer(self, values: Sequence[Any]) -> list[Any]:
        """One value for each visible return. Raises ``Error`` for wrong arguments."""
        if self._behaviour.check_arguments:
            self._check(values)
        planned = self._behaviour.values
        if planned:
            self._calls += 1
            return list(planned[(self._calls - 1) % len(planned)])
        given = json.dumps(with_files(list(values), _name_of), sort_keys=True)
        return [
            maker.make(self._random(str(place), given)) for place, maker in enumerate(self._makers)
        ]

    def _random(self, *parts: str) -> Random:
        text = "\0".join([str(self._seed), self._of.name, *parts])
        return Random(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())

    def _file(self, kind: str, rng: Random) -> FileData:
        extension, mime, make = KINDS[kind]
        content = make(rng)
        name = f"{kind}-{hashlib.sha256(content).hexdigest()[:12]}.{extension}"
        path = self._folder / name
        path.write_bytes(content)
        return FileData(str(path), orig_name=name, mime_type=mime, size=len(content))

    def _steps(self, answer: list[Any], count: int) -> list[list[Any]]:
        """The answer as it comes to be, the whole of it last."""
        pairs = list(zip(answer, self._makers, strict=True))
        steps = [[_part(value, n / count, m) for value, m in pairs] for n in range(1, count)]
        return [*steps, answer]

    def _returned(self, answer: Sequence[Any]) -> Any:
        """As the function would return it, with something for each State."""
        given = iter(answer)
        values = [
            None if isinstance(item, State) else next(given, None) for item in self._of.outputs
        ]
        return values[0] if len(values) == 1 else values


def told(request: Request) -> faults.Fault | None:
    """The fault that this call was given, by its caller or by the switchboard."""
    text = request.headers.get(faults.HEADER)
    return None if text is None else faults.from_header(text)


def _fails(fault: faults.Fault | None) -> bool:
    return fault is not None and fault.name == "fail"


def _pause(fault: faults.Fault | None, seconds: float) -> float:
    if fault is None or fault.name != "slow":
        return seconds
    return faults.SLOW if fault.seconds is None else fault.seconds


def _name_of(value: Mapping[str, Any]) -> Any:
    """A file in words that are the same on every server."""
    return [value.get("orig_name") or PurePath(value["path"]).name, value.get("size")]


def _part(value: Any, share: float, maker: Maker) -> Any:
    """The beginning of a value, if that may stand alone; else all of it."""
    if maker.whole:
        return value
    begun = _beginning(value, share)
    return begun if maker.shape.accepts(begun) else value


def _beginning(value: Any, share: float) -> Any:
    if isinstance(value, str):
        words = value.split(" ")
        return " ".join(words[: math.ceil(len(words) * share)])
    if isinstance(value, list) and len(value) > 1:
        whole = math.ceil(len(value) * share)
        rest = len(value) * share - (whole - 1)
        return [*value[: whole - 1], _beginning(value[whole - 1], rest)]
    if isinstance(value, dict) and not is_file(value):
        return {key: _beginning(part, share) for key, part in value.items()}
    if isinstance(value, list):
        return [_beginning(part, share) for part in value]
    return value
