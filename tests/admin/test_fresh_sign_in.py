"""What is grave takes a fresh sign-in: on the pages of the admin, with nothing typed lost."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.test import Client

from accounts.services.staff import SUPERUSER
from accounts.services.use_cases import is_grave
from accounts.staff_actions.actions import STAFF_ACTIONS
from accounts.users.models import User
from eventstore.models import Command
from projections.models import Customer
from tests.admin.conftest import World, customer_id
from tests.factories import PASSWORD, ApprovalFactory, CustomerFactory, StaffFactory
from tests.second_factors import age, code_of, give_app, sign_in, wrong_code

pytestmark = pytest.mark.django_db

AGAIN = "/sign-in/again"
HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)"')
GRAVE = {"erase", "ask-adjustment", "ask-overdraft", "ask-reversal", "approve"}


@pytest.fixture
def leaver() -> User:
    return CustomerFactory.create(name="Ada Leaver")


@pytest.fixture
def boss() -> User:
    return StaffFactory.create(role=SUPERUSER)


@pytest.fixture
def browser(client: Client, boss: User) -> Client:
    """Signed in, 31 minutes ago."""
    age(sign_in(client, boss), proved=31)
    return client


def erasure_of(customer: User) -> tuple[str, dict[str, str]]:
    return f"/admin/actions/erase/{customer.customer_id}/", {
        "command_id": str(uuid4()),
        "reason": 'Asked for by "letter"',
        "confirmation": "Ada Leaver",
    }


def prove(browser: Client, page: Any, **proof: str) -> Any:
    """Sends the page that asks, with what it carries, and follows where it leads."""
    carried = dict(HIDDEN.findall(page.content.decode().replace("&quot;", '"').replace("&#x27;", "'")))
    carried = {name: value for name, value in carried.items() if name != "csrfmiddlewaretoken"}
    given = {f"proof-{name}": value for name, value in proof.items()}
    return browser.post(f"{AGAIN}?again", {**carried, **given}, follow=True)


def test_these_actions_are_grave() -> None:
    assert {action.name for action in STAFF_ACTIONS.values() if is_grave(action.command_class)} == GRAVE


@pytest.mark.parametrize("name", sorted(STAFF_ACTIONS))
def test_only_they_ask_for_it(browser: Client, world: World, name: str) -> None:
    subjects = {
        "customer": world.ada.customer_id,
        "account": world.adas.account_id,
        "entry": world.deposit.answer["entry_id"],
        "approval": ApprovalFactory.create(account=world.adas, amount=100).approval_id,
    }
    if (about := subjects.get(STAFF_ACTIONS[name].subject)) is None:
        return
    answer = browser.get(f"/admin/actions/{name}/{about}/")
    assert (answer.status_code == 302) == (name in GRAVE)


def test_the_form_opens_after_the_password(browser: Client, leaver: User) -> None:
    path, _ = erasure_of(leaver)
    page = browser.get(path, follow=True)
    assert page.request["PATH_INFO"] == AGAIN
    page = prove(browser, page, password=PASSWORD)
    assert page.request["PATH_INFO"] == path
    assert page.status_code == 200


def test_a_form_that_was_on_its_way_is_sent_on(browser: Client, leaver: User) -> None:
    path, form = erasure_of(leaver)
    before = Command.objects.count()
    page = browser.post(path, form, follow=True)
    assert page.request["PATH_INFO"] == AGAIN
    assert Command.objects.count() == before
    page = prove(browser, page, password="wrong")
    assert "This is not your password." in page.content.decode()
    page = prove(browser, page, password=PASSWORD)
    assert page.redirect_chain[-1][0].startswith("/admin/projections/customer/")
    assert Customer.objects.get(customer_id=customer_id(leaver)).status == "erased"


def test_for_half_an_hour_nobody_is_asked_again(client: Client, boss: User, leaver: User) -> None:
    age(sign_in(client, boss), proved=29)
    path, _ = erasure_of(leaver)
    assert client.get(path).status_code == 200


def test_how_long_is_a_setting(client: Client, boss: User, leaver: User, settings: LazySettings) -> None:
    settings.FRESH_SIGN_IN /= 10
    age(sign_in(client, boss), proved=4)
    assert client.get(erasure_of(leaver)[0]).status_code == 302


def test_who_has_a_second_factor_gives_it_again(client: Client, boss: User, leaver: User) -> None:
    give_app(boss)
    age(sign_in(client, boss), proved=31)
    path, _ = erasure_of(leaver)
    for proof in ({}, {"code": ""}, {"code": wrong_code(boss)}):
        page = prove(client, client.get(path, follow=True), password=PASSWORD, **proof)
        assert page.request["PATH_INFO"] == AGAIN
    page = prove(client, page, password="wrong", code=code_of(boss))  # which does not use it up
    assert page.request["PATH_INFO"] == AGAIN
    page = prove(client, page, password=PASSWORD, code=code_of(boss))
    assert page.request["PATH_INFO"] == path


def test_wrong_passwords_are_counted_here_too(browser: Client, leaver: User) -> None:
    page = browser.get(erasure_of(leaver)[0], follow=True)
    for _ in range(12):
        page = prove(browser, page, password="wrong")
    assert "There were too many" in page.content.decode()
    assert (page.status_code, int(page["Retry-After"]) > 1) == (429, True)
    page = prove(browser, page, password=PASSWORD)
    assert page.request["PATH_INFO"] == AGAIN


def test_the_session_gets_another_key(browser: Client, leaver: User) -> None:
    before = browser.session.session_key
    prove(browser, browser.get(erasure_of(leaver)[0], follow=True), password=PASSWORD)
    assert browser.session.session_key != before


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "", "/\\evil"])
def test_it_leads_back_to_addresses_of_ours_alone(browser: Client, address: str) -> None:
    sent = {"proof-password": PASSWORD, "proof-next": address}
    assert browser.post(AGAIN, sent)["Location"] == "/security/factors"


def test_a_form_can_not_be_sent_on_from_another_site(boss: User, leaver: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(boss)
    path, form = erasure_of(leaver)
    assert client.post(AGAIN, {**form, "proof-password": PASSWORD, "proof-next": path}).status_code == 403
