"""What `gradio-protocol types` writes: the golden files, and what holds for any app."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from click.testing import Result
from hypothesis import given

from gradio_conformance.cli.types import WRITERS
from gradio_conformance.cli.types import first_difference
from gradio_conformance.cli.types import types
from gradio_conformance.typings.reading import DescriptionError
from gradio_conformance.typings.reading import read

from .infos import infos

GOLDEN = Path(__file__).parent / "golden"
SUFFIX = {"python": "py", "ts": "ts"}
APPS = sorted(path.stem for path in GOLDEN.glob("*.json"))


def written(info: Any, lang: str) -> str:
    return WRITERS[lang](read(info), ["made of an app", "by a test"])


def load(text: str) -> dict[str, Any]:
    """The names of a generated module."""
    names: dict[str, Any] = {"__name__": "generated"}
    exec(compile(text, "generated", "exec"), names)
    return names


def methods(app: type) -> list[str]:
    return [
        name for name in vars(app) if name != "__init__" and inspect.isfunction(vars(app)[name])
    ]


class Recording:
    """Stands in for a gradio_client.Client: gives back what it was called with."""

    def predict(self, *arguments: Any, api_name: str) -> Any:
        return api_name, list(arguments)

    submit = predict


# -- golden files ---------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", WRITERS)
@pytest.mark.parametrize("app", APPS)
def test_golden_files_say_what_is_generated(app: str, lang: str, tmp_path: Path) -> None:
    """Made again with: gradio-protocol types golden/APP.json --lang LANG --out golden/APP.SUFFIX"""
    source, golden = GOLDEN / f"{app}.json", GOLDEN / f"{app}.{SUFFIX[lang]}"
    out = tmp_path / golden.name
    done = CliRunner().invoke(types, [str(source), "--lang", lang, "--out", str(out)])
    assert (done.exit_code, done.output) == (0, "")
    assert out.read_text("utf-8") == golden.read_text("utf-8")


# -- any app --------------------------------------------------------------------------------------


@given(infos())
def test_the_python_of_any_app_runs_and_calls_what_it_names(info: dict[str, Any]) -> None:
    found = load(written(info, "python"))
    app = found["App"](Recording())
    named = info["named_endpoints"]
    names = methods(found["App"])
    assert len(names) == 2 * len(named), "a method for each way to call an endpoint"
    calls = zip(names[::2], names[1::2], named.items(), strict=True)
    for predict, submit, (key, endpoint) in calls:
        for name in (predict, submit):
            parts = inspect.signature(getattr(app, name)).parameters
            assert len(parts) == len(endpoint["parameters"])
            marks = {part: object() for part in parts}
            assert getattr(app, name)(**marks) == (key, list(marks.values()))
            required = {
                part: marks[part]
                for part, p in parts.items()
                if p.default is inspect.Parameter.empty
            }
            right = [
                p["parameter_default"] if p["parameter_has_default"] else marks[part]
                for part, p in zip(parts, endpoint["parameters"], strict=True)
            ]
            assert getattr(app, name)(**required) == (key, right)


@pytest.mark.parametrize("lang", WRITERS)
@given(info=infos())
def test_the_same_app_gives_the_same_text(lang: str, info: dict[str, Any]) -> None:
    text = written(info, lang)
    assert text == written(json.loads(json.dumps(info)), lang)
    assert text.encode("utf-8")
    assert "\r" not in text
    assert text.endswith("\n")


# -- files ----------------------------------------------------------------------------------------


def test_a_file_is_told_in_all_its_forms() -> None:
    told = (GOLDEN / "components.ts").read_text("utf-8")
    for line in ("image: FileData;", "arguments: [x: FileData];", "returns: [FileData[]];"):
        assert line in told
    python = (GOLDEN / "components.py").read_text("utf-8")
    assert "def image(self, x: FileInput) -> FilePath:" in python
    assert "list[GalleryImageResult | GalleryVideoResult]" in python


# -- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("info", "told"),
    [
        ([], "named_endpoints: an object is expected (DISC-012)"),
        ({"named_endpoints": {"/a": 1}}, "named_endpoints./a: an object is expected"),
        (
            {"named_endpoints": {"/a": {"parameters": {}, "returns": []}}},
            "named_endpoints./a.parameters: an array is expected",
        ),
        (
            {"named_endpoints": {"/a": {"parameters": [], "returns": [1]}}},
            "named_endpoints./a.returns.0: an object is expected",
        ),
    ],
)
def test_what_describes_nothing_is_refused_by_name(info: Any, told: str) -> None:
    with pytest.raises(DescriptionError) as raised:
        read(info)
    assert str(raised.value) == told


def test_a_schema_without_an_end_is_refused() -> None:
    schema: Any = {"type": "string"}
    for _ in range(5000):
        schema = {"type": "array", "items": schema}
    returns = [{"label": "", "type": schema, "component": "Api"}]
    with pytest.raises(DescriptionError, match="nested too deeply"):
        read({"named_endpoints": {"/a": {"parameters": [], "returns": returns}}})


# -- --check --------------------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    info = {
        "named_endpoints": {
            "/greet": {
                "parameters": [_parameter("name", {"type": "string"})],
                "returns": [{"label": "", "type": {"type": "string"}, "component": "Textbox"}],
            }
        },
        "unnamed_endpoints": {},
    }
    (tmp_path / "info.json").write_text(json.dumps(info))
    monkeypatch.chdir(tmp_path)

    def run_types(*arguments: str) -> Result:
        return CliRunner().invoke(types, arguments)

    return SimpleNamespace(types=run_types, folder=tmp_path, info=info)


def _parameter(name: str, schema: Any) -> dict[str, Any]:
    return {
        "label": name,
        "parameter_name": name,
        "parameter_has_default": False,
        "parameter_default": None,
        "type": schema,
        "python_type": {"type": "str", "description": ""},
        "component": "Textbox",
        "example_input": "",
    }


@pytest.mark.parametrize("lang", WRITERS)
def test_check_is_silent_while_the_app_is_the_same(run: Any, lang: str) -> None:
    asked = ("--lang", lang, "--out", "api.txt")
    assert run.types("info.json", *asked).exit_code == 0
    before = (run.folder / "api.txt").read_bytes()
    (run.folder / "info.json").rename(run.folder / "from-elsewhere.json")
    done = run.types("from-elsewhere.json", *asked, "--check")
    assert (done.exit_code, done.output) == (0, "")
    assert (run.folder / "api.txt").read_bytes() == before


@pytest.mark.parametrize(
    ("lang", "told"),
    [
        ("ts", "'name: string;', the app says 'name: number;' (in \"/greet\")"),
        (
            "python",
            "'def greet(self, name: str) -> str:', the app says 'def greet(self, name: f",
        ),
    ],
)
def test_check_names_the_first_difference(run: Any, lang: str, told: str) -> None:
    asked = ("info.json", "--lang", lang, "--out", "api.txt")
    assert run.types(*asked).exit_code == 0
    before = (run.folder / "api.txt").read_bytes()
    run.info["named_endpoints"]["/greet"]["parameters"][0]["type"] = {"type": "number"}
    (run.folder / "info.json").write_text(json.dumps(run.info))
    done = run.types(*asked, "--check")
    assert done.exit_code == 1
    assert told in done.stderr
    assert done.stderr.startswith("api.txt:")
    assert (run.folder / "api.txt").read_bytes() == before, "--check writes nothing"


def test_a_line_too_many_is_a_difference_too() -> None:
    assert first_difference("1\n2\na\n", "x\ny\na\n") is None
    assert first_difference("1\n2\na\nb\n", "1\n2\na\n") == "4: 'b', the app says nothing"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["info.json", "--lang", "ts", "--check"], "--out"),
        (["absent.json", "--lang", "ts"], "absent.json"),
        (["empty.json", "--lang", "ts"], "no object with named_endpoints"),
        (["text.json", "--lang", "ts"], "no JSON"),
        (["info.json", "--lang", "cobol"], "cobol"),
        (["http://", "--lang", "ts"], "names no host"),
        (["info.json", "--lang", "ts", "--out", "absent.ts", "--check"], "absent.ts"),
    ],
)
def test_a_wrong_use_is_told(run: Any, arguments: list[str], told: str) -> None:
    (run.folder / "empty.json").write_text("{}")
    (run.folder / "text.json").write_text("hello")
    done = run.types(*arguments)
    assert done.exit_code == 2
    assert told in done.stderr
