"""Scenes between a client and a server: what breaks a clause about clients, and what keeps it."""

from __future__ import annotations

from collections.abc import Callable

from .talk import Talk

Scene = Callable[[Talk], None]
ACCEPT: list[tuple[str, str, Scene]] = []
REJECT: list[tuple[str, str, Scene]] = []


def accepts(clause: str) -> Callable[[Scene], Scene]:
    """In this scene the client keeps this clause."""

    def listed(scene: Scene) -> Scene:
        ACCEPT.append((clause, scene.__name__, scene))
        return scene

    return listed


def rejects(clause: str) -> Callable[[Scene], Scene]:
    """In this scene the client breaks this clause."""

    def listed(scene: Scene) -> Scene:
        REJECT.append((clause, scene.__name__, scene))
        return scene

    return listed
