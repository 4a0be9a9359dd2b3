"""GET accounts/{id}/daily-balances."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from eventstore.projecting.runner.runner import Runner
from projections.models import Account
from tests.api.caller import Caller
from tests.api.conftest import caller_for
from tests.history import opened, paid_in, registered, taken_out, utc


@pytest.fixture
def account(db: None) -> Account:
    """In Tokyo, where 100.00 came in on the last of January and 30.00 left on February 3rd."""
    account = opened(registered(utc(2026, 1, 5), email="dora@example.org"), utc(2026, 1, 29), "Asia/Tokyo")
    paid_in(account, 6_000, utc(2026, 1, 30, 15))
    paid_in(account, 4_000, utc(2026, 1, 31, 14, 59))
    taken_out(account, 3_000, utc(2026, 2, 2, 15))
    Runner().catch_up()
    return account


@pytest.fixture
def dora(account: Account) -> Caller:
    return caller_for(account)


def test_each_day_of_the_accounts_time_zone_has_its_line(dora: Caller, account: Account) -> None:
    period = {"from": "2026-01-30", "to": "2026-02-04"}
    page = dora.get(f"accounts/{account.account_id}/daily-balances", **period).body
    rows = [(row["day"], row["balance"], row["credits"], row["debits"]) for row in page["results"]]
    assert rows == [
        ("2026-01-30", "0.00", "0.00", "0.00"),
        ("2026-01-31", "100.00", "100.00", "0.00"),
        ("2026-02-01", "100.00", "0.00", "0.00"),
        ("2026-02-02", "100.00", "0.00", "0.00"),
        ("2026-02-03", "70.00", "0.00", "30.00"),
        ("2026-02-04", "70.00", "0.00", "0.00"),
    ]
    assert page["next"] is None
    assert {row["currency"] for row in page["results"]} == {"EUR"}


def test_there_are_no_days_before_the_opening_nor_after_today(dora: Caller, account: Account) -> None:
    path = f"accounts/{account.account_id}/daily-balances"
    early = dora.get(path, **{"from": "2026-01-01", "to": "2026-01-31"}).body["results"]
    assert [row["day"] for row in early] == ["2026-01-29", "2026-01-30", "2026-01-31"]
    assert dora.get(path, **{"from": "2025-01-01", "to": "2025-02-01"}).body["results"] == []
    assert dora.get(path, **{"from": "9999-01-01", "to": "9999-12-31"}).body["results"] == []
    assert dora.get(path, to="0001-01-05").body["results"] == []


def test_the_last_31_days_are_told_unless_others_are_asked_for(dora: Caller, account: Account) -> None:
    rows = dora.get(f"accounts/{account.account_id}/daily-balances").body["results"]
    days = [date.fromisoformat(row["day"]) for row in rows]
    assert len(days) == 31
    assert days == [days[0] + timedelta(days=number) for number in range(31)]
    assert abs(timezone.now().date() - days[-1]) <= timedelta(days=1)


def test_a_year_can_be_asked_for_at_once_and_no_more(dora: Caller, account: Account) -> None:
    path = f"accounts/{account.account_id}/daily-balances"
    assert dora.get(path, **{"from": "2024-01-01", "to": "2024-12-31"}).status == 200
    assert dora.get(path, **{"from": "2024-01-01", "to": "2025-01-01"}).refusal == (400, "MALFORMED", "from")
    assert dora.get(path, **{"from": "2024-01-02", "to": "2024-01-01"}).refusal == (400, "MALFORMED", "from")


@pytest.mark.parametrize("name", ["from", "to"])
@pytest.mark.parametrize("value", ["", "x", "2026-02-30", "20260201", "2026-W05-1", "2026-2-1", "2026-02-01T00:00:00Z"])
def test_refuses_what_is_no_day(dora: Caller, account: Account, name: str, value: str) -> None:
    answer = dora.get(f"accounts/{account.account_id}/daily-balances", **{name: value})
    assert answer.refusal == (400, "MALFORMED", name)


def test_staff_may_ask_and_nobody_else(account: Account, auditor: Caller, ada: Caller, stranger: Caller) -> None:
    path = f"accounts/{account.account_id}/daily-balances"
    assert len(auditor.get(path).body["results"]) == 31
    assert ada.get(path).refusal == (404, "ACCOUNT_NOT_FOUND", "account_id")
    assert stranger.get(path).refusal == (401, "NOT_SIGNED_IN", None)
