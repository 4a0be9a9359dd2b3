"""GET volumes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.domain.money import MAX_MONEY
from eventstore.projecting.runner.runner import Runner
from projections.models import Account
from tests.api.caller import Caller
from tests.factories import AccountFactory, HoldFactory, TransferFactory, WithdrawalFactory
from tests.history import opened, paid_in, registered, utc


@pytest.fixture
def traffic(db: None) -> Account:
    """Two deposits on two sides of midnight (UTC), in an account whose own midnight is another one."""
    owner = registered(utc(2026, 1, 5), email="dora@example.org")
    account = opened(owner, utc(2026, 1, 6), "Asia/Tokyo")
    paid_in(account, 10_000, utc(2026, 1, 30, 23, 59, 59))
    paid_in(account, 50, utc(2026, 1, 31))
    paid_in(opened(owner, utc(2026, 1, 31), currency="JPY"), 70, utc(2026, 1, 31, 1))
    return account


def rows(caller: Caller, **query: object) -> list[tuple[str, str, str, int, str]]:
    Runner().catch_up()
    found = caller.get("volumes", **{"from": "2026-01-01", "to": "2026-02-28", **query}).body["results"]
    return [(row["day"], row["currency"], row["type"], row["number"], row["amount"]) for row in found]


def test_days_are_those_of_utc_the_latest_first(traffic: Account, auditor: Caller) -> None:
    assert rows(auditor) == [
        ("2026-01-31", "JPY", "account.money_deposited", 1, "70"),
        ("2026-01-31", "EUR", "account.money_deposited", 1, "0.50"),
        ("2026-01-30", "EUR", "account.money_deposited", 1, "100.00"),
    ]


def test_they_can_be_narrowed_to_days_and_a_currency(traffic: Account, auditor: Caller) -> None:
    assert [row[1] for row in rows(auditor, currency="JPY")] == ["JPY"]
    assert [row[0] for row in rows(auditor, to="2026-01-30")] == ["2026-01-30"]
    assert [row[0] for row in rows(auditor, **{"from": "2026-01-31"})] == ["2026-01-31", "2026-01-31"]
    assert rows(auditor, currency="XXX") == []


def test_they_come_in_pages(traffic: Account, auditor: Caller) -> None:
    whole = rows(auditor)
    page = auditor.get("volumes", **{"from": "2026-01-01", "to": "2026-02-28", "limit": 2}).body
    rest = auditor.get(page["next"]).body
    assert [row["amount"] for row in page["results"] + rest["results"]] == [row[-1] for row in whole]
    assert rest["next"] is None


def test_each_type_of_event_is_counted_across_accounts(auditor: Caller, adas: Account, bobs: Account) -> None:
    for amount in (300, 200):
        WithdrawalFactory.create(account=adas, amount=amount)
    TransferFactory.create(source=adas, target=bobs, amount=1_000)
    AccountFactory.create(balance=5)
    HoldFactory.create(account=adas, amount=100)
    Runner().catch_up()
    found = auditor.get("volumes").body["results"]
    assert {row["day"] for row in found} <= {str(timezone.now().date() - timedelta(days=day)) for day in (0, 1)}
    assert {(row["type"], row["number"], row["amount"]) for row in found} == {
        ("account.money_deposited", 2, "100.05"),
        ("account.money_withdrawn", 2, "5.00"),
        ("account.transfer_sent", 1, "10.00"),
        ("account.transfer_received", 1, "10.00"),
    }


def test_they_may_outgrow_the_integers_of_the_database(auditor: Caller) -> None:
    for _ in range(3):
        AccountFactory.create(balance=MAX_MONEY, currency="JPY")
    Runner().catch_up()
    (row,) = auditor.get("volumes").body["results"]
    assert row["amount"] == str(3 * MAX_MONEY)


def test_an_answer_says_what_it_reflects(auditor: Caller, adas: Account) -> None:
    assert auditor.get("volumes").body["position"] < adas.position
    Runner().catch_up()
    assert auditor.get("volumes", min_position=adas.position).body["position"] >= adas.position


@pytest.mark.parametrize(("name", "value"), [("from", "x"), ("to", ""), ("currency", "\0"), ("limit", "0")])
def test_refuses_what_it_can_not_take(auditor: Caller, name: str, value: str) -> None:
    assert auditor.get("volumes", **{name: value}).refusal == (400, "MALFORMED", name)


def test_they_are_for_staff(ada: Caller, stranger: Caller) -> None:
    assert ada.get("volumes").refusal == (403, "FORBIDDEN", None)
    assert stranger.get("volumes").refusal == (401, "NOT_SIGNED_IN", None)
