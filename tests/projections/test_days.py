"""Daily balances of an account, and daily volumes of all accounts."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from accounts.domain.events import MoneyDeposited
from accounts.domain.money import MAX_MONEY
from eventstore.log import Recorded
from eventstore.messages import type_of
from eventstore.projecting.declaration.registry import projections
from eventstore.projecting.runner.runner import Runner
from eventstore.projecting.tables.memory import MemoryTable
from projections.balances import daily_balances
from projections.models import Account, DailyBalance, Entry, Volume
from tests.factories import AccountFactory, DepositFactory, WithdrawalFactory
from tests.history import opened, paid_in, registered, sent, taken_out, utc
from tests.projections.conftest import Bustle

ACCOUNT = UUID(int=1)
DEPOSITED = MoneyDeposited(ACCOUNT, UUID(int=2), 100, "EUR", 100, "", date(2026, 2, 1))


def recorded(event: MoneyDeposited, position: int) -> Recorded[Any]:
    """An event of late January in UTC."""
    kind = type_of(event)
    return Recorded(
        position=position,
        event_id=UUID(int=position),
        category="account",
        stream_id=event.account_id,
        version=position,
        type=kind.name,
        schema_version=kind.version,
        event=event,
        stored_metadata="{}",
        recorded_at=datetime(2026, 1, 31, 20, tzinfo=UTC),
    )


def rows_from(name: str, *events: MoneyDeposited) -> dict[str, Any]:
    table = MemoryTable()
    projections[name].apply([recorded(event, number) for number, event in enumerate(events, 1)], table)
    return table.rows


def test_a_day_is_that_of_the_account(db: None) -> None:
    (row,) = rows_from("daily_balances", DEPOSITED, replace(DEPOSITED, balance=200)).values()
    assert (row.key, row.day) == (f"{ACCOUNT}/2026-02-01", date(2026, 2, 1))
    assert (row.balance, row.credits, row.debits, row.position) == (200, 200, 0, 2)


def test_before_days_were_kept_it_is_that_of_utc(db: None) -> None:
    (row,) = rows_from("daily_balances", replace(DEPOSITED, day=None)).values()
    assert row.key == f"{ACCOUNT}/2026-01-31"


def test_a_volume_is_counted_on_the_day_of_utc(db: None) -> None:
    (row,) = rows_from("volumes", DEPOSITED, replace(DEPOSITED, account_id=UUID(int=3))).values()
    assert row.key == "2026-01-31/EUR/account.money_deposited"
    assert (row.number, row.amount, row.position) == (2, 200, 2)


@pytest.fixture
def account(db: None) -> Account:
    """An account whose day begins at 15:00 UTC."""
    account = opened(registered(utc(2026, 1, 5)), utc(2026, 1, 10), "Asia/Tokyo")
    paid_in(account, 100, utc(2026, 1, 20, 14, 59, 59))
    paid_in(account, 30, utc(2026, 1, 20, 15))
    taken_out(account, 50, utc(2026, 1, 20, 16))
    Runner().catch_up()
    return account


def test_days_follow_one_another_without_a_gap(account: Account) -> None:
    days = list(daily_balances(account, date(2026, 1, 19), date(2026, 1, 22)))
    assert [(day.day.day, day.balance, day.credits, day.debits) for day in days] == [
        (19, 0, 0, 0),
        (20, 100, 100, 0),
        (21, 80, 30, 50),
        (22, 80, 0, 0),
    ]


def test_a_period_begins_with_what_was_there_before(account: Account) -> None:
    (day,) = daily_balances(account, date(2026, 3, 1), date(2026, 3, 1))
    assert (day.balance, day.credits, day.debits) == (80, 0, 0)


def test_every_movement_counts_on_both_of_its_accounts(account: Account) -> None:
    other = opened(registered(utc(2026, 2, 1), "Bob", "bob@example.org"), utc(2026, 2, 1))
    sent(account, other, 20, utc(2026, 2, 2))
    Runner().catch_up()
    (left,), (arrived,) = (list(daily_balances(each, date(2026, 2, 2), date(2026, 2, 2))) for each in (account, other))
    assert (left.balance, left.debits, arrived.balance, arrived.credits) == (60, 20, 20, 20)


def test_days_add_up_to_the_history_whatever_happened(bustle: Bustle) -> None:
    Runner().catch_up()
    for account in Account.objects.all():
        days = DailyBalance.objects.filter(account_id=account.account_id).order_by("day")
        entries = Entry.objects.filter(account_id=account.account_id)
        assert sum(day.credits - day.debits for day in days) == account.balance
        assert sum(day.credits + day.debits for day in days) == sum(entry.amount for entry in entries)
        last = days.last()
        assert last is None or last.balance == account.balance
    assert sum(volume.number for volume in Volume.objects.all()) == Entry.objects.count()
    assert sum(volume.amount for volume in Volume.objects.all()) == sum(entry.amount for entry in Entry.objects.all())


@pytest.mark.django_db
def test_what_moves_on_a_day_may_outgrow_the_integers_of_the_database() -> None:
    account = AccountFactory.create(balance=MAX_MONEY)
    WithdrawalFactory.create(account=account, amount=MAX_MONEY)
    DepositFactory.create(account=account, amount=MAX_MONEY)
    Runner().catch_up()
    rows = DailyBalance.objects.all()
    assert sum(row.credits for row in rows) == 2 * MAX_MONEY
    assert sum(row.debits for row in rows) == MAX_MONEY
