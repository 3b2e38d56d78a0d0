"""Type checkers accept what `gradio-protocol types` writes, and refuse calls that are wrong."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from shutil import copyfile

import pytest
from hypothesis import HealthCheck
from hypothesis import Phase
from hypothesis import given
from hypothesis import settings

from gradio_conformance.cli.types import WRITERS
from gradio_conformance.typings.reading import read

from .infos import infos

pytestmark = pytest.mark.clients

HERE = Path(__file__).parent
GOLDEN = HERE / "golden"
APPS = sorted(path.stem for path in GOLDEN.glob("*.json"))
NODE_MODULES = HERE.parent / "clients" / "js" / "node_modules"
TSC = [
    "node", str(NODE_MODULES / "typescript" / "bin" / "tsc"), "--strict", "--noEmit",
    "--skipLibCheck", "--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler",
]  # fmt: skip
MYPY = [sys.executable, "-m", "mypy", "--strict", "--config-file", "", "--no-error-summary"]
SOME_APPS = 60


def compiled(command: list[str], folder: Path) -> list[str]:
    """What the compiler complains of, a line each; none if it is content."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    told = [*done.stdout.splitlines(), *done.stderr.splitlines()]
    assert (done.returncode == 0) == (not told), told
    return told


def generated(folder: Path) -> list[str]:
    """A module of either language for each of some generated apps."""
    names: list[str] = []

    @settings(
        max_examples=SOME_APPS,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(infos())
    def write(info: object) -> None:
        name = f"app_{len(names)}"
        for lang, suffix in (("ts", "ts"), ("python", "py")):
            text = WRITERS[lang](read(info), ["made of an app", "by a test"])
            (folder / f"{name}.{suffix}").write_text(text, "utf-8")
        names.append(name)

    write()
    assert len(names) > SOME_APPS // 2
    return names


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the golden files, generated ones, and what official clients need."""
    folder = tmp_path_factory.mktemp("apps")
    (folder / "node_modules").symlink_to(NODE_MODULES)
    (folder / "package.json").write_text('{"type": "module"}')
    for app in APPS:
        for suffix in ("ts", "py"):
            copyfile(GOLDEN / f"{app}.{suffix}", folder / f"{app}.{suffix}")
    return folder


def test_typescript_compiles(apps: Path) -> None:
    names = [*APPS, *generated(apps)]
    assert compiled([*TSC, *(f"{name}.ts" for name in names)], apps) == []


def test_python_passes_mypy(apps: Path) -> None:
    names = [*APPS, *generated(apps)]
    assert compiled([*MYPY, *(f"{name}.py" for name in names)], apps) == []


# -- calls ----------------------------------------------------------------------------------------

RIGHT_TS = """\
import { Client, handle_file } from "@gradio/client";
import type { ArgumentsOf, ParametersOf, ReturnsOf, TypedClient } from "./components";

const client = await Client.connect("http://127.0.0.1:7860");
const app = client as TypedClient;
export const text: string = (await app.predict("/textbox", { x: "a" })).data[0];
const [first, gallery] = (await app.predict("/class", [3, "x", "a"])).data;
for (const item of gallery) if ("image" in item) first.concat(item.image.url ?? "");
await app.predict("/class", { times: "the others have defaults" });
await app.predict("/image", { x: handle_file("x.png") });
await app.predict("/gallery", { x: [{ image: new Blob([]), caption: null }] });
await app.predict("/list", {});
const job = app.submit("/gen", ["x"]);
for await (const event of job) {
  if (event.type === "data") event.data[0].toUpperCase();
  if (event.type === "status" && event.stage === "error") await job.cancel();
}
const given: ParametersOf<"/gen"> = { x: "a" };
(await client.predict<ReturnsOf<"/gen">>("/gen", given)).data[0].toUpperCase();
const data: ArgumentsOf<"/checkboxgroup"> = [["a"]];
for (const body of [given, { data }])
  await fetch("http://127.0.0.1:7860", { method: "POST", body: JSON.stringify(body) });
"""
WRONG_TS = [
    ('await app.predict("/textbox", { x: 3 });', "'number' is not assignable to type 'string'"),
    ('await app.predict("/textbox", { y: "a" });', "'y' does not exist"),
    ('await app.predict("/textbox", {});', "'{}' is not assignable"),
    ('await app.predict("/absent", { x: "a" });', "'\"/absent\"' is not assignable"),
    ('await app.predict("/dropdown", { x: "c" });', "'\"c\"' is not assignable"),
    ('await app.predict("/class", ["x"]);', "'string' is not assignable to type 'number'"),
    ('await app.predict("/image", { x: "x.png" });', "'string' is not assignable"),
    ('await app.predict("/list", { x: 1 });', "'number' is not assignable to type 'never'"),
    (
        'export const n: number = (await app.predict("/textbox", ["a"])).data[0];',
        "'string' is not assignable to type 'number'",
    ),
    ('(await app.predict("/textbox", ["a"])).data[1];', "has no element at index '1'"),
    (
        'for await (const e of app.submit("/gen", ["x"])) if (e.type === "data") e.data[0].x;',
        "'x' does not exist on type 'string'",
    ),
]


def test_right_calls_compile(apps: Path) -> None:
    (apps / "right.ts").write_text(RIGHT_TS, "utf-8")
    assert compiled([*TSC, "right.ts"], apps) == []


def test_each_wrong_call_is_refused(apps: Path) -> None:
    head = [
        'import type { TypedClient } from "./components";',
        "declare const app: TypedClient;",
    ]
    lines = [*head, *(call for call, _ in WRONG_TS)]
    (apps / "wrong.ts").write_text("\n".join(lines), "utf-8")
    told = "\n".join(compiled([*TSC, "wrong.ts"], apps))
    for number, (call, why) in enumerate(WRONG_TS, len(head) + 1):
        assert re.search(rf"wrong\.ts\({number},.*{re.escape(why)}", told), (call, told)


RIGHT_PY = """\
from gradio_client import Client  # type: ignore[import-untyped]
from gradio_client import handle_file

from components import App

app = App(Client("http://127.0.0.1:7860"))
text: str = app.textbox("a")
path: str = app.image(handle_file("x.png"))
app.image({"path": "x.png", "meta": {"_type": "gradio.FileData"}})
first, gallery = app.class_(times="the others have defaults")
first.upper()
for item in gallery:
    if "image" in item:
        item["image"].upper()
for chunk in app.submit_gen("x"):
    chunk.upper()
"""
WRONG_PY = [
    ("app.textbox(3)", 'has incompatible type "int"; expected "str"'),
    ("app.textbox()", 'Missing positional argument "x"'),
    ('app.textbox(y="a")', 'Unexpected keyword argument "y"'),
    ("app.absent()", 'has no attribute "absent"'),
    ('app.dropdown("c")', "expected \"Literal['a', 'b']\""),
    ('app.image("x.png")', 'expected "FileInput"'),
    ('app.class_(1, "x")', "Too many positional arguments"),
    ('n: int = app.textbox("a")', 'expression has type "str"'),
    ('m: list[int] = list(app.submit_gen("a"))', 'expected "Iterable[int]"'),
]


def test_right_calls_pass_mypy(apps: Path) -> None:
    (apps / "right.py").write_text(RIGHT_PY, "utf-8")
    assert compiled([*MYPY, "right.py"], apps) == []


def test_mypy_refuses_each_wrong_call(apps: Path) -> None:
    head = ["from components import App, Client", "def calls(client: Client) -> None:"]
    lines = [*head, "    app = App(client)", *(f"    {call}" for call, _ in WRONG_PY)]
    (apps / "wrong.py").write_text("\n".join(lines), "utf-8")
    told = "\n".join(compiled([*MYPY, "wrong.py"], apps))
    for number, (call, why) in enumerate(WRONG_PY, len(head) + 2):
        assert re.search(rf"wrong\.py:{number}: error: .*{re.escape(why)}", told), (call, told)
