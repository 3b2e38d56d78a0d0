"""What a run has seen of everything that there is to see in one protocol version. Sans-I/O.

The universe is read off the data: each transition and rule of ``lifecycle.yaml``, each answer and
message of ``openapi.yaml``, each branch of the schemas that these lead to (:mod:`branches`).
Nothing is listed here, so that what joins the data joins the universe.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

from gradio_spec.branch_compiler import Compiler
from gradio_spec.branches import Branch
from gradio_spec.branches import Kind
from gradio_spec.branches import Node
from gradio_spec.machine import Machine
from gradio_spec.machine import Step
from gradio_spec.model import Spec
from gradio_spec.monitor import Monitor
from gradio_spec.monitor import NotStrictJSON
from gradio_spec.monitor import strict_json
from gradio_spec.routes import Operation
from gradio_spec.schemas import EDITS
from gradio_spec.sightings import Sightings

OPENAPI = "openapi"
JSON = "application/json"
EVENTS = "text/event-stream"


class Universe:
    """Everything that a run against a server of this version may see; ``branches`` by id."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self.routes = spec.routes
        more = {OPENAPI: self.routes.document}
        self._compiler = Compiler(spec.schemas, more, self._profile)
        self.branches: Mapping[str, Branch] = self._compiler.branches
        self.requests: dict[str, Node] = {}
        self.answers: dict[tuple[str, str], tuple[str | None, Node]] = {}
        self.streams: dict[str, Node] = {}
        for operation in self.routes.operations:
            self._operation(operation)
        rules = [rule for rule in spec.lifecycle.rules if rule.kind == "edits-parse"]
        streaming = self._profiles(*(rule.clause for rule in rules))
        # A version without edits has no message of that form.
        forms = [EDITS] if rules else []
        self.forms = {form: self._compiler.compile(form, streaming, "messages") for form in forms}
        for rule in spec.lifecycle.rules:
            self._compiler.add(_rule(rule.id), Kind.RULE, self._profiles(rule.clause))
        for machine in spec.lifecycle.machines.values():
            self._machine(machine)

    def _machine(self, machine: Machine) -> None:
        """A step on a message is reached through that message's profile, any other through those
        of the clauses that the machine enforces.
        """
        messages = {
            b.id.rpartition("=")[2]: frozenset(b.profiles)
            for b in self.branches.values()
            if b.kind is Kind.MESSAGE
        }
        whole = self._profiles(*(refusal.clause for refusal in machine.refusals))
        for row in machine.transitions:
            profiles = messages.get(row.on, whole)
            for source in sorted(row.sources):
                branch = _step(machine.name, source, row.on, row.target or source, row.when)
                self._compiler.add(branch, Kind.TRANSITION, profiles)

    def _operation(self, operation: Operation) -> None:
        name = operation.name
        profiles = self._profiles(*operation.clauses[:1])
        taken = operation.request.get("content", {}).get(JSON, {}).get("schema")
        if taken is not None:
            self.requests[name] = self._node(taken, profiles)
        for status, response in operation.responses.items():
            # "4XX" stands for whatever else there may be: nothing that a run can be asked for.
            branch = f"{name} → {status}" if status.isdigit() else None
            if branch is not None:
                self._compiler.add(branch, Kind.ANSWER, profiles)
            content = response.get("content", {})
            node = self._node(content.get(JSON, {}).get("schema", {}), profiles)
            self.answers[name, status] = (branch, node)
            item = content.get(EVENTS, {}).get("itemSchema")
            if item is not None:
                self.streams[name] = self._node(item, profiles, Kind.MESSAGE)

    def _node(
        self, schema: Mapping[str, Any], profiles: frozenset[str], union: Kind = Kind.VARIANT
    ) -> Node:
        if "$ref" in schema:
            return self._compiler.compile(schema["$ref"], profiles, OPENAPI, union)
        return self._compiler.inline(schema, OPENAPI, "/inline", profiles, union)

    def _profile(self, clause: str) -> str | None:
        found = self._spec.clauses.get(clause)
        return found.profile if found else None

    def _profiles(self, *clauses: str) -> frozenset[str]:
        return frozenset(filter(None, map(self._profile, clauses)))


