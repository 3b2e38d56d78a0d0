"""The version of the specification itself: ``info.version`` of ``openapi.yaml``, as semver says."""

from __future__ import annotations

from gradio_conformance.gate.model import Side
from gradio_spec.data import SpecError
from gradio_spec.data import read_yaml
from gradio_spec.documents import COMPLETE


def version_of(side: Side) -> str:
    """``1.0.0``. A family without routes of its own has the version of the complete document."""
    routes = side.documents["openapi"]
    if "info" not in routes:
        routes = read_yaml(side.spec.root.parent / COMPLETE / "openapi.yaml")
    version = routes.get("info", {}).get("version")
    if not isinstance(version, str):
        raise SpecError(f"{side.name}: openapi.yaml: info/version: there is none")
    return version
