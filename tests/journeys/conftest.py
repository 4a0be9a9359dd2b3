"""Fixtures: a real browser, and visitors who check each page."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.journeys.visitor import Visitor
from tests.plugin import CHROMIUM

ARGUMENTS = [
    "--no-sandbox",  # the tests may run as root, in a container
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",  # no requests but to our own server
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
def browser(live_server: LiveServer) -> Iterator[Browser]:
    """Chromium; it closes before the server does, and Playwright's event loop with it."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def visitor_without_scripts(browser: Browser, live_server: LiveServer) -> Visitor:
    """A visitor whose browser runs no scripts; the checks of pages need scripts, so they are off."""
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    return Visitor(context.new_page(), closely=False)


# Colours and databases have nothing to do with each other: each journey is made with each of both.
LIGHT = pytest.param("light", marks=pytest.mark.sqlite)
DARK = pytest.param("dark", marks=pytest.mark.postgresql)


@pytest.fixture(params=[LIGHT, DARK])
def visitor(request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer) -> Iterator[Visitor]:
    """A visitor with a phone in Berlin, in light or dark colours."""
    context = browser.new_context(
        base_url=live_server.url,
        viewport={"width": 390, "height": 844},
        color_scheme=request.param,
        timezone_id="Europe/Berlin",
    )
    visitor = Visitor(context.new_page())
    yield visitor
    assert visitor.complaints == []
