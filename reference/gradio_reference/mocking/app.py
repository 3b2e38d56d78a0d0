"""``MockServer``: the reference server with somebody else's endpoints."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gradio_reference.endpoint import Endpoint
from gradio_reference.endpoint import Options
from gradio_reference.mocking import control
from gradio_reference.mocking.answering import Answerer
from gradio_reference.mocking.described import Blueprint
from gradio_reference.mocking.faults import Switchboard
from gradio_reference.mocking.interfering import Interference
from gradio_reference.mocking.plan import Plan
from gradio_reference.mocking.plan import PlanError
from gradio_reference.mocking.sleep import Sleep
from gradio_reference.server import Server
from gradio_reference.signature import Kind
from gradio_reference.signature import described_signature


class MockServer(Server):
    """Answers for the endpoints of another server, as a plan says; files that it sends are made in
    ``folder``. What goes wrong is switched on by the request itself or at ``/mock``. Raises
    ``PlanError`` for a plan of endpoints that are not there.
    """

    def __init__(self, found: Sequence[Blueprint], plan: Plan, seed: int, folder: Path) -> None:
        super().__init__(__name__, title="Mock")
        shown = [one.name for one in found if one.described is not None]
        _require_known(plan, shown)
        self._switchboard = Switchboard(plan.faults)
        self._sleep = Sleep(self._switchboard)
        self._answerers = [Answerer(one, plan.of(one.name), seed, folder) for one in found]
        pairs = zip(found, self._answerers, strict=True)
        self._endpoints = [_endpoint(n, *pair, plan) for n, pair in enumerate(pairs)]
        names = {place: one.name for place, one in enumerate(found)}
        self._interference = Interference(names, self._switchboard, self._sleep)
        routes = control.blueprint(shown, self._switchboard, self._sleep, self.start_again)
        self.register_blueprint(routes)

    def start_again(self) -> None:
        """As it was at the start: faults, planned answers, sleep."""
        self._switchboard.reset()
        self._sleep.fall_asleep()
        for answerer in self._answerers:
            answerer.reset()

    async def asgi_app(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await self._interference(super().asgi_app, scope, receive, send)
        else:
            await super().asgi_app(scope, receive, send)

    def say_goodbye(self) -> None:
        super().say_goodbye()
        self._interference.close()


def _require_known(plan: Plan, names: Sequence[str]) -> None:
    for member, said in (("endpoints", plan.endpoints), ("faults", plan.faults)):
        for name in said:
            if name != "*" and name not in names:
                raise PlanError(f"{member}: the app has no endpoint {name!r}")


def _endpoint(place: int, of: Blueprint, answerer: Answerer, plan: Plan) -> Endpoint:
    streams = answerer.stream is not None
    return Endpoint(
        place,
        of.name,
        answerer.stepwise if streams else answerer.once,
        described_signature(
            Kind.ASYNC_GENERATOR if streams else Kind.ASYNC_FUNCTION, of.inputs, of.outputs
        ),
        Options(
            of.name,
            concurrency_limit=plan.of(of.name).concurrency,
            queue=of.queue,
            api_visibility=of.visibility,
        ),
        described=of.described,
    )
