"""The migration that gives statements of older versions their begin, end and local time."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client

from eventstore.models import Stream
from projections.ledger.check import check
from projections.models import Account, Entry, Statement
from projections.statements.checks import check_statements
from projections.statements.issuance import issue
from tests.history import opened, paid_in, registered, taken_out, utc
from tests.projections.test_zones_that_change import edges, issue_first
from tests.zones import change_rules, drop

pytestmark = pytest.mark.django_db(transaction=True)

TOKYO = "Asia/Tokyo"


@pytest.fixture(autouse=True)
def back_again() -> Iterator[None]:
    yield
    forwards()


def backwards() -> None:
    call_command("migrate", "projections", "0004", verbosity=0)


def forwards() -> None:
    call_command("migrate", verbosity=0)


@pytest.fixture
def account(client: Client) -> Account:
    ada = registered(utc(2026, 1, 5))
    client.force_login(ada)
    account, other = (opened(ada, utc(2026, 1, 10), timezone=zone) for zone in (TOKYO, "UTC"))
    for number, at in enumerate(edges()):
        (taken_out if number % 3 == 2 else paid_in)(account, 10 + number, at)
    paid_in(other, 5, utc(2026, 6, 1))
    return account


def bounds() -> list[tuple[object, ...]]:
    return list(Statement.objects.order_by("account_id", "number").values_list("period", "begins_at", "ends_at"))


def test_statements_get_what_they_were_derived_from(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    issue_first(monkeypatch, 3)
    before = bounds()
    Stream.objects.update(closed_until=None)
    backwards()
    forwards()
    assert bounds() == before
    assert dict(Statement.objects.values_list("account_id", "timezone").distinct())[account.account_id] == TOKYO
    last = Statement.objects.filter(account_id=account.account_id).latest("number")
    assert Stream.objects.get(stream_id=account.account_id).closed_until == last.ends_at


def test_the_guards_stand_again(account: Account) -> None:
    issue()
    for move in (backwards, forwards):
        move()
        assert check_statements(["default"]) == []
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE projections_statement SET closing = 0")


@pytest.mark.parametrize("other", ["America/New_York", "Pacific/Kiritimati", "Europe/London", None])
def test_where_the_rules_have_changed_since_entries_stay_in_the_months_that_state_them(
    client: Client, account: Account, other: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue_first(monkeypatch, 2)
    before = list(Statement.objects.order_by("account_id", "number").values("digest", "entries"))
    backwards()
    change_rules(monkeypatch, TOKYO, like=other) if other else drop(monkeypatch, TOKYO)
    forwards()
    assert list(Statement.objects.order_by("account_id", "number").values("digest", "entries")) == before
    for period in ("2026-01", "2026-02", "2026-03"):
        assert client.get(f"/accounts/{account.account_id}/statements/{period}").status_code == 200
    issue()
    own = list(Statement.objects.filter(account_id=account.account_id).order_by("number"))
    assert sum(one.entries for one in own) == Entry.objects.filter(account_id=account.account_id).count()
    assert all(one.ends_at == following.begins_at for one, following in pairwise(own))
    assert check(patience=0).named == []
    assert own[0].ends_at - own[0].begins_at > timedelta(days=27)
