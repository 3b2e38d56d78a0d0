"""Groups of the testbed to try the checker on."""

from __future__ import annotations

from gradio_conformance.history import groups_of
from gradio_spec.loader import load_spec

ALL = groups_of(load_spec().testbed)
ONE = {"hold": ALL["hold"]}
TWO = {"hold_two": ALL["hold_two"]}
SHARED = {name: ALL[name] for name in ("hold_shared_wide", "hold_shared_narrow")}
FREE = {"hold_unlimited": ALL["hold_unlimited"]}
BATCH = {"batch_upper": ALL["batch_upper"]}
WORLDS = (ONE, TWO, SHARED, FREE, BATCH, {**ONE, **TWO, **BATCH}, {**SHARED, **FREE, **ONE})
