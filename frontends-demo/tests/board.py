"""The aggregator's page and what it stands before, as its tests see them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from playwright.sync_api import Locator
from playwright.sync_api import Page
from playwright.sync_api import expect

from gradio_conformance.traffic.faults import Fault
from gradio_conformance.traffic.proxy import Proxy

from . import servers
from .pages import DeskPage

THERE = re.compile("^(Connected|Degraded)$")  # a busy machine answers slowly
JOIN = "POST queue/join"
LIGHT = "GET queue/status"
LATE_S = 1.5  # of a light request: whoever answers so late is degraded, and chosen last


@dataclass(frozen=True)
class Behind:
    """A backend behind its proxy."""

    name: str
    server: servers.Desk
    proxy: Proxy


class Board(DeskPage):
    """The page over these backends."""

    def __init__(self, page: Page, backends: dict[str, Behind]) -> None:
        named = ",".join(f"{one.proxy.url}#{one.name}" for one in backends.values())
        first = next(iter(backends.values())).proxy.url
        super().__init__(page, f"{first}/?backends={quote(named, safe='')}")
        self.backends = backends
        self.queue = self.region("Queue")
        self.catalogue = self.region("Catalogue")
        self.jobs = self.queue.get_by_role("listitem", name=re.compile(r"^Job \d+$"))

    def ready(self) -> None:
        self.open()
        for name in self.backends:
            expect(self.health(name)).to_have_text(THERE)

    def card(self, name: str) -> Locator:
        return self.page.get_by_role("article", name=name, exact=True)

    def health(self, name: str) -> Locator:
        return self.page.get_by_role("status", name=f"Health of {name}", exact=True)

    def admit(self, name: str, new_calls: bool) -> None:
        self.card(name).get_by_role("switch", name="New calls").set_checked(new_calls)

    def prefer(self, name: str) -> None:
        """Before it is opened: all others answer late."""
        for other in self.backends.values():
            if other.name != name:
                other.proxy.faults.add(Fault(LIGHT, delay_s=LATE_S))

    def fill(self, *names: str) -> None:
        """The next call to each of these is refused for want of room."""
        page = next(iter(self.backends.values())).proxy.url
        allowed = {"Access-Control-Allow-Origin": page, "Access-Control-Allow-Credentials": "true"}
        for name in names:
            full = Fault(JOIN, times=1, status=503, headers=allowed)
            self.backends[name].proxy.faults.add(full)

    def job(self, endpoint: str) -> Locator:
        """The newest job of the endpoint."""
        return self.jobs.filter(has=self.page.locator("code", has_text=endpoint)).first

    def copies(self, document: str) -> Locator:
        return self.documents.filter(has_text=document).get_by_role("group")
