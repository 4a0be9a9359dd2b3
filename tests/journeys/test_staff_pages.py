"""What staff see in a real browser: the first row in sight, each change marked, digits below digits."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from accounts.services.staff import SUPERUSER
from tests.factories import PASSWORD, AccountFactory, HoldFactory, StaffFactory, TransferFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TRANSPARENT = "rgba(0, 0, 0, 0)"
GROUNDS = "rows => rows.map(row => getComputedStyle(row).backgroundColor)"
EDGES = "cells => cells.map(cell => Math.round(cell.getBoundingClientRect().right))"


@pytest.fixture
def stream(transactional_db: None) -> str:
    """The address of the third version of an account, which changed three fields."""
    account = AccountFactory.create(owner__name="Ada Lovelace", balance=10_000)
    TransferFactory.create(source=account, amount=2_500)
    HoldFactory.create(account=account, amount=1_000)
    return f"/admin/eventstore/stream/{account.account_id}/change/?version=3"


@pytest.fixture
def email(transactional_db: None) -> str:
    return StaffFactory.create(role=SUPERUSER).email


@pytest.fixture(params=[(1280, 800), (390, 844)])
def page(request: pytest.FixtureRequest, stream: str, email: str, browser: Browser, live_server: LiveServer) -> Page:
    """Signed in. The browser opens last, because nothing may ask the database while its event loop runs."""
    width, height = request.param
    screen: Any = {"width": width, "height": height}
    page = browser.new_context(base_url=live_server.url, viewport=screen).new_page()
    page.goto("/admin/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="How things stand").wait_for()
    return page


@pytest.mark.parametrize(
    "path",
    [
        "eventstore/event/?category=account&type=account.opened&since=2026-01-01",
        "eventstore/command/?outcome=accepted&type=account.open&since=2026-01-01",
        "projections/hold/?status=open",
        "projections/auditline/?outcome=accepted&since=2026-01-01",
    ],
)
def test_the_first_row_is_in_sight_however_the_list_is_narrowed(page: Page, path: str) -> None:
    page.goto(f"/admin/{path}")
    row = page.locator("tbody tr").first.bounding_box()
    screen = page.viewport_size
    assert row
    assert screen
    assert row["y"] + row["height"] <= screen["height"]


def test_each_changed_row_of_a_step_is_marked(page: Page, stream: str) -> None:
    page.goto(stream)
    grounds = page.locator("tr.changed").evaluate_all(GROUNDS)
    assert len(grounds) == 3
    assert len(set(grounds)) == 1
    assert grounds[0] not in set(page.locator("#state ~ .scroll tbody tr:not(.changed)").evaluate_all(GROUNDS))


def test_amounts_end_below_each_other(page: Page, stream: str) -> None:
    page.goto("/admin/projections/entry/")
    edges = page.locator("td.field-amount_text .money").evaluate_all(EDGES)
    assert len(edges) > 1
    assert len(set(edges)) == 1
