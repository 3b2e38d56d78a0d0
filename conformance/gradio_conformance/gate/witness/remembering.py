"""A specification whose schemas judge each value once: a search asks about few, but often."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from gradio_spec.model import Spec
from gradio_spec.schemas import SchemaError
from gradio_spec.schemas import Schemas


class _Remembering(Schemas):
    def __init__(self, schemas: Schemas) -> None:
        super().__init__(schemas.documents)
        self._known: dict[tuple[str, str], list[SchemaError]] = {}

    def check(self, ref: str, instance: Any) -> list[SchemaError]:
        key = ref, json.dumps(instance)
        if key not in self._known:
            self._known[key] = super().check(ref, instance)
        return self._known[key]


def remembering(spec: Spec) -> Spec:
    """The same specification, for one search."""
    return replace(spec, schemas=_Remembering(spec.schemas))
