"""What is issued stays as it was issued, and what follows goes on from there, whatever becomes of a time zone."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.domain.account import Account as AccountState
from accounts.users.models import User
from eventstore import log
from eventstore.decider import Refused
from eventstore.projecting.runner import Runner
from projections.balances import days_of
from projections.ledger.check import check
from projections.models import Account, DailyBalance, Entry, Statement
from projections.statements import issuance
from projections.statements.calendar import months_over
from projections.statements.issuance import issue
from tests.api.caller import Caller
from tests.factories import DepositFactory, LimitsFactory, WithdrawalFactory
from tests.history import opened, paid_in, registered, taken_out, utc
from tests.zones import change_rules, drop

pytestmark = pytest.mark.django_db

TOKYO = "Asia/Tokyo"
OTHERS = ["America/New_York", "Pacific/Kiritimati", "Europe/London"]
BACK_DATED = {"effective_at": utc(2026, 1, 29, 20)}


@pytest.fixture
def account(client: Client) -> Account:
    """An account in Tokyo with entries at the ends of months there, in New York and in Kiritimati."""
    ada = registered(utc(2026, 1, 5))
    client.force_login(ada)
    account = opened(ada, utc(2026, 1, 10), timezone=TOKYO)
    for number, at in enumerate(edges()):
        (taken_out if number % 3 == 2 else paid_in)(account, 10 + number, at, f"{number}")
    paid_in(account, 7, utc(2026, 6, 20), "backdated", **BACK_DATED)
    return account


def edges() -> list[datetime]:
    """Hours around the ends of months, from 14 hours before midnight in UTC to 5 hours after it."""
    ends = [utc(2026, month, 1) for month in range(2, 6)]
    return [end + timedelta(hours=hours) for end in ends for hours in (-14, -11, -10, -9, -8, -1, 0, 4, 5)]


def issue_first(monkeypatch: pytest.MonkeyPatch, months: int) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(issuance, "months_over", lambda *given: min(months, months_over(*given)))
        issue()


def shown(client: Client, account: Account) -> dict[str, bytes]:
    """Everything that is shown of issued months, by address."""
    api = Caller.of(account_owner(account))
    found: dict[str, bytes] = {}
    for period in Statement.objects.order_by("number").values_list("period", flat=True):
        for kind in ("", ".csv", ".pdf"):
            path = f"/accounts/{account.account_id}/statements/{period}{kind}"
            page = client.get(path)
            assert page.status_code == 200
            found[path] = re.sub(rb'name="csrfmiddlewaretoken"[^>]*|nonce="[^"]*"', b"", b"".join(page))
        found[f"api {period}"] = api.get(f"accounts/{account.account_id}/statements/{period}").raw
    return found


def account_owner(account: Account) -> User:
    return User.objects.get(customer_id=account.customer_id)


@pytest.mark.parametrize("other", OTHERS)
def test_issued_months_stay_byte_for_byte_when_the_rules_of_their_zone_change(
    client: Client, account: Account, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue_first(monkeypatch, 6)
    before = shown(client, account)
    change_rules(monkeypatch, TOKYO, like=other)
    assert len(before) == 6 * 4
    assert shown(client, account) == before


def test_so_they_do_when_their_zone_is_dropped(
    client: Client, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue_first(monkeypatch, 6)
    before = shown(client, account)
    drop(monkeypatch, TOKYO)
    assert shown(client, account) == before


@pytest.mark.parametrize("issued", [1, 2, 3])
@pytest.mark.parametrize("other", [*OTHERS, None])
def test_the_next_months_neither_lose_nor_double_an_entry(
    account: Account, issued: int, other: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue_first(monkeypatch, issued)
    change_rules(monkeypatch, TOKYO, like=other) if other else drop(monkeypatch, TOKYO)
    issue()
    statements = list(Statement.objects.order_by("number"))
    assert len(statements) > 6
    assert [one.number for one in statements] == list(range(1, len(statements) + 1))
    assert sum(one.entries for one in statements) == Entry.objects.count()
    assert statements[-1].closing == Account.objects.get().balance
    for one, following in pairwise(statements):
        assert (one.ends_at, one.closing) == (following.begins_at, following.opening)
        assert one.begins_at < one.ends_at
    assert check(patience=0).named == []


@pytest.mark.parametrize("other", OTHERS)
def test_a_month_that_is_not_issued_is_shown_from_where_the_issued_one_ended(
    client: Client, account: Account, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue_first(monkeypatch, 2)
    change_rules(monkeypatch, TOKYO, like=other)
    page = client.get(f"/accounts/{account.account_id}/statements/2026-03")
    end = Statement.objects.latest("number").ends_at
    assert page.context["month"].begins_at == end
    assert page.context["month"].opening == Statement.objects.latest("number").closing
    assert all(entry.recorded_at >= end for entry in page.context["sheet"].entries)
    months = client.get(f"/accounts/{account.account_id}/statements").context["months"][::-1]
    assert [one.closing for one in months[:-1]] == [one.opening for one in months[1:]]
    assert sum(one.entries for one in months) == Entry.objects.count()


def test_the_account_works_on_in_utc_when_its_zone_is_dropped(
    client: Client, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue_first(monkeypatch, 2)
    drop(monkeypatch, TOKYO)
    assert DepositFactory.create(account=account, amount=5).accepted
    assert WithdrawalFactory.create(account=account, amount=3).accepted
    path = f"/accounts/{account.account_id}"
    for address in (path, f"{path}/statements", f"{path}/statements/2026-03", f"{path}/statements/2026-03.pdf"):
        assert client.get(address).status_code == 200
    assert "time zone UTC" in client.get(f"{path}/statements/2026-03").content.decode()
    api = Caller.of(account_owner(account))
    for resource in ("daily-balances", "statements", "statements/2026-03", "entries", "balance"):
        assert api.get(f"accounts/{account.account_id}/{resource}").status == 200
    call_command("issue_statements", "--json")
    assert check(patience=0).kinds.keys() <= {"sum of journal legs"}


def test_nothing_is_recorded_in_an_issued_month_when_the_clock_is_set_back(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = timezone.now() + timedelta(days=70)
    with monkeypatch.context() as patch:
        patch.setattr(log, "now", lambda: ahead)
        issue()
    last = Statement.objects.latest("number")
    assert last.ends_at > timezone.now()
    receipt = DepositFactory.create(account=account, amount=5)
    entry = Entry.objects.get(entry_id=receipt.answer["entry_id"])
    assert receipt.recorded_at == entry.recorded_at == entry.effective_at == last.ends_at
    assert check(patience=0).kinds.keys() <= {"sum of journal legs"}
    with monkeypatch.context() as patch:
        patch.setattr(log, "now", lambda: ahead + timedelta(days=40))
        issue()
    following = Statement.objects.get(number=last.number + 1)
    assert (following.first_position, following.opening) == (entry.position, last.closing)


@pytest.mark.parametrize(
    ("zone", "first_day"), [("Pacific/Kiritimati", "2026-03-02"), ("Pacific/Pago_Pago", "2026-03-01")]
)
def test_no_recorded_day_is_lost_or_spent_twice(zone: str, first_day: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = registered(utc(2026, 1, 5))
    account = opened(ada, utc(2026, 3, 2, 10, 30) if "Pago" in zone else utc(2026, 3, 1, 10, 30), timezone=zone)
    hour = 10 if "Pago" not in zone else 34
    paid_in(account, 100, utc(2026, 3, 1) + timedelta(hours=hour, minutes=40))
    LimitsFactory.create(account=account, daily_out=50)
    spent = WithdrawalFactory.create(account=account, amount=40)
    assert spent.accepted
    Runner(["daily_balances"]).catch_up()
    days = set(DailyBalance.objects.values_list("day", flat=True))
    drop(monkeypatch, zone)
    first, last = days_of(account)
    assert str(min(days)) == first_day
    assert first <= min(days)
    assert last >= max(days)


def test_a_days_limit_is_not_given_twice_when_the_day_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    now = utc(2026, 3, 1, 11)
    state = AccountState(account_id=UUID(int=1), timezone="Pacific/Kiritimati", daily_out=50, balance=100)
    today = state.day(now)
    spent = replace(state, spent=40, spent_on=today)
    drop(monkeypatch, "Pacific/Kiritimati")
    assert state.day(now) < today
    with pytest.raises(Refused) as refused:
        spent.must_be_within_limits(20, now)
    assert refused.value.refusal.code == "LIMIT_EXCEEDED"
    spent.must_be_within_limits(20, now + timedelta(days=2))
