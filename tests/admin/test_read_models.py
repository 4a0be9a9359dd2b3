"""The read models in the admin: from a customer to their accounts, the history, and the events behind it."""

import pytest
from django.test import Client

from projections.models import AuditLine, Entry
from tests.admin.conftest import World, customer_id
from tests.admin.looking import keys_on, links_of, read, statements
from tests.factories import AccountFactory

CUSTOMERS, ACCOUNTS, ENTRIES = "projections/customer/", "projections/account/", "projections/entry/"


@pytest.mark.parametrize("term", ["lovel", "Ada", " ADA@Example.org "])
def test_finds_customers_by_name_or_email(staff: Client, world: World, term: str) -> None:
    assert keys_on(staff, CUSTOMERS, q=term) == [customer_id(world.ada)]


def test_finds_a_customer_by_id(staff: Client, world: World) -> None:
    answer = staff.get(f"/admin/{CUSTOMERS}", {"q": str(world.ada.customer_id)})
    assert answer.headers["Location"] == f"/admin/{CUSTOMERS}{world.ada.customer_id}/change/"


def test_an_address_is_searched_whole(staff: Client, world: World) -> None:
    assert keys_on(staff, CUSTOMERS, q="ada@") == []


def test_leads_from_a_customer_to_their_accounts(staff: Client, world: World) -> None:
    accounts = f"/admin/{ACCOUNTS}?customer={world.ada.customer_id}"
    assert accounts in links_of(staff, f"{CUSTOMERS}{world.ada.customer_id}/change/")
    assert keys_on(staff, ACCOUNTS, customer=world.ada.customer_id) == [world.adas.account_id]


def test_leads_from_an_account_to_its_history(staff: Client, world: World) -> None:
    history = f"/admin/{ENTRIES}?account={world.adas.account_id}"
    assert history in links_of(staff, f"{ACCOUNTS}{world.adas.account_id}/change/")
    kinds = Entry.objects.filter(pk__in=keys_on(staff, ENTRIES, account=world.adas.account_id))
    assert {entry.kind for entry in kinds} == {"deposit", "transfer"}


def test_a_history_is_in_the_order_of_the_log(staff: Client, world: World) -> None:
    with statements() as found:
        keys = keys_on(staff, ENTRIES, account=world.adas.account_id)
    listed = [Entry.objects.get(pk=key).position for key in keys]
    assert listed == sorted(listed, reverse=True)
    assert 'ORDER BY "projections_entry"."position" DESC' in found[-1], "it has an index by account and position"


def test_leads_from_an_entry_to_its_event_and_both_sides(staff: Client, world: World) -> None:
    entry = Entry.objects.get(account_id=world.adas.account_id, kind="transfer")
    links = links_of(staff, f"{ENTRIES}{entry.entry_id}/change/")
    assert f"/admin/eventstore/event/{entry.position}/change/" in links
    assert f"/admin/{ACCOUNTS}{world.bobs.account_id}/change/" in links
    assert f"/admin/{ENTRIES}?transfer={entry.transfer_id}" in links
    assert len(keys_on(staff, ENTRIES, transfer=entry.transfer_id)) == 2


def test_leads_from_an_audit_line_to_its_command(staff: Client, world: World) -> None:
    line = AuditLine.objects.get(command_id=world.refused.command_id)
    assert keys_on(staff, "projections/auditline/", outcome="refused") == [line.number]
    assert line.number in keys_on(staff, "projections/auditline/", about=world.adas.account_id)
    page = f"projections/auditline/{line.number}/change/"
    assert f"/admin/eventstore/command/{line.command_id}/change/" in links_of(staff, page)


@pytest.mark.parametrize(
    ("currency", "shown"), [("EUR", "1,234.56 EUR"), ("JPY", "123,456 JPY"), ("BHD", "123.456 BHD")]
)
def test_money_has_the_decimals_of_its_currency(staff: Client, world: World, currency: str, shown: str) -> None:
    account = AccountFactory.create(owner=world.ada, currency=currency, balance=123_456)
    assert f"Balance {shown}" in read(staff, f"{ACCOUNTS}{account.account_id}/change/")
    assert f"+{shown}" in read(staff, ENTRIES, account=account.account_id)


@pytest.mark.parametrize("query", [{"account": "x"}, {"transfer": "0"}])
def test_what_is_no_id_leads_to_the_whole_list(staff: Client, world: World, query: dict[str, str]) -> None:
    assert staff.get(f"/admin/{ENTRIES}", query).headers["Location"].endswith("?e=1")


@pytest.mark.parametrize("path", [CUSTOMERS, ACCOUNTS, ENTRIES, "projections/auditline/", "projections/journalleg/"])
@pytest.mark.parametrize("term", ["zzz", "00000000-0000-0000-0000-000000000001", "9" * 30])
def test_a_search_for_nothing_finds_nothing(staff: Client, world: World, path: str, term: str) -> None:
    answer = staff.get(f"/admin/{path}", {"q": term}, follow=True)
    assert "There is nothing here." in answer.content.decode()
