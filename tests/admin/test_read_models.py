"""The read models in the admin: from a customer to their accounts, the history, and the events behind it."""

import pytest
from django.test import Client

from eventstore.projecting.runner.runner import Runner
from projections.models import AuditLine, Entry
from tests.admin.conftest import World, customer_id
from tests.admin.pages import keys_on, links_of, read, statements
from tests.factories import (
    AccountFactory,
    ApprovalFactory,
    CaptureFactory,
    FreezeFactory,
    HoldFactory,
    LimitsFactory,
    ReversalFactory,
)

CUSTOMERS, ACCOUNTS, ENTRIES = "projections/customer/", "projections/account/", "projections/entry/"
HOLDS, APPROVALS = "projections/hold/", "projections/approval/"
DAYS, VOLUMES = "projections/dailybalance/", "projections/volume/"


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
    ordered = [sql for sql in found if 'ORDER BY "projections_entry"."position" DESC' in sql]
    assert ordered, "it has an index by account and position"


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


@pytest.mark.parametrize(
    "path",
    [
        *(CUSTOMERS, ACCOUNTS, ENTRIES, "projections/auditline/", "projections/journalleg/"),
        *(HOLDS, APPROVALS, DAYS, VOLUMES),
    ],
)
@pytest.mark.parametrize("term", ["zzz", "00000000-0000-0000-0000-000000000001", "9" * 30])
def test_a_search_for_nothing_finds_nothing(staff: Client, world: World, path: str, term: str) -> None:
    answer = staff.get(f"/admin/{path}", {"q": term}, follow=True)
    assert "There is nothing here." in answer.content.decode()


def test_an_account_shows_what_is_held_its_limits_and_that_it_is_frozen(staff: Client, world: World) -> None:
    LimitsFactory.create(account=world.adas, per_entry=5_000)
    HoldFactory.create(account=world.adas, amount=1_500)
    FreezeFactory.create(account=world.adas)
    page = read(staff, f"{ACCOUNTS}{world.adas.account_id}/change/")
    assert "Held 15.00 EUR" in page
    assert "Available 60.00 EUR" in page
    assert "Limit for each movement out 50.00 EUR" in page
    assert "Limit for each day none" in page
    assert "Frozen for money may not leave" in page


def test_leads_from_an_account_to_what_belongs_to_it(staff: Client, world: World) -> None:
    hold, approval = HoldFactory.create(account=world.adas, amount=100), ApprovalFactory.create(account=world.adas)
    Runner().catch_up()
    links = links_of(staff, f"{ACCOUNTS}{world.adas.account_id}/change/")
    for path, keys in ((HOLDS, [hold.hold_id]), (APPROVALS, [approval.approval_id])):
        assert f"/admin/{path}?account={world.adas.account_id}" in links
        assert keys_on(staff, path, account=world.adas.account_id) == keys
        assert keys_on(staff, path, account=world.bobs.account_id) == []
    assert f"/admin/{DAYS}?account={world.adas.account_id}" in links
    (day,) = keys_on(staff, DAYS, account=world.adas.account_id)
    assert day.startswith(str(world.adas.account_id))


def test_an_account_finds_its_holds_requests_and_days(staff: Client, world: World) -> None:
    for path in (HOLDS, APPROVALS, DAYS):
        answer = staff.get(f"/admin/{path}", {"q": str(world.adas.account_id)})
        assert answer.headers["Location"] == f"/admin/{path}?account={world.adas.account_id}"


def test_a_hold_is_found_by_its_id_and_leads_to_the_entry_of_its_capture(staff: Client, world: World) -> None:
    hold = HoldFactory.create(account=world.adas, amount=1_000, reference="Hotel")
    address = f"/admin/{HOLDS}{hold.hold_id}/change/"
    assert staff.get(f"/admin/{HOLDS}", {"q": str(hold.hold_id)}).headers["Location"] == address
    entry = CaptureFactory.create(hold=hold, amount=750).answer["entry_id"]
    page = f"{HOLDS}{hold.hold_id}/change/"
    assert f"/admin/{ENTRIES}{entry}/change/" in links_of(staff, page)
    assert "Hold of 10.00 EUR" in read(staff, page)
    assert "Captured amount 7.50 EUR" in read(staff, page)


def test_the_queue_of_requests_is_what_is_open(staff: Client, world: World) -> None:
    approval = ApprovalFactory.create(account=world.adas, reason="Paid twice")
    assert keys_on(staff, APPROVALS, status="open") == [approval.approval_id]
    assert keys_on(staff, APPROVALS, status="granted") == []
    address = f"/admin/{APPROVALS}{approval.approval_id}/change/"
    assert staff.get(f"/admin/{APPROVALS}", {"q": str(approval.approval_id)}).headers["Location"] == address
    page = read(staff, f"{APPROVALS}{approval.approval_id}/change/")
    assert f"Adjust the balance {approval.approval_id}" in page
    assert "Command AdjustBalance" in page
    assert "Reason Paid twice" in page


def test_holds_are_filtered_by_what_became_of_them(staff: Client, world: World) -> None:
    first, second = (HoldFactory.create(account=world.adas, amount=100) for _ in range(2))
    CaptureFactory.create(hold=first)
    assert keys_on(staff, HOLDS, status="open") == [second.hold_id]
    assert keys_on(staff, HOLDS, status="captured") == [first.hold_id]


def test_days_tell_what_came_and_went(staff: Client, world: World) -> None:
    Runner().catch_up()
    (key,) = keys_on(staff, DAYS, account=world.adas.account_id)
    page = read(staff, f"{DAYS}{key}/change/")
    for shown in ("Balance at its end 75.00 EUR", "Came in 100.00 EUR", "Left 25.00 EUR"):
        assert shown in page


def test_volumes_are_found_by_their_day(staff: Client, world: World) -> None:
    Runner().catch_up()
    day = Entry.objects.latest("position").recorded_at.date()
    keys = keys_on(staff, VOLUMES, q=str(day))
    assert f"{day}/EUR/account.money_deposited" in keys
    assert keys == sorted(keys, reverse=True)
    assert "account.transfer_sent" in read(staff, VOLUMES)


def test_an_entry_and_its_reversal_lead_to_each_other(staff: Client, world: World) -> None:
    entry = Entry.objects.get(account_id=world.bobs.account_id)
    sent = Entry.objects.get(account_id=world.adas.account_id, transfer_id=entry.transfer_id)
    reversal = ReversalFactory.create(entry_id=sent.entry_id).answer["entry_id"]
    assert f"/admin/{ENTRIES}{reversal}/change/" in links_of(staff, f"{ENTRIES}{sent.entry_id}/change/")
    assert f"/admin/{ENTRIES}{sent.entry_id}/change/" in links_of(staff, f"{ENTRIES}{reversal}/change/")


def test_the_audit_tells_why_and_leads_to_what_it_caused(staff: Client, world: World) -> None:
    frozen = FreezeFactory.create(account=world.adas, reason="Court order 7")
    line = AuditLine.objects.get(command_id=frozen.command_id)
    page = f"projections/auditline/{line.number}/change/"
    assert "Reason Court order 7" in read(staff, page)
    assert f"/admin/eventstore/event/{frozen.position}/change/" in links_of(staff, page)
