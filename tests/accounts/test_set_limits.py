"""Limiting what may leave an account, at once and on one day."""

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accounts.domain.commands import CloseAccount, Deposit, SetLimits, Transfer, Withdraw
from accounts.domain.events import AccountOpened, EntryReversed, MoneyWithdrawn
from accounts.domain.money import MAX_MONEY
from eventstore.testing import Given, given
from tests.accounts.examples import (
    ADA,
    ADA_REGISTERED,
    ADAS,
    ADAS_CLOSED,
    ADAS_OPENED,
    ADAS_OTHER,
    ADAS_OTHER_OPENED,
    BOBS,
    BOBS_OPENED,
    ENTRY,
    NOW,
    OPENING,
    OTHER_ENTRY,
    TODAY,
    TRANSFER,
    UNDONE,
    deposited,
    limits,
    withdrawn,
)

HISTORY = (ADAS_OPENED, deposited(ADAS, 1000), BOBS_OPENED)
WITHDRAW = Withdraw(ADAS, ADA, OTHER_ENTRY, 30, NOW)
SEND = Transfer(TRANSFER, ADA, ADAS, BOBS, OTHER_ENTRY, ENTRY, 30, NOW)
OUT = [WITHDRAW, SEND]


def of(command: Any, amount: int) -> Any:
    return dataclasses.replace(command, amount=amount)


def test_answers_the_account_with_its_limits() -> None:
    given(*HISTORY).when(SetLimits(ADAS, per_entry=50, daily_out=80)).then(
        limits(ADAS, per_entry=50, daily_out=80)
    ).answers(
        account_id=str(ADAS),
        status="open",
        frozen_scope=None,
        balance=1000,
        held=0,
        available=1000,
        overdraft_limit=0,
        per_entry=50,
        daily_out=80,
        currency="EUR",
    )


def test_what_is_not_given_stays_and_null_clears() -> None:
    both = given(*HISTORY, limits(ADAS, per_entry=50, daily_out=80))
    both.when(SetLimits(ADAS, per_entry=60)).then(limits(ADAS, per_entry=60, daily_out=80))
    both.when(SetLimits(ADAS, daily_out=90)).then(limits(ADAS, per_entry=50, daily_out=90))
    both.when(SetLimits(ADAS, per_entry=None)).then(limits(ADAS, daily_out=80))
    both.when(SetLimits(ADAS, per_entry=None, daily_out=None)).then(limits(ADAS))
    both.when(SetLimits(ADAS)).then(limits(ADAS, per_entry=50, daily_out=80))


def test_a_limit_that_was_cleared_limits_nothing() -> None:
    cleared = given(*HISTORY, limits(ADAS, per_entry=1, daily_out=1), limits(ADAS))
    assert cleared.when(of(WITHDRAW, 1000)).events


@pytest.mark.parametrize("field", ["per_entry", "daily_out"])
def test_refuses_what_is_no_limit(field: str) -> None:
    for limit, code in {-1: "INVALID_AMOUNT", MAX_MONEY + 1: "AMOUNT_OUT_OF_RANGE"}.items():
        details: dict[str, Any] = {field: limit}
        given(*HISTORY).when(SetLimits(ADAS, **details)).refused(code, field=field)


def test_refuses_a_closed_account_and_one_that_is_not_there() -> None:
    given(ADAS_OPENED, ADAS_CLOSED).when(SetLimits(ADAS, per_entry=1)).refused("ACCOUNT_CLOSED")
    given().when(SetLimits(ADAS, per_entry=1)).refused("ACCOUNT_NOT_FOUND")


@pytest.mark.parametrize("command", OUT)
def test_no_more_leaves_at_once(command: Any) -> None:
    limited = given(*HISTORY, limits(ADAS, per_entry=50))
    assert limited.when(of(command, 50)).events
    limited.when(of(command, 51)).refused("LIMIT_EXCEEDED", field="amount")


@pytest.mark.parametrize("command", OUT)
def test_no_more_leaves_on_one_day(command: Any) -> None:
    limited = given(*HISTORY, limits(ADAS, daily_out=80), withdrawn(ADAS, 50, 950))
    assert limited.when(of(command, 30)).events
    limited.when(of(command, 31)).refused("LIMIT_EXCEEDED", field="amount")


def test_all_that_leaves_counts_together() -> None:
    sent = given(*HISTORY).when(of(SEND, 30)).events
    world = given(*HISTORY, limits(ADAS, daily_out=80), *sent, withdrawn(ADAS, 20, 950))
    world.when(of(WITHDRAW, 31)).refused("LIMIT_EXCEEDED")
    assert world.when(of(WITHDRAW, 30)).events


@pytest.mark.parametrize("command", OUT)
def test_a_limit_of_zero_lets_nothing_leave(command: Any) -> None:
    for stopped in (limits(ADAS, per_entry=0), limits(ADAS, daily_out=0)):
        given(*HISTORY, stopped).when(of(command, 1)).refused("LIMIT_EXCEEDED")


