"""In every list and on every page names stand beside ids, and money in major units with its currency."""

import html
import re
from typing import Any, Final
from uuid import UUID

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.services.approvals import build_adjustment, build_approval_request, payload_of
from accounts.services.reversals import build_reversal
from accounts.users.models import User
from eventstore.models import Command, Event
from eventstore.projecting.runner.runner import Runner
from projections.models import Account, Approval, AuditLine, Customer, DailyBalance, Entry, Hold, JournalLeg, Volume
from tests.admin.conftest import World, customer_id
from tests.admin.pages import read, statements
from tests.factories import AccountFactory, DepositFactory, HoldFactory, StaffFactory, TransferFactory, execute_as_user

LISTS: Final = ("account", "entry", "journalleg", "dailybalance", "hold", "approval", "auditline")
PRODUCT: Final = (Account, Approval, AuditLine, Customer, DailyBalance, Entry, Hold, JournalLeg, Volume)


@pytest.fixture
def busy(world: World) -> World:
    """One of everything of Ada's."""
    HoldFactory.create(account=world.adas, amount=1_250)
    maker = StaffFactory.create(email="maker@bank.example")
    adjustment = build_adjustment(world.adas.account_id, -500, "Paid twice")
    refund = DepositFactory.create(account=world.adas, amount=1_000).answer["entry_id"]
    reversal = build_reversal(UUID(refund), "Paid twice")
    for order in (adjustment, reversal):
        execute_as_user(build_approval_request(order, payload_of(order), "Paid twice", maker.actor), maker)
    Runner().catch_up()
    return world


@pytest.mark.parametrize("name", LISTS)
def test_each_list_names_who_it_is_about(staff: Client, busy: World, name: str) -> None:
    assert "Ada Lovelace" in read(staff, f"projections/{name}/")


@pytest.mark.parametrize("name", LISTS)
def test_each_page_names_who_it_is_about(staff: Client, busy: World, name: str) -> None:
    model = admin.site._registry
    found = next(each for each in model if each._meta.model_name == name)
    pages = [reverse(f"admin:projections_{name}_change", args=[row.pk]) for row in found._default_manager.all()]
    assert any("Ada Lovelace" in staff.get(page).content.decode() for page in pages)


@pytest.mark.parametrize("path", ["event", "command", "stream"])
def test_so_do_the_engine_s_lists(staff: Client, busy: World, path: str) -> None:
    assert "Ada Lovelace" in read(staff, f"eventstore/{path}/")


@pytest.mark.parametrize("path", [*(f"projections/{name}/" for name in (*LISTS, "customer")), "eventstore/event/"])
def test_who_may_not_see_names_finds_ids(client: Client, newcomer: User, busy: World, path: str) -> None:
    newcomer.user_permissions.set(Permission.objects.exclude(codename="view_personal_data"))
    client.force_login(newcomer)
    assert "Ada" not in read(client, path)
    assert "Ada" not in read(client, f"projections/customer/{busy.ada.customer_id}/change/")


def test_staff_go_by_their_e_mail(staff: Client, busy: World) -> None:
    assert "maker@bank.example staff:" in read(staff, "projections/approval/")
    assert "maker@bank.example staff:" in read(staff, "projections/auditline/")
    assert "maker@bank.example staff:" in read(staff, "eventstore/command/")


def test_a_user_of_a_customer_goes_by_name(staff: Client, busy: World) -> None:
    assert "ada@example.org confirmed Ada Lovelace customer" in read(staff, "accounts/user/")


def test_a_transfer_names_both_sides(staff: Client, busy: World) -> None:
    entry = Entry.objects.get(account_id=busy.adas.account_id, kind="transfer")
    text = read(staff, f"projections/entry/{entry.pk}/change/")
    assert f"Other account EUR account {busy.bobs.account_id} Bob" in text


@pytest.mark.parametrize("path", [*(f"projections/{name}/" for name in LISTS), "eventstore/event/"])
def test_more_rows_ask_no_more_of_the_database(staff: Client, busy: World, path: str) -> None:
    with statements() as few:
        staff.get(f"/admin/{path}")
    for number in range(4):
        account = AccountFactory.create(owner__name=f"Person {number}", balance=500, label=f"Account {number}")
        TransferFactory.create(source=account, target=busy.adas, amount=100)
        HoldFactory.create(account=account, amount=100)
    Runner().catch_up()
    with statements() as many:
        staff.get(f"/admin/{path}")
    assert len(many) == len(few)


# Money


def cells(client: Client, path: str) -> dict[str, tuple[str, str]]:
    """The classes and the text of each cell of a list's first row, by its column."""
    page = client.get(f"/admin/{path}").content.decode()
    row = page.partition("<tbody>")[2].partition("</tr>")[0]
    found = re.findall(r'<t[dh][^>]*class="field-(\w+)([^"]*)">(.*?)</t[dh]>', row, re.DOTALL)
    return {name: (more, " ".join(html.unescape(re.sub("<[^>]+>", " ", text)).split())) for name, more, text in found}


@pytest.mark.parametrize("model", PRODUCT)
def test_each_amount_has_its_currency_and_stands_at_the_end_of_its_cell(
    staff: Client, busy: World, model: type[Any]
) -> None:
    for name, (classes, text) in cells(staff, f"projections/{model._meta.model_name}/").items():
        is_money = re.fullmatch(r"[+−]?[\d,]+(\.\d+)? [A-Z]{3}", text) is not None
        assert is_money <= ("number" in classes), (name, text)
        assert is_money or name not in {"balance_text", "amount_text", "held_text", "came_in", "left"}, (name, text)


def test_a_request_tells_its_amount(staff: Client, busy: World) -> None:
    text = read(staff, "projections/approval/")
    assert "Adjust the balance −5.00 EUR" in text
    assert "Reverse an entry +10.00 EUR" in text


def test_an_event_says_what_its_numbers_mean(staff: Client, busy: World) -> None:
    text = read(staff, f"eventstore/event/{busy.deposit.position}/change/")
    assert "amount 10000 100.00 EUR" in text
    assert f"account_id {busy.adas.account_id} Savings, Ada Lovelace" in text


def test_a_command_without_a_currency_has_that_of_its_account(staff: Client, busy: World) -> None:
    command = Command.objects.get(command_id=busy.transfer.command_id)
    text = read(staff, f"eventstore/command/{command.number}/change/")
    assert "amount 2500 25.00 EUR" in text
    assert f"customer_id {customer_id(busy.ada)} Ada Lovelace" in text


def test_a_request_is_told_in_words(staff: Client, busy: World) -> None:
    event = Event.objects.filter(type="approval.requested").earliest("position")
    assert "Adjust the balance by −5.00 EUR" in read(staff, f"eventstore/event/{event.position}/change/")


@pytest.mark.parametrize(("currency", "shown"), [("JPY", "1234 1,234 JPY"), ("BHD", "1234 1.234 BHD")])
def test_the_decimals_are_those_of_the_currency(staff: Client, world: World, currency: str, shown: str) -> None:
    account = AccountFactory.create(owner=world.ada, currency=currency, balance=1_234)
    assert f"balance {shown}" in read(staff, f"eventstore/stream/{account.account_id}/change/")
