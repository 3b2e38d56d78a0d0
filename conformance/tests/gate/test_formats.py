"""The formats of ``diff``: golden files, and what else must hold of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator

from gradio_conformance.gate.outcome import Outcome
from gradio_conformance.gate.reporting import FORMATS
from gradio_conformance.gate.reporting.data import outcome_data
from gradio_conformance.gate.reporting.places import located
from gradio_conformance.gate.rules import HERE

from .loading import side
from .sample import CLAUSE
from .sample import LEVEL
from .sample import nothing
from .sample import releases
from .sample import revisions

SAMPLES: dict[str, Callable[[], Outcome]] = {
    "releases": releases,
    "revisions": revisions,
    "nothing": nothing,
}
ENDINGS = {"text": "txt", "json": "json", "markdown": "md", "github": "github.txt", "junit": "xml"}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("sample", SAMPLES)
def test_the_format_is_as_in_its_golden_file(
    sample: str,
    form: str,
    golden: Callable[[str, str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Lines and folders of the bundled files change with every edit of the specification.
    monkeypatch.setattr("gradio_conformance.gate.reporting.annotations.located", lambda *_: None)
    golden(f"{sample}.{ENDINGS[form]}", FORMATS[form](SAMPLES[sample]()))


@pytest.mark.parametrize("sample", SAMPLES)
def test_json_keeps_its_schema(sample: str) -> None:
    schema = json.loads((HERE / "reporting" / "diff.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    data = json.loads(json.dumps(outcome_data(SAMPLES[sample]())))
    assert [e.message for e in Draft202012Validator(schema).iter_errors(data)] == []


def test_junit_counts_what_it_has() -> None:
    root = ET.fromstring(FORMATS["junit"](releases()))
    (suite,) = root.findall("testsuite")
    assert [suite.get(key) for key in ("tests", "failures", "errors", "skipped")] == [
        "4",
        "1",
        "0",
        "1",
    ]


def test_an_annotation_is_one_line_of_its_own() -> None:
    for sample in SAMPLES.values():
        for line in FORMATS["github"](sample()).splitlines():
            assert line.startswith(("::error ", "::warning ", "::notice "))


def test_a_place_is_found_in_the_files(tmp_path: Path) -> None:
    for one, word in ((LEVEL, "success"), (CLAUSE, "text:")):
        found = located(one.place, side("sse_v3"))
        assert found is not None
        assert word in found.path.read_text("utf-8").splitlines()[found.line - 1]
