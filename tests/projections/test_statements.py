"""An account's months: their bounds, their opening and closing balances, and how many there are."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from eventstore.decider import Refused
from projections.models import Account, Entry, Statement
from projections.statements.issuance import issue
from projections.statements.period import Period
from projections.statements.sheets import NotAsIssued, months, sheet
from tests.factories import ClosureFactory, DepositFactory, ReversalFactory
from tests.history import closed, opened, paid_in, registered, taken_out, utc
from tests.tampering import rewrite_rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    """An account opened in January: 100 in, 30 out in February, nothing in March, 5 in in April."""
    account = opened(registered(utc(2026, 1, 5)), utc(2026, 1, 10))
    paid_in(account, 100, utc(2026, 1, 20), "Salary")
    taken_out(account, 30, utc(2026, 2, 3))
    paid_in(account, 5, utc(2026, 4, 1), "Interest", effective_at=utc(2026, 3, 31))
    return account


def figures(account: Account, period: str) -> tuple[int, int, int, int, int]:
    found = sheet(account, period)
    assert len(found.entries) == found.month.entries
    return found.month.opening, found.month.credits, found.month.debits, found.month.closing, found.month.entries


def test_a_month_opens_with_what_the_one_before_it_closed_with(account: Account) -> None:
    assert figures(account, "2026-01") == (0, 100, 0, 100, 1)
    assert figures(account, "2026-02") == (100, 0, 30, 70, 1)
    assert figures(account, "2026-03") == (70, 0, 0, 70, 0)
    assert figures(account, "2026-04") == (70, 5, 0, 75, 1)


def test_issuing_changes_no_figure(account: Account) -> None:
    periods = [f"2026-{month:02}" for month in range(1, 7)]
    before = [figures(account, period) for period in periods]
    issue()
    assert [figures(account, period) for period in periods] == before
    assert all(sheet(account, period).month.issued for period in periods)


def test_what_is_backdated_stands_in_the_month_in_which_it_was_recorded(account: Account) -> None:
    assert sheet(account, "2026-03").entries == []
    [entry] = sheet(account, "2026-04").entries
    assert entry.effective_at == utc(2026, 3, 31)


@pytest.mark.parametrize(
    ("zone", "moment", "period"),
    [
        ("Asia/Tokyo", utc(2026, 1, 31, 14, 59, 59), "2026-01"),
        ("Asia/Tokyo", utc(2026, 1, 31, 15), "2026-02"),
        ("America/New_York", utc(2026, 3, 1, 4, 59, 59), "2026-02"),
        ("America/New_York", utc(2026, 3, 1, 5), "2026-03"),
        ("America/New_York", utc(2026, 4, 1, 3, 59, 59), "2026-03"),  # by then the clocks were put forward
        ("America/New_York", utc(2026, 4, 1, 4), "2026-04"),
    ],
)
def test_months_are_those_of_the_accounts_own_time_zone(zone: str, moment: datetime, period: str) -> None:
    account = opened(registered(utc(2026, 1, 1)), utc(2026, 1, 2), timezone=zone)
    paid_in(account, 100, moment)
    assert figures(account, period)[-1] == 1
    assert sum(month.entries for month in months(account, limit=50).rows) == 1


def test_where_midnight_is_skipped_the_month_begins_with_the_hour_that_follows() -> None:
    zone = ZoneInfo("America/Asuncion")  # 2017-10-01 began there at one o'clock
    assert Period(2017, 10).begins_at(zone) == Period(2017, 9).ends_at(zone) == utc(2017, 10, 1, 4)


def test_there_is_a_month_for_each_from_the_opening_to_the_current_one(account: Account) -> None:
    now = timezone.now()
    count = Period(now.year, now.month).since(Period(2026, 1)) + 1
    found = months(account, limit=1_000)
    assert [month.period for month in found.rows] == [str(Period(2026, 1).plus(n)) for n in reversed(range(count))]
    assert found.next is None
    assert not found.rows[0].issued


def test_months_come_in_pages_whether_issued_or_not(account: Account) -> None:
    whole = [(month.period, month.closing) for month in months(account, limit=1_000).rows]
    for _ in range(2):
        page = months(account, limit=4)
        found = [(month.period, month.closing) for month in page.rows]
        while page.next:
            page = months(account, before=page.next, limit=4)
            found += [(month.period, month.closing) for month in page.rows]
        assert found == whole
        issue()


@pytest.mark.parametrize(
    "period",
    [
        "2025-12",
        "2199-01",
        "0000-01",
        "9999-12",
        "2026-13",
        "2026-00",
        "2026-1",
        "2026-01-01",
        "26-01",
        "",
        "２０２６-01",
    ],
)
def test_any_other_month_is_not_there(account: Account, period: str) -> None:
    with pytest.raises(Refused) as refused:
        sheet(account, period)
    assert refused.value.refusal.code == "STATEMENT_NOT_FOUND"


def test_a_closed_account_has_months_up_to_the_one_in_which_it_was_closed() -> None:
    account = opened(registered(utc(2026, 1, 5)), utc(2026, 1, 10))
    paid_in(account, 100, utc(2026, 1, 20))
    taken_out(account, 100, utc(2026, 2, 3))
    closed(account, utc(2026, 3, 31, 23))
    account.refresh_from_db()
    assert [month.period for month in months(account, limit=50).rows] == ["2026-03", "2026-02", "2026-01"]
    issue()
    assert Statement.objects.filter(account_id=account.account_id).count() == 3
    assert figures(account, "2026-03") == (0, 0, 0, 0, 0)
    with pytest.raises(Refused):
        sheet(account, "2026-04")


def test_an_account_that_was_closed_today_has_this_month() -> None:
    account = opened(registered(utc(2026, 1, 5)), utc(2026, 1, 10))
    ClosureFactory.create(account=account)
    account.refresh_from_db()
    assert sheet(account, months(account, limit=1).rows[0].period).month.closing == 0


def test_a_later_reversal_is_not_told_on_an_earlier_statement(account: Account) -> None:
    salary = Entry.objects.get(reference="Salary")
    ReversalFactory.create(entry_id=DepositFactory.create(account=account, amount=900).answer["entry_id"])
    now = timezone.now()
    *_, deposit, reversal = sheet(account, f"{now:%Y-%m}").entries
    assert deposit.reversed_by == reversal.entry_id
    taken = sheet(account, "2026-01").entries
    ReversalFactory.create(entry_id=Entry.objects.get(reference="Interest").entry_id)
    assert sheet(account, "2026-01").entries == taken == [salary]
    [interest] = sheet(account, "2026-04").entries
    assert interest.reversed_by is None


def test_a_month_may_turn_over_more_than_64_bits_hold() -> None:
    most = 2**63 - 1
    account = opened(registered(utc(2026, 1, 5)), utc(2026, 1, 10))
    for day in (11, 13, 15):
        paid_in(account, most, utc(2026, 1, day))
        taken_out(account, most, utc(2026, 1, day + 1))
    issue()
    assert figures(account, "2026-01") == (0, 3 * most, 3 * most, 0, 6)


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 101},
        {"reference": "Wages"},
        {"recorded_at": utc(2026, 1, 21)},
        {"balance": 99},
        {"direction": "debit"},
    ],
)
def test_an_issued_month_is_not_shown_if_its_entries_were_changed(account: Account, change: dict[str, object]) -> None:
    issue()
    rewrite_rows(Entry, {"reference": "Salary"}, **change)
    with pytest.raises(NotAsIssued, match=r"2026-01.*check_ledger"):
        sheet(account, "2026-01")


def test_nor_if_an_entry_is_gone(account: Account) -> None:
    issue()
    Entry.objects.filter(reference="Salary")._raw_delete("default")
    with pytest.raises(NotAsIssued):
        sheet(account, "2026-01")


def test_the_current_month_goes_on(account: Account) -> None:
    DepositFactory.create(account=account, amount=25)
    now = timezone.now() + timedelta(seconds=1)
    assert figures(account, f"{now:%Y-%m}") == (75, 25, 0, 100, 1)
