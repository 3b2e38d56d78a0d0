"""pins.yaml, and the plans that are made of it. Nothing is installed here."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from gradio_conformance.environments.pins import npm_plan
from gradio_conformance.environments.pins import pins
from gradio_conformance.environments.pins import python_plan
from gradio_spec.data import SpecError
from gradio_spec.releases import number

ROOT = Path(__file__).resolve().parents[3]


def test_pins_are_what_their_schema_says_and_spans_are_spans() -> None:
    for row in pins()["pins"]:
        assert row["last"] is None or number(row["first"]) <= number(row["last"])
        assert set(row) - {"package", "first", "last", "why"}, "a row that pins nothing"


def test_the_testbed_brings_what_the_specification_stands_on() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    base = {re.split(r"[^\w-]", text)[0] for text in project["dependencies"]}
    assert base | {"click"} == set(pins()["testbed"])


@pytest.mark.parametrize("release", ["3.50.2", "4.16.0", "4.44.1"])
def test_what_is_old_is_held_back(release: str) -> None:
    plan = python_plan(f"gradio=={release}")
    assert plan.requirements[0] == f"gradio=={release}"
    assert "huggingface_hub<0.26" in plan.constraints
    assert {"click", "jsonschema", "itsdangerous"} <= set(plan.requirements)
    assert plan.last_python == (3, 12)


@pytest.mark.parametrize("release", ["5.50.0", "6.31.0"])
def test_what_is_new_is_not(release: str) -> None:
    plan = python_plan(f"gradio=={release}")
    assert plan.requirements[0] == f"gradio[mcp]=={release}"
    assert plan.constraints == ()
    assert plan.last_python is None


def test_a_client_brings_no_testbed() -> None:
    plan = python_plan("gradio-client==1.3.0", ["attrs"])
    assert plan.requirements == ("gradio_client==1.3.0", "attrs", "requests")
    assert python_plan("gradio_client==2.7.2").requirements == ("gradio_client==2.7.2",)


def test_a_package_of_npm() -> None:
    plan = npm_plan("@gradio/client@1.19.1", ["ws"])
    assert plan.requirements == ("@gradio/client@1.19.1", "ws")


@pytest.mark.parametrize("wrong", ["gradio", "gradio>=5", "gradio==", "--editable", "gradio==5 x"])
def test_what_names_no_release_is_refused(wrong: str) -> None:
    with pytest.raises(SpecError, match=r"gradio==5\.50\.0"):
        python_plan(wrong)


@pytest.mark.parametrize("wrong", ["@gradio/client", "@gradio/client@latest", "-g", "a@1 b"])
def test_what_names_no_npm_release_is_refused(wrong: str) -> None:
    with pytest.raises(SpecError, match=r"@gradio/client@1\.19\.1"):
        npm_plan(wrong)