def test_what_left_before_the_limit_was_set_counts_too() -> None:
    given(*HISTORY, withdrawn(ADAS, 50, 950), limits(ADAS, daily_out=50)).when(of(WITHDRAW, 1)).refused(
        "LIMIT_EXCEEDED"
    )


def test_money_that_arrives_is_not_limited() -> None:
    limited = given(*HISTORY, limits(ADAS, per_entry=1, daily_out=1))
    assert limited.when(Deposit(ADAS, ADA, ENTRY, 500, NOW)).events


def test_a_reversal_does_not_refund_what_was_spent_today() -> None:
    back = EntryReversed(ADAS, UNDONE, OTHER_ENTRY, 80, "credit", "EUR", 1000, "Mistake", None, None, TODAY)
    world = given(*HISTORY, limits(ADAS, daily_out=80), withdrawn(ADAS, 80, 920), back)
    world.when(of(WITHDRAW, 1)).refused("LIMIT_EXCEEDED")


def test_a_sweep_counts_too() -> None:
    close = CloseAccount(ADAS, ADA, TRANSFER, ENTRY, OTHER_ENTRY, NOW, sweep_to=ADAS_OTHER)
    for too_little in (limits(ADAS, per_entry=999), limits(ADAS, daily_out=999)):
        world = given(ADA_REGISTERED, *HISTORY, ADAS_OTHER_OPENED, too_little)
        world.when(close).refused("LIMIT_EXCEEDED")
    assert given(ADA_REGISTERED, *HISTORY, ADAS_OTHER_OPENED, limits(ADAS, per_entry=1000)).when(close).events


def in_zone(zone: str) -> AccountOpened:
    return dataclasses.replace(ADAS_OPENED, timezone=zone)


def limited_in(zone: str, *spent: MoneyWithdrawn) -> Given:
    """An account somewhere, from which 80 may leave on a day."""
    return given(in_zone(zone), deposited(ADAS, 1000), limits(ADAS, daily_out=80), *spent)


def moments_around_midnight(zone: str, year: int, month: int, day: int) -> tuple[datetime, datetime]:
    """The last moment of the day before, and the first one of a day, in a time zone."""
    midnight = datetime(year, month, day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return midnight - timedelta(microseconds=1), midnight


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("UTC", (2026, 2, 1)),
        ("Asia/Tokyo", (2026, 2, 1)),
        ("America/Los_Angeles", (2026, 2, 1)),
        ("Asia/Kathmandu", (2026, 1, 1)),
        ("Pacific/Kiritimati", (2026, 3, 1)),
        ("Europe/Berlin", (2026, 3, 29)),  # this day has 23 hours
        ("Europe/Berlin", (2026, 3, 30)),
        ("Europe/Berlin", (2026, 10, 25)),  # and this one 25
        ("Europe/Berlin", (2026, 10, 26)),
    ],
)
def test_a_day_begins_at_midnight_where_the_account_is(zone: str, day: tuple[int, int, int]) -> None:
    before, after = moments_around_midnight(zone, *day)
    last = dataclasses.replace(WITHDRAW, amount=80, now=before)
    (spent,) = limited_in(zone).when(last).events
    again = dataclasses.replace(last, amount=1)
    limited_in(zone, spent).when(again).refused("LIMIT_EXCEEDED")
    (new,) = limited_in(zone, spent).when(dataclasses.replace(last, now=after)).events
    assert (new.day - spent.day) == timedelta(days=1)
    assert new.day.timetuple()[:3] == day


@pytest.mark.parametrize(("date", "hours"), [((2026, 3, 29), 23), ((2026, 10, 25), 25)])
def test_a_day_on_which_clocks_change_is_one_day(date: tuple[int, int, int], hours: int) -> None:
    _before, first = moments_around_midnight("Europe/Berlin", *date)
    last = first + timedelta(hours=hours) - timedelta(microseconds=1)
    (spent,) = limited_in("Europe/Berlin").when(dataclasses.replace(WITHDRAW, amount=80, now=first)).events
    late = dataclasses.replace(WITHDRAW, amount=1, now=last)
    limited_in("Europe/Berlin", spent).when(late).refused("LIMIT_EXCEEDED")
    next_day = dataclasses.replace(late, now=last + timedelta(microseconds=1))
    assert limited_in("Europe/Berlin", spent).when(next_day).events


def test_counts_on_the_day_of_recording_not_on_the_effective_one() -> None:
    backdated = dataclasses.replace(WITHDRAW, amount=81, effective_at=OPENING)
    limited_in("UTC").when(backdated).refused("LIMIT_EXCEEDED")
    (spent,) = limited_in("UTC").when(dataclasses.replace(backdated, amount=80)).events
    assert spent.day == TODAY
    limited_in("UTC", spent).when(of(WITHDRAW, 1)).refused("LIMIT_EXCEEDED")


def test_what_was_recorded_before_days_were_kept_limits_nothing() -> None:
    old = withdrawn(ADAS, 500, 500, day=None)
    assert limited_in("UTC", old).when(of(WITHDRAW, 80)).events
