"""What needs the libraries of the load client runs in tox -e sidebyside, not in bare pytest."""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore = [] if find_spec("httptools") else ["test_sidebyside_client.py"]
