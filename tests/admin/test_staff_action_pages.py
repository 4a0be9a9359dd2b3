"""The page of each staff action names what it is about: who, which account, how much, and what changes."""

import html
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client, override_settings

from accounts.services.approvals import build_adjustment
from accounts.services.reversals import build_reversal
from accounts.services.staff import SUPERUSER
from accounts.staff_actions.actions import STAFF_ACTIONS
from accounts.staff_actions.descriptions import DESCRIPTIONS
from accounts.users.models import User
from accounts.users.roles import Role
from eventstore.models import Command, Event
from projections.models import Approval
from tests.admin.conftest import World, customer_id
from tests.admin.pages import ADMIN, TAG
from tests.factories import (
    AccountFactory,
    ApprovalFactory,
    ClosureFactory,
    CustomerFactory,
    FreezeFactory,
    HoldFactory,
    OverdraftFactory,
    StaffFactory,
    SuspensionFactory,
)

SUMS: Final = ("Balance 75.00 EUR", "Held 12.50 EUR", "Overdraft limit 40.00 EUR", "Available 102.50 EUR")
ABOUT: Final = {
    "customer": (),
    "account": SUMS,
    "entry": (
        *SUMS,
        "Amount +100.00 EUR",
        "What Deposit",
        "Reference Salary",
        "Recorded at 20",
        "Balance after it 100.00",
    ),
    "hold": (*SUMS, "Amount 12.50 EUR", "Expires at 20", "Reference Hotel"),
    "approval": (
        *SUMS,
        "Adjust the balance by −5.00 EUR",
        "Reason Paid twice",
        "Requested by maker@bank.example staff:",
    ),
}


@pytest.fixture
def maker(db: None) -> User:
    return StaffFactory.create(email="maker@bank.example")


@pytest.fixture
def subjects(world: World, maker: User) -> dict[str, UUID]:
    """One of each kind, all of them Ada's."""
    OverdraftFactory.create(account=world.adas, limit=4_000)
    order = build_adjustment(world.adas.account_id, -500, "Paid twice")
    return {
        "customer": customer_id(world.ada),
        "account": world.adas.account_id,
        "entry": UUID(world.deposit.answer["entry_id"]),
        "hold": HoldFactory.create(account=world.adas, amount=1_250, reference="Hotel").hold_id,
        "approval": ApprovalFactory.create(order=order, by=maker, reason="Paid twice").approval_id,
    }


@pytest.fixture
def boss(db: None, client: Client) -> Client:
    client.force_login(StaffFactory.create(role=SUPERUSER))
    return client


def text_of(page: Any) -> str:
    assert page.status_code == 200, page.status_code
    return " ".join(html.unescape(TAG.sub(" ", page.content.decode())).split())


def page_of(client: Client, name: str, about: object) -> str:
    return text_of(client.get(f"{ADMIN}actions/{name}/{about}/"))


# Every action, also the ones to come


def test_every_kind_of_subject_is_described_here() -> None:
    assert set(ABOUT) == set(DESCRIPTIONS) == {action.subject for action in STAFF_ACTIONS.values()}


@pytest.mark.parametrize("name", sorted(STAFF_ACTIONS))
def test_each_page_names_its_subject(boss: Client, subjects: dict[str, UUID], world: World, name: str) -> None:
    kind = STAFF_ACTIONS[name].subject
    text = page_of(boss, name, subjects[kind])
    assert f"Ada Lovelace {world.ada.customer_id}" in text
    if kind != "customer":
        assert f"Savings {world.adas.account_id} open" in text
    for fact in ABOUT[kind]:
        assert fact in text


@pytest.fixture
def blind(client: Client, newcomer: User, monkeypatch: pytest.MonkeyPatch) -> Client:
    """The browser of somebody who may do everything, and see no names."""
    newcomer.user_permissions.set(Permission.objects.exclude(codename="view_personal_data"))
    monkeypatch.setattr("accounts.staff_actions.actions.is_entitled", lambda _user, _task: True)
    client.force_login(newcomer)
    return client


