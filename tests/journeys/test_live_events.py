"""A member of staff watches events come; the site starts again meanwhile, and nothing is missed."""

import json
import urllib.request

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.services.staff import SUPERUSER
from projections.models import Account
from tests.factories import PASSWORD, AccountFactory, StaffFactory, owner_of
from tests.journeys.visitor import Visitor
from tests.tokens import token_of
from tests.wire.serving import Server, served, served_again

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

GUARD_MS = 120_000


class Depositor:
    """A program of a customer's: it asks no database here, which nobody may while the browser runs."""

    def __init__(self, account: Account) -> None:
        self.account, self.token, self.count = account, token_of(owner_of(account.account_id)), 0

    def deposit(self, server: Server) -> int:
        """The position of a deposit that is made now."""
        self.count += 1
        url = f"http://127.0.0.1:{server.port}/api/v1/accounts/{self.account.account_id}/deposits"
        headers = {
            "Authorization": f"Token {self.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": f"deposit {self.count}",
        }
        with urllib.request.urlopen(urllib.request.Request(url, b'{"amount": "1.00"}', headers)) as answer:
            return int(json.load(answer)["position"])


def sign_in(page: Page, email: str) -> None:
    page.goto("/admin/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="How things stand").wait_for()


def positions(page: Page) -> list[int]:
    return [int(text) for text in page.locator("tbody th").all_inner_texts()]


@pytest.fixture
def depositor(transactional_db: None) -> Depositor:
    return Depositor(AccountFactory.create())


@pytest.fixture
def email(transactional_db: None) -> str:
    return StaffFactory.create(role=SUPERUSER).email


def test_events_come_by_themselves_and_through_a_restart(
    program_environment: dict[str, str], depositor: Depositor, email: str, browser: Browser
) -> None:
    environment = {**program_environment, "DJANGO_SETTINGS_MODULE": "tests.wire.quick_settings", "SUPERVISED": "1"}
    with served(environment) as (server, process):
        screen = {"width": 390, "height": 844}
        context = browser.new_context(base_url=f"http://127.0.0.1:{server.port}", viewport=screen)  # type: ignore[arg-type]
        page = context.new_page()
        visitor = Visitor(page)
        sign_in(page, email)
        visitor.go("/admin/eventstore/event/")
        visitor.follow("Watch events as they come")
        visitor.choose("Type", "account.money_deposited")
        visitor.press("Show")
        expect(page.get_by_role("status")).to_have_text("Live: new events come by themselves.", timeout=GUARD_MS)
        found = [depositor.deposit(server)]
        expect(page.locator("tbody tr")).to_have_count(1, timeout=GUARD_MS)
        visitor.look()
        page.get_by_role("button", name="Hold").click()
        found += [depositor.deposit(server), depositor.deposit(server)]
        page.get_by_role("button", name="Go on").click()
        expect(page.locator("tbody tr")).to_have_count(3, timeout=GUARD_MS)
        assert visitor.complaints == []
        process.kill()
        process.wait()
    with served_again(server, environment):
        found += [depositor.deposit(server)]
        expect(page.locator("tbody tr")).to_have_count(4, timeout=GUARD_MS)
        assert positions(page) == found[::-1]
        page.get_by_role("link", name=str(found[-1]), exact=True).click()
        page.get_by_role("heading", name=f"Event {found[-1]}: account.money_deposited").wait_for()
        page.go_back()
        page.locator("tbody tr").first.get_by_role("link", name="account").click()
        page.get_by_role("heading", name="Stream account").wait_for()
        context.close()
