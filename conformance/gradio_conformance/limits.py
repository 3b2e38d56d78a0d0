"""How many files the suite, and the servers that it starts, may have open."""

from __future__ import annotations

from typing import Any

from gradio_conformance.faults import CouldNotRun

# For a thousand streams, and for what a process has open besides; systems allow no less.
WANTED = 4096
BESIDES = 200


def _resource() -> Any:
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return None
    return resource


def raise_file_limit() -> None:
    """Raise the soft limit of this process and of those it starts, as far as the hard one lets."""
    resource = _resource()
    if resource is None:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED if hard == resource.RLIM_INFINITY else min(WANTED, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def room_for(connections: int) -> None:
    """Make room for so many connections at once. Raises ``CouldNotRun`` if the system has none."""
    resource = _resource()
    if resource is None:
        return
    raise_file_limit()
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < connections + BESIDES:
        needed = connections + BESIDES
        raise CouldNotRun(f"the suite may open {soft} files and needs {needed} (ulimit -Hn)")