@pytest.mark.parametrize("name", sorted(STAFF_ACTIONS))
def test_who_may_not_see_names_finds_ids(blind: Client, subjects: dict[str, UUID], world: World, name: str) -> None:
    text = page_of(blind, name, subjects[STAFF_ACTIONS[name].subject])
    assert str(world.ada.customer_id) in text
    assert "Ada" not in text


# Before and after


def test_an_adjustment_shows_the_balance_before_and_after(boss: Client, subjects: dict[str, UUID]) -> None:
    text = page_of(boss, "approve", subjects["approval"])
    assert "What changes" in text
    assert "Balance 75.00 EUR → 70.00 EUR" in text
    assert "Available 102.50 EUR → 97.50 EUR" in text
    assert "Request open → granted" in text


def test_a_request_for_an_overdraft_shows_the_limit_before_and_after(
    boss: Client, subjects: dict[str, UUID], world: World, maker: User
) -> None:
    do_as(maker, "ask-overdraft", world.adas.account_id, limit="90", reason="Kitchen")
    asked = Approval.objects.get(command="SetOverdraftLimit")
    text = page_of(boss, "approve", asked.approval_id)
    assert "Set the overdraft limit to 90.00 EUR" in text
    assert "Overdraft limit 40.00 EUR → 90.00 EUR" in text


def test_a_request_for_a_reversal_shows_both_accounts(boss: Client, world: World, maker: User) -> None:
    order = build_reversal(UUID(world.transfer.answer["entry_id"]), "Wrong person")
    asked = ApprovalFactory.create(order=order, by=maker, reason="Wrong person")
    text = page_of(boss, "approve", asked.approval_id)
    assert "Reverse an entry of −25.00 EUR" in text
    assert f"Other account EUR account {world.bobs.account_id}" in text
    assert f"Owner of the other account Bob {world.bobs.customer_id}" in text
    assert "Savings: Balance 75.00 EUR → 100.00 EUR" in text
    assert "EUR account: Balance 25.00 EUR → 0.00 EUR" in text


@pytest.mark.parametrize(("currency", "shown"), [("JPY", "1,234 JPY → 1,233 JPY"), ("BHD", "1.234 BHD → 1.233 BHD")])
def test_money_has_the_decimals_of_its_currency(
    boss: Client, world: World, maker: User, currency: str, shown: str
) -> None:
    account = AccountFactory.create(owner=world.ada, currency=currency, balance=1_234)
    asked = ApprovalFactory.create(order=build_adjustment(account.account_id, -1, "Fee"), by=maker)
    assert f"Balance {shown}" in page_of(boss, "approve", asked.approval_id)


@override_settings(APPROVAL_ABOVE=Decimal(1))
def test_who_asks_for_a_reversal_sees_what_it_would_do(boss: Client, subjects: dict[str, UUID]) -> None:
    assert "Balance 75.00 EUR → −25.00 EUR" in page_of(boss, "ask-reversal", subjects["entry"])


def test_the_end_of_a_freeze_shows_its_scope(boss: Client, world: World) -> None:
    FreezeFactory.create(account=world.adas, scope="all")
    text = page_of(boss, "unfreeze", world.adas.account_id)
    assert "Freeze frozen: money may not move → not frozen" in text