class Coverage:
    """Collects what a run sees. Feeding is cheap and never raises for what a server sends.

    Safe to be fed from several threads: all that it does to shared state is to add to sets.
    """

    def __init__(self, universe: Universe, sightings: Sightings | None = None) -> None:
        self.universe = universe
        self.sightings = sightings
        self.seen: set[str] = set()
        self._bodies: set[tuple[str, str, int]] = set()

    def exchange(
        self, method: str, path: str, prefix: str, sent: Any, status: int, body: bytes | None
    ) -> None:
        """One request with its JSON body (``None``: none), and the answer's status and JSON body
        (``None``: it is no JSON).
        """
        self._sight(method, path, prefix, status, body)
        routes = self.universe.routes
        operation, others = routes.find(method, path, prefix)
        if operation is None:
            # A method that a path does not take is answered by all that it takes.
            for other in others:
                self._answer(other, status, body)
            return
        if sent is not None and operation.name in self.universe.requests:
            self.universe.requests[operation.name].see(sent, self.seen.add)
        self._answer(operation, status, body)

    def stream(self, path: str) -> Callable[[str | None, str], None]:
        """What to call with the name and the data of each server-sent event on the stream that a
        GET of ``path`` (below the prefix) opens.
        """
        operation, _ = self.universe.routes.find("GET", path, "")
        node = self.universe.streams.get(operation.name) if operation else None

        def event(name: str | None, data: str) -> None:
            if self.sightings is not None and operation is not None and name is None:
                self._sight_message(data)
            if node is not None:
                told = {"data": data} if name is None else {"event": name, "data": data}
                node.see(told, self.seen.add)

        return event

    def shape(self, ref: str, instance: Any) -> None:
        """An instance of a schema that its history, and not its route, leads to."""
        node = self.universe.forms.get(ref)
        if node is not None:
            node.see(instance, self.seen.add)

    def step(self, machine: str, step: Step) -> None:
        """One step that a machine allowed, taken outside of the monitor."""
        self.seen.add(_step(machine, step.source, step.symbol, step.target, step.when))

    def lifecycle(self, monitor: Monitor) -> None:
        """What a monitor has stepped through and judged."""
        for machine, source, symbol, target, when in tuple(monitor.passages):
            self.seen.add(_step(machine, source, symbol, target, when))
        self.seen.update(_rule(rule) for rule in tuple(monitor.judged))

    def _sight(self, method: str, path: str, prefix: str, status: int, body: bytes | None) -> None:
        if self.sightings is None:
            return
        key = (f"{method} {path}", "sighted", hash(body))
        if key not in self._bodies:
            self._bodies.add(key)
            try:
                told = None if body is None else json.loads(body)
            except (ValueError, RecursionError):
                told = None
            self.sightings.answer(method, path, prefix, status, told)

    def _sight_message(self, data: str) -> None:
        try:
            message = json.loads(data)
        except (ValueError, RecursionError):
            return
        if self.sightings is not None and isinstance(message, dict):
            self.sightings.message(message)

    def _answer(self, operation: Operation, status: int, body: bytes | None) -> None:
        found = operation.response(status)
        if found is None:
            return
        branch, node = self.universe.answers[operation.name, found[0]]
        if branch is not None:
            self.seen.add(branch)
        if body is None:
            return
        # A large body, such as /config, is asked for again and again.
        key = (operation.name, found[0], hash(body))
        if key in self._bodies:
            return
        self._bodies.add(key)
        try:
            node.see(strict_json(body.decode(errors="replace")), self.seen.add)
        except NotStrictJSON:
            pass


def _step(machine: str, source: str, symbol: str, target: str, when: str | None) -> str:
    guard = f" [{when}]" if when else ""
    return f"lifecycle#{machine}/{source}: {symbol}{guard} → {target}"


def _rule(name: str) -> str:
    return f"lifecycle#rules/{name}"
