"""Installed sizes, read off distributions that are made for it."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from sidebyside import sizes


def install(site: Path, name: str, content: int, *requires: str, record: bool = True) -> None:
    info = site / f"{name.replace('-', '_')}-1.dist-info"
    info.mkdir(parents=True)
    (site / f"{name}.py").write_bytes(b"x" * content)
    lines = ["Metadata-Version: 2.1", f"Name: {name}", "Version: 1"]
    lines += [f"Requires-Dist: {line}" for line in requires]
    (info / "METADATA").write_text("\n".join(lines))
    if record:
        (info / "RECORD").write_text(f"{name}.py,,\ngone.py,,\n")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_all_that_is_required_counts_once(site: Path) -> None:
    install(site, "sbs-a", 1000, "sbs-b", "sbs-c>=1")
    install(site, "sbs-b", 200, "sbs-c", "sbs-a")  # a circle ends
    install(site, "sbs-c", 30)
    found = sizes.installed(["sbs-a"])
    assert found == {"installed_mib": 1230 / sizes.MIB, "distributions": 3.0}


def test_extras_and_markers_count_where_they_hold(site: Path) -> None:
    install(site, "sbs-a", 1, "sbs-b; extra == 'server'", "sbs-none; python_version < '3'")
    install(site, "sbs-b", 1)
    assert set(sizes.closure(["sbs-a"])) == {"sbs-a"}
    assert set(sizes.closure(["sbs-a[server]"])) == {"sbs-a", "sbs-b"}


@pytest.mark.parametrize("missing", ["sbs-absent", "sbs-b"])
def test_what_is_not_installed_has_no_size(site: Path, missing: str) -> None:
    install(site, "sbs-a", 1, missing)
    install(site, "sbs-b", 1, record=False)
    with pytest.raises(PackageNotFoundError, match=missing):
        sizes.installed(["sbs-a"])
