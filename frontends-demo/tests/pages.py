"""Desk in a browser, by the names that every front end gives to what it shows."""

from __future__ import annotations

import re
from dataclasses import dataclass

from playwright.sync_api import FilePayload
from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import expect

from . import samples

PROGRESS = "Progress"


def text_file(name: str = "harbour.md", text: str = samples.HARBOUR) -> FilePayload:
    return {"name": name, "mimeType": "text/markdown", "buffer": text.encode()}


def picture_file(name: str = "sea.png", size: tuple[int, int] = (160, 120)) -> FilePayload:
    return {"name": name, "mimeType": "image/png", "buffer": samples.picture(*size)}


def large_file() -> FilePayload:
    return {"name": "large.png", "mimeType": "image/png", "buffer": samples.large()}


@dataclass(frozen=True)
class Tool:
    """One of the three tools."""

    region: Locator
    action: str

    @property
    def status(self) -> Locator:
        return self.region.get_by_role("status")

    @property
    def alert(self) -> Locator:
        return self.region.get_by_role("alert")

    @property
    def progress(self) -> Locator:
        return self.region.get_by_role("progressbar", name=PROGRESS)

    def button(self, name: str) -> Locator:
        return self.region.get_by_role("button", name=name, exact=True)

    def start(self) -> None:
        self.button(self.action).click()

    def says(self, status: str | re.Pattern[str]) -> None:
        """Wait until its status is this."""
        expect(self.status).to_have_text(status)

    def runs(self) -> None:
        """Start it, and wait until it is done."""
        self.start()
        self.says("Done")


class DeskPage:
    """The page as a person finds it."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.connection = page.get_by_role("status", name="Connection")
        self.shelf = self.region("Shelf")
        self.write = Tool(self.region("Write on"), "Write")
        self.search = Tool(self.region("Search"), "Search")
        self.poster = Tool(self.region("Poster"), "Make a poster")
        self.documents = self.shelf.get_by_role("listitem")

    def region(self, name: str) -> Locator:
        return self.page.get_by_role("region", name=name, exact=True)

    @property
    def tools(self) -> tuple[Tool, ...]:
        return (self.write, self.search, self.poster)

    def open(self) -> None:
        self.page.goto(self.url)
        expect(self.page.get_by_role("heading", level=1, name="Desk")).to_be_visible()
        expect(self.connection).to_have_text("Connected")

    def add(self, *files: FilePayload) -> None:
        """Add files one after the other, and wait until each is on the shelf."""
        for file in files:
            self.choose(file)
            expect(self.documents.filter(has_text=file["name"])).to_be_visible()

    def choose(self, *files: FilePayload) -> None:
        self.shelf.get_by_label("Add a file").set_input_files(list(files))

    # --- write on

    @property
    def written(self) -> Locator:
        return self.write.region.get_by_role("group", name="Written text")

    def set_words(self, words: int) -> None:
        self.write.region.get_by_role("spinbutton", name="Words").fill(str(words))

    def set_beginning(self, text: str) -> None:
        self.write.region.get_by_role("textbox", name="Beginning").fill(text)

    # --- search

    @property
    def passages(self) -> Locator:
        found = self.search.region.get_by_role("list", name="Passages")
        return found.get_by_role("listitem")

    def ask(self, question: str) -> None:
        self.search.region.get_by_role("searchbox", name="Question").fill(question)
        self.search.start()

    # --- poster

    @property
    def image(self) -> Locator:
        return self.poster.region.get_by_role("img", name="Poster", exact=True)

    @property
    def palette(self) -> Locator:
        return self.poster.region.get_by_role("list", name="Palette").get_by_role("listitem")

    @property
    def download(self) -> Locator:
        return self.poster.region.get_by_role("link", name="Download the poster")

    def set_colours(self, colours: int) -> None:
        self.poster.region.get_by_role("spinbutton", name="Colours").fill(str(colours))
