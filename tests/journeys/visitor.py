"""A visitor: walks through the pages as a person does, and looks closely at each."""

import re

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Locator, Page, expect

WIDER_THAN_THE_SCREEN = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


class Visitor:
    """Goes by what a person reads, never by what only a program sees."""

    def __init__(self, page: Page, *, closely: bool = True) -> None:
        self.page = page
        self.closely = closely
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        # What the content security policy forbids, the browser tells its console.
        page.on("console", lambda line: self.complaints.append(line.text) if line.type == "error" else None)

    def go(self, path: str) -> None:
        """Open an address."""
        self.page.goto(path)
        self.look()

    def follow(self, text: str) -> None:
        """Follow a link."""
        self.page.get_by_role("link", name=text).first.click()
        self.look()

    def fill(self, label: str, text: str) -> None:
        """Write into a field."""
        self._field(label).fill(text)

    def choose(self, label: str, option: str) -> None:
        """Choose from a list, by the beginning of what stands there."""
        choices = self._field(label)
        choices.select_option(choices.get_by_text(option).first.get_attribute("value"))

    def press(self, text: str) -> None:
        """Press a button of the page itself, and wait for what comes of it."""
        with self.page.expect_navigation():
            self._button(text).click()
        self.look()

    def press_twice(self, text: str) -> None:
        """Press a button impatiently, and wait until it has led elsewhere."""
        here = self.page.url
        self._button(text).dblclick()
        expect(self.page).not_to_have_url(here)
        self.look()

    def sign_out(self) -> None:
        """Leave."""
        self.page.get_by_role("button", name="Sign out").click()
        self.look()

    def reads(self, text: str) -> Locator:
        """What stands on the page, once it is there."""
        place = self.page.get_by_role("main").get_by_text(text).first
        place.wait_for()
        return place

    def _button(self, text: str) -> Locator:
        return self.page.get_by_role("main").get_by_role("button", name=text)

    def _field(self, label: str) -> Locator:
        return self.page.get_by_label(re.compile(rf"^\s*{label}\b"))

    def look(self) -> None:
        """Every page has to be accessible, and must fit the screen."""
        self.page.wait_for_load_state()
        if not self.closely:
            return
        found = Axe().run(self.page)
        if found.violations_count:
            self.complaints.append(f"{self.page.url}: {found.generate_report()}")
        if self.page.evaluate(WIDER_THAN_THE_SCREEN):
            self.complaints.append(f"{self.page.url} is wider than the screen.")
