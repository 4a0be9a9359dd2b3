"""What somebody reads who has guessed too often: kind, accessible, in both languages, without scripts too."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from eventstore.http.throttles import FixedWindowThrottle
from tests.journeys.visitor import WIDER_THAN_THE_SCREEN

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STATUS = "status of 429"  # which the browser notes in its console


@pytest.fixture(autouse=True)
def rates(settings: Settings) -> None:
    settings.ATTEMPT_RATES = {"sign_in": "1/day"}


@pytest.fixture(params=[(1280, "light", "en"), (390, "dark", "zh-CN")])
def page(request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer) -> Page:
    width, scheme, language = request.param
    screen: Any = {"width": width, "height": 800}
    context = browser.new_context(
        base_url=live_server.url, viewport=screen, color_scheme=scheme, locale=language, reduced_motion="reduce"
    )
    return context.new_page()


@pytest.mark.parametrize("door", ["/sign-in", "/admin/login/"])
def test_the_form_says_when_to_try_again(page: Page, door: str) -> None:
    complaints = complaints_of(page)
    for _ in range(2):
        page.goto(door)
        page.locator("input[name=username]").fill("ada@example.org")
        page.locator("input[name=password]").fill("wrong")
        with page.expect_navigation() as arrived:
            page.locator("main [type=submit]").first.click()
    assert arrived.value.status == 429
    page.get_by_text("There were too many attempts.").or_(page.get_by_text("尝试次数过多")).first.wait_for()
    assert look(page) == []
    assert complaints == []


def test_the_page_says_when_to_come_again(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FixedWindowThrottle, "THROTTLE_RATES", {"anon": "0/day", "user": "9/day"})
    complaints = complaints_of(page)
    answer = page.goto("/sign-in")
    assert answer
    assert answer.status == 429
    assert look(page) == []
    assert complaints == []


def complaints_of(page: Page) -> list[str]:
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda line: complaints.append(line.text) if line.type == "error" and STATUS not in line.text else None,
    )
    return complaints


def look(page: Page) -> list[str]:
    """What is wrong with a page."""
    page.wait_for_load_state()
    found = Axe().run(page, options={"preload": False})
    wide = ["too wide"] if page.evaluate(WIDER_THAN_THE_SCREEN) else []
    return [found.generate_report()] * bool(found.violations_count) + wide
