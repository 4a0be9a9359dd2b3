"""A visitor, who uses the pages as a person does, and checks each for accessibility and width."""

import re

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Locator, Page, expect

WIDER_THAN_THE_SCREEN = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


class Visitor:
    """Finds everything by the texts that a person reads, never by markup."""

    def __init__(self, page: Page, *, closely: bool = True) -> None:
        self.page = page
        self.closely = closely
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        # What the content security policy forbids, the browser tells its console.
        page.on("console", lambda line: self.complaints.append(line.text) if line.type == "error" else None)

    def go(self, path: str) -> None:
        """Opens an address."""
        self.page.goto(path)
        self.look()

    def follow(self, text: str) -> None:
        """Follows a link."""
        self.page.get_by_role("link", name=text).first.click()
        self.look()

    def fill(self, label: str, text: str) -> None:
        """Writes into a field."""
        self._field(label).fill(text)

    def choose(self, label: str, option: str) -> None:
        """Chooses an option by the beginning of its text."""
        choices = self._field(label)
        choices.select_option(choices.get_by_text(option).first.get_attribute("value"))

    def press(self, text: str) -> None:
        """Presses a button of the page, and waits for the next page."""
        with self.page.expect_navigation():
            self._button(text).click()
        self.look()

    def press_twice(self, text: str) -> None:
        """Double-clicks a button, and waits until another address is open."""
        here = self.page.url
        self._button(text).dblclick()
        expect(self.page).not_to_have_url(here)
        self.look()

    def sign_out(self) -> None:
        """Signs out."""
        self.page.get_by_role("button", name="Sign out").click()
        self.look()

    def reads(self, text: str) -> Locator:
        """The place of a text on the page, once it is there."""
        place = self.page.get_by_role("main").get_by_text(text).first
        place.wait_for()
        return place

    def _button(self, text: str) -> Locator:
        return self.page.get_by_role("main").get_by_role("button", name=text)

    def _field(self, label: str) -> Locator:
        return self.page.get_by_label(re.compile(rf"^\s*{label}\b"))

    def look(self) -> None:
        """Checks that the page is accessible and fits the screen."""
        self.page.wait_for_load_state()
        if not self.closely:
            return
        found = Axe().run(self.page)
        if found.violations_count:
            self.complaints.append(f"{self.page.url}: {found.generate_report()}")
        if self.page.evaluate(WIDER_THAN_THE_SCREEN):
            self.complaints.append(f"{self.page.url} is wider than the screen.")
