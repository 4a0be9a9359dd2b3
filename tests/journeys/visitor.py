"""A visitor: walks through the pages as a person does, and looks closely at each."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page

WIDER_THAN_THE_SCREEN = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


class Visitor:
    """Goes by what a person reads, never by what only a program sees."""

    def __init__(self, page: Page) -> None:
        self.page = page
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
        self.page.get_by_label(label, exact=True).fill(text)

    def choose(self, label: str, option: str) -> None:
        """Choose from a list, by the beginning of what stands there."""
        choices = self.page.get_by_label(label, exact=True)
        choices.select_option(choices.get_by_text(option).first.get_attribute("value"))

    def press(self, text: str) -> None:
        """Press a button of the page itself."""
        self.page.get_by_role("main").get_by_role("button", name=text).click()
        self.look()

    def press_twice(self, text: str) -> None:
        """Press a button impatiently."""
        self.page.get_by_role("main").get_by_role("button", name=text).dblclick()
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

    def look(self) -> None:
        """Every page has to be accessible, and must fit the screen."""
        self.page.wait_for_load_state()
        found = Axe().run(self.page)
        if found.violations_count:
            self.complaints.append(f"{self.page.url}: {found.generate_report()}")
        if self.page.evaluate(WIDER_THAN_THE_SCREEN):
            self.complaints.append(f"{self.page.url} is wider than the screen.")
