"""How each front end looks, for report/frontends/index.html."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from .pages import DeskPage
from .pages import picture_file
from .pages import text_file
from .report import picture_name
from .servers import Site

pytestmark = pytest.mark.browser

SIZES: dict[str, Any] = {
    "light": {"width": 1200, "height": 900},
    "dark": {"width": 1200, "height": 900},
    "narrow": {"width": 360, "height": 740},
}


def test_its_looks(desk: DeskPage, site: Site, pytestconfig: pytest.Config) -> None:
    folder = Path(pytestconfig.rootpath, "report", "frontends")
    folder.mkdir(parents=True, exist_ok=True)
    desk.add(text_file(), text_file("note.txt", "Two words."), picture_file(size=(400, 300)))
    desk.write.region.get_by_role("combobox", name="Text").select_option(label="harbour.md")
    desk.write.runs()
    desk.ask("gulls and letters")
    desk.search.says("Done")
    desk.poster.runs()
    expect(desk.image).to_have_js_property("naturalWidth", 400)
    desk.page.emulate_media(reduced_motion="reduce")
    for view, size in SIZES.items():
        desk.page.emulate_media(color_scheme="dark" if view == "dark" else "light")
        desk.page.set_viewport_size(size)
        desk.page.evaluate("scrollTo(0, 0)")
        path = folder / picture_name(site.frontend, site.library, view)
        desk.page.screenshot(path=path, full_page=True)
