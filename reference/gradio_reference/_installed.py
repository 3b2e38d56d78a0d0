"""Imported before all else: says what to install where the server's packages are missing."""

from __future__ import annotations

import importlib.util

if not all(map(importlib.util.find_spec, ("hypercorn", "quart"))):
    message = "gradio_reference needs an extra: pip install 'gradio-protocol[server]'"
    raise ModuleNotFoundError(message, name=__package__)
