"""Logging in and out, for each front end on each library."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from playwright.sync_api import expect

from .conftest import ADA
from .pages import DeskPage
from .pages import text_file
from .servers import Site

pytestmark = pytest.mark.browser

NAME, PASSWORD = ADA


def log_in(page: Page, password: str) -> None:
    form = page.get_by_role("form", name="Log in")
    form.get_by_role("textbox", name="Name").fill(NAME)
    form.get_by_label("Password").fill(password)
    form.get_by_role("button", name="Log in").click()


def test_log_in_and_out(page: Page, guarded: Site) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    desk = DeskPage(page, guarded.url)
    page.goto(guarded.url)
    form = page.get_by_role("form", name="Log in")
    expect(form).to_be_visible()
    expect(desk.write.region).to_be_hidden()
    log_in(page, "wrong")
    expect(form.get_by_role("alert")).to_contain_text("not right")
    log_in(page, PASSWORD)
    expect(page.get_by_text(f"Logged in as {NAME}")).to_be_visible()
    expect(form).to_be_hidden()
    desk.add(text_file())
    desk.write.runs()
    page.get_by_role("button", name="Log out").click()
    expect(form).to_be_visible()
    expect(desk.documents).to_have_count(0)
    page.reload()
    expect(form).to_be_visible()
    assert not errors
