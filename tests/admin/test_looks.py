"""The admin in a real browser: nothing that the policy forbids, accessible, and no wider than the screen."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from accounts.services.staff import SUPERUSER
from accounts.staff_actions.actions import STAFF_ACTIONS
from eventstore.models import Command, Event, Parked
from eventstore.projecting.runner.runner import Runner
from tests.admin.conftest import World, customer_id
from tests.factories import PASSWORD, ApprovalFactory, HoldFactory, StaffFactory
from tests.journeys.conftest import ARGUMENTS
from tests.journeys.visitor import WIDER_THAN_THE_SCREEN
from tests.plugin import CHROMIUM

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.once("what a page looks like is the browser's; that it answers, other tests see on each database"),
]


@pytest.fixture
def superuser(world: World) -> str:
    """The e-mail of somebody who sees everything, and finds buttons where there is something to do."""
    return StaffFactory.create(role=SUPERUSER).email


@pytest.fixture
def parked(world: World) -> Parked:
    """A stream that waits for a person."""
    return Parked.objects.create(
        projection_id="journal_legs",
        category="account",
        stream_id=world.adas.account_id,
        position=world.deposit.position,
        type="account.money_deposited",
        error=f"ArithmeticError: {' unlucky' * 50}\nprojections.projectors, line 1",
    )


@pytest.fixture
def subjects(world: World) -> dict[str, object]:
    """What there is something to do about, by its kind."""
    asked = ApprovalFactory.create(account=world.adas, amount=100)
    return {
        "customer": world.ada.customer_id,
        "account": world.adas.account_id,
        "entry": world.deposit.answer["entry_id"],
        "hold": HoldFactory.create(account=world.adas, amount=100).hold_id,
        "approval": asked.approval_id,
    }


@pytest.fixture
def addresses(world: World, parked: Parked, subjects: dict[str, object]) -> list[str]:
    """Every kind of page."""
    Runner().catch_up()
    refused = Command.objects.get(command_id=world.refused.command_id)
    registered = Event.objects.get(version=1, stream_id=customer_id(world.ada))
    lists = [
        *("eventstore/command/?outcome=refused", "eventstore/event/?since=2026-01-01", "eventstore/stream/"),
        *("projections/customer/", "projections/account/", "projections/entry/", "projections/journalleg/"),
        *("projections/auditline/", "accounts/user/", "projections/customer/?q=nobody", "eventstore/projection/"),
        *("eventstore/parked/", "eventstore/parked/?by=person", "projections/hold/", "projections/approval/"),
        *("projections/dailybalance/", "projections/volume/", "projections/statement/"),
    ]
    pages = [
        f"eventstore/command/{refused.number}/change/",
        f"eventstore/command/{world.transfer.command_id}/change/",
        f"eventstore/event/{registered.position}/change/",
        f"eventstore/stream/{world.adas.account_id}/change/?version=3",
        *(f"projections/{kind}/{about}/change/" for kind, about in subjects.items()),
        *(f"actions/{action.name}/{subjects[action.subject]}/" for action in STAFF_ACTIONS.values()),
        f"accounts/user/{world.ada.pk}/change/",
        *(f"eventstore/parked/{parked.pk}/change/", f"eventstore/parked/{parked.pk}/skip/"),
        *("analysis/balances/", "analysis/flows/", "analysis/refusals/"),
        *("eventstore/projection/journal_legs/change/", "password_change/", "eventstore/"),
    ]
    return ["/admin/", "/security", *(f"/admin/{path}" for path in lists + pages)]


# Looks and databases have nothing to do with each other.
WIDE = pytest.param((1280, "light"), marks=pytest.mark.sqlite, id="wide")
NARROW = pytest.param((390, "dark"), marks=pytest.mark.postgresql, id="narrow")


@pytest.fixture(params=[WIDE, NARROW])
def page(
    request: pytest.FixtureRequest, live_server: LiveServer, superuser: str, addresses: list[str]
) -> Iterator[Page]:
    """A tab of Chromium. It opens last, because nothing may ask the database while Playwright's event loop runs."""
    width, scheme = request.param
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        screen: Any = {"width": width, "height": 900}
        context = chromium.new_context(base_url=live_server.url, viewport=screen, color_scheme=scheme)
        yield context.new_page()
        chromium.close()


def test_every_page_is_clean(page: Page, superuser: str, addresses: list[str]) -> None:
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    log_in(page, superuser)
    for address in addresses:
        page.goto(address)
        complaints += look(page)
    skip_without_a_reason(page)
    complaints += look(page)
    set_an_overdraft_that_is_none(page)
    complaints += look(page)
    assert complaints == []


def skip_without_a_reason(page: Page) -> None:
    page.goto("/admin/eventstore/parked/")
    page.get_by_role("link", name="journal_legs").click()
    page.get_by_role("button", name="Skip this event").click()
    page.get_by_text("This field is required.").wait_for()


def set_an_overdraft_that_is_none(page: Page) -> None:
    page.goto("/admin/projections/account/")
    page.get_by_role("link", name="Savings").click()
    page.get_by_role("link", name="Set the overdraft limit").click()
    page.get_by_label("Limit").fill("a lot")
    page.get_by_role("button", name="Set the overdraft limit").click()
    page.get_by_text("Enter an amount in plain digits").wait_for()


def log_in(page: Page, email: str) -> None:
    page.goto("/admin/login/")
    assert look(page) == []
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="How things stand").wait_for()


def look(page: Page) -> list[str]:
    """What is wrong with a page. Not preloaded: to load styles once more, axe would break the policy itself."""
    page.wait_for_load_state()
    found = Axe().run(page, options={"preload": False})
    wrong = [f"{page.url}: {found.generate_report()}"] if found.violations_count else []
    return [*wrong, f"{page.url} is wider than the screen."] if page.evaluate(WIDER_THAN_THE_SCREEN) else wrong