def test_a_page_shows_what_is_so_now(boss: Client, subjects: dict[str, UUID], world: World) -> None:
    """The write side is asked: a read model may be behind."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE projections_account SET balance = 1, held = 1, overdraft_limit = 1, label = 'Stale'")
    text = page_of(boss, "freeze", subjects["account"])
    assert "Balance 75.00 EUR" in text
    assert "Savings" in text


# What would be refused is not offered, and the page says why


def test_one_s_own_request_can_not_be_approved(world: World, client: Client) -> None:
    own = StaffFactory.create(role=SUPERUSER)
    asked = ApprovalFactory.create(account=world.adas, by=own)
    client.force_login(own)
    page = client.get(f"{ADMIN}actions/approve/{asked.approval_id}/")
    assert "As things stand now, this would be refused: You asked for this yourself" in text_of(page)
    assert '<button type="submit"\n              class="staff-action' not in page.content.decode()
    assert b"staff-action-form" not in page.content


@pytest.mark.parametrize("name", ["freeze", "overdraft", "limits", "ask-adjustment", "ask-overdraft"])
def test_a_closed_account_takes_nothing(boss: Client, world: World, name: str) -> None:
    account = AccountFactory.create(owner=world.ada)
    ClosureFactory.create(account=account)
    page = boss.get(f"{ADMIN}actions/{name}/{account.account_id}/")
    assert "this would be refused: This account is closed." in text_of(page)
    assert b"staff-action-form" not in page.content


def test_a_hold_that_ended_says_so(boss: Client, world: World, subjects: dict[str, UUID]) -> None:
    do(boss, "release", subjects["hold"], reason="Left")
    text = page_of(boss, "capture", subjects["hold"])
    assert "this would be refused: This hold is not open any more." in text


# Erasing


@pytest.fixture
def leaver(db: None) -> User:
    return CustomerFactory.create(name="Renée  Straße", email="renee@example.org")


def do_as(user: User, name: str, about: object, **fields: object) -> str:
    client = Client()
    client.force_login(user)
    return do(client, name, about, **fields)


def do(client: Client, name: str, about: object, **fields: object) -> str:
    address = f"{ADMIN}actions/{name}/{about}/"
    command_id = client.get(address).context["form"]["command_id"].value()
    return text_of(client.post(address, {"command_id": command_id, **fields}, follow=True))


def test_erasing_asks_for_the_name(boss: Client, leaver: User) -> None:
    text = page_of(boss, "erase", leaver.customer_id)
    assert "Type the name of the customer So that nobody is erased by mistake: Renée Straße" in text
    assert "Status active → erased" in text


@pytest.mark.parametrize("typed", ["", "Ada", "Renée", "renee@example.org", "Renee Strasse", "x Renée Straße"])
def test_another_name_erases_nobody(boss: Client, leaver: User, typed: str) -> None:
    before = Command.objects.count(), Event.objects.count()
    text = do(boss, "erase", leaver.customer_id, reason="Asked", confirmation=typed)
    assert "Nothing was erased." in text or "This field is required." in text
    assert (Command.objects.count(), Event.objects.count()) == before


@pytest.mark.parametrize("typed", ["Renée  Straße", "  rene\u0301e strasse ", "ＲＥＮÉＥ\u3000STRASSE"])
def test_the_name_counts_however_it_is_typed(boss: Client, leaver: User, typed: str) -> None:
    text = do(boss, "erase", leaver.customer_id, reason="Asked", confirmation=typed)
    assert "Done: Erase this customer." in text


def test_the_typed_name_is_stored_nowhere_and_sending_twice_erases_once(boss: Client, leaver: User) -> None:
    address = f"{ADMIN}actions/erase/{leaver.customer_id}/"
    sent = {"command_id": boss.get(address).context["form"]["command_id"].value(), "reason": "Asked"}
    for _ in range(2):
        assert boss.post(address, {**sent, "confirmation": "Renée Straße"}).status_code == 302
    command = Command.objects.get(type="customer.erase")
    assert "Ren" not in str(command.data)
    assert Event.objects.filter(type="customer.erased").count() == 1


def test_who_may_not_see_the_name_types_the_id(blind: Client, leaver: User) -> None:
    about = leaver.customer_id
    assert "Type the id of the customer" in page_of(blind, "erase", about)
    assert "Nothing was erased." in do(blind, "erase", about, reason="Asked", confirmation="Renée Straße")
    assert "Done:" in do(blind, "erase", about, reason="Asked", confirmation=str(about))


def test_a_suspended_customer_is_shown_as_such(boss: Client, leaver: User) -> None:
    SuspensionFactory.create(customer=leaver)
    assert f"{leaver.customer_id} suspended" in page_of(boss, "reinstate", leaver.customer_id)
    assert "Status suspended → active" in page_of(boss, "reinstate", leaver.customer_id)


def test_roles_are_checked_as_ever(client: Client, leaver: User) -> None:
    client.force_login(StaffFactory.create(role=Role.SUPPORT))
    assert client.get(f"{ADMIN}actions/erase/{leaver.customer_id}/").status_code == 403
