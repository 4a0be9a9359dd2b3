"""GET accounts/{id}/balance."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.domain.money import MAX_MONEY
from eventstore.log import cursor
from projections.models import Account
from tests.api.caller import Answer, Caller
from tests.api.conftest import caller_for
from tests.factories import ReversalFactory
from tests.history import opened, paid_in, registered, taken_out, utc

OPENING, SALARY, RENT, LATE = utc(2026, 1, 10, 9), utc(2026, 1, 31, 23, 30), utc(2026, 2, 3), utc(2026, 2, 20)
INSTANT = timedelta(microseconds=1)


@pytest.fixture
def dated(db: None) -> Account:
    """100.00 came in on the last of January and 30.00 left in February; later 5.00 counted from mid-January."""
    account = opened(registered(utc(2026, 1, 5), email="dora@example.org"), OPENING)
    paid_in(account, 10_000, SALARY)
    taken_out(account, 3_000, RENT)
    paid_in(account, 500, LATE, effective_at=utc(2026, 1, 15))
    return account


@pytest.fixture
def dora(dated: Account) -> Caller:
    return caller_for(dated)


def ask(caller: Caller, account: Account, moment: datetime, **query: Any) -> Answer:
    return caller.get(f"accounts/{account.account_id}/balance", as_of=moment.isoformat(), **query)


@pytest.mark.parametrize(
    ("moment", "recorded", "effective"),
    [
        (OPENING, "0.00", "0.00"),
        (utc(2026, 1, 15) - INSTANT, "0.00", "0.00"),
        (utc(2026, 1, 15), "0.00", "5.00"),
        (SALARY - INSTANT, "0.00", "5.00"),
        (SALARY, "100.00", "105.00"),
        (RENT - INSTANT, "100.00", "105.00"),
        (RENT, "70.00", "75.00"),
        (LATE - INSTANT, "70.00", "75.00"),
        (LATE, "75.00", "75.00"),
        (utc(9999, 12, 31), "75.00", "75.00"),
    ],
)
def test_counts_what_had_happened_by_then_on_either_axis(
    dora: Caller, dated: Account, moment: datetime, recorded: str, effective: str
) -> None:
    assert ask(dora, dated, moment, axis="recorded").body["balance"] == recorded
    assert ask(dora, dated, moment, axis="effective").body["balance"] == effective
    assert ask(dora, dated, moment).body["balance"] == recorded


def test_says_of_when_and_by_what(dora: Caller, dated: Account) -> None:
    body = dora.get(f"accounts/{dated.account_id}/balance", as_of="2026-02-01T00:30:00+01:00", axis="effective").body
    assert body == {
        "account_id": str(dated.account_id),
        "balance": "105.00",
        "currency": "EUR",
        "as_of": "2026-01-31T23:30:00Z",
        "axis": "effective",
        "position": body["position"],
        "cursor": cursor(body["position"]),
    }


@pytest.mark.parametrize("axis", ["recorded", "effective"])
def test_before_the_opening_there_was_no_account(dora: Caller, dated: Account, axis: str) -> None:
    refusal = (404, "ACCOUNT_NOT_FOUND", "account_id")
    assert ask(dora, dated, OPENING - INSTANT, axis=axis).refusal == refusal
    assert ask(dora, dated, utc(1, 1, 1), axis=axis).refusal == refusal
    assert ask(dora, dated, OPENING, axis=axis).body["balance"] == "0.00"


def test_a_backdated_entry_may_count_from_the_very_opening(dora: Caller, dated: Account) -> None:
    paid_in(dated, 1, utc(2026, 3, 1), effective_at=OPENING)
    assert ask(dora, dated, OPENING, axis="effective").body["balance"] == "0.01"
    assert ask(dora, dated, OPENING, axis="recorded").body["balance"] == "0.00"


def test_it_is_now_unless_the_query_says_otherwise(ada: Caller, adas: Account) -> None:
    done = ada.post(f"accounts/{adas.account_id}/deposits", {"amount": "1.00"}).body["position"]
    for axis in ("recorded", "effective"):
        body = ada.get(f"accounts/{adas.account_id}/balance", axis=axis, min_position=done).body
        assert (body["balance"], body["axis"]) == ("101.00", axis)
        assert body["position"] >= done
        assert abs(timezone.now() - datetime.fromisoformat(body["as_of"])) < timedelta(minutes=1)


def test_now_is_not_before_what_the_database_has_recorded(dora: Caller, dated: Account) -> None:
    ahead = timezone.now() + timedelta(hours=1)
    paid_in(dated, 1, ahead)
    body = dora.get(f"accounts/{dated.account_id}/balance").body
    assert (body["balance"], datetime.fromisoformat(body["as_of"])) == ("75.01", ahead)


def test_a_reversal_counts_from_when_it_was_made(dora: Caller, dated: Account) -> None:
    rent = dora.get(f"accounts/{dated.account_id}/entries").body["results"][1]
    ReversalFactory.create(entry_id=rent["entry_id"])
    for axis in ("recorded", "effective"):
        assert ask(dora, dated, LATE, axis=axis).body["balance"] == "75.00"
        assert dora.get(f"accounts/{dated.account_id}/balance", axis=axis).body["balance"] == "105.00"


def test_sums_may_outgrow_the_integers_of_the_database_on_their_way(db: None) -> None:
    account = opened(registered(utc(2026, 1, 5)), OPENING, currency="JPY")
    paid_in(account, MAX_MONEY, utc(2026, 3, 1), effective_at=utc(2026, 2, 1))
    taken_out(account, MAX_MONEY, utc(2026, 3, 2))
    paid_in(account, MAX_MONEY, utc(2026, 3, 3), effective_at=utc(2026, 2, 2))
    caller = caller_for(account)
    assert ask(caller, account, utc(2026, 2, 2), axis="effective").body["balance"] == str(2 * MAX_MONEY)
    assert ask(caller, account, utc(2026, 3, 4), axis="effective").body["balance"] == str(MAX_MONEY)


def test_a_long_history_is_not_read_through(dora: Caller, dated: Account) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert ask(dora, dated, RENT, axis="effective").status == 200
    line, backdated = (query["sql"] for query in queries if 'FROM "projections_entry"' in query["sql"])
    assert "projections_entry_recorded" in _plan(line)
    assert "projections_entry_backdated" in _plan(backdated), "it holds nothing but what was backdated"


def _plan(sql: str) -> str:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            return str(cursor.fetchall())
        for other in ("seqscan", "bitmapscan", "sort"):  # the table of a test is too short for an index to pay
            cursor.execute(f"SET LOCAL enable_{other} = off")
        cursor.execute(f"EXPLAIN {sql}")
        return str(cursor.fetchall())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("as_of", text) for text in ("", "x", "2026-01-01", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z")],
        ("as_of", "0001-01-01T00:00:00+14:00"),
        *[("axis", text) for text in ("", "x", "Recorded")],
    ],
)
def test_refuses_what_is_no_moment_or_no_axis(dora: Caller, dated: Account, name: str, value: str) -> None:
    answer = dora.get(f"accounts/{dated.account_id}/balance", **{name: value})
    assert answer.refusal == (400, "MALFORMED", name)


def test_staff_may_ask_and_nobody_else(dated: Account, auditor: Caller, ada: Caller, stranger: Caller) -> None:
    assert ask(auditor, dated, LATE).body["balance"] == "75.00"
    assert ask(ada, dated, LATE).refusal == (404, "ACCOUNT_NOT_FOUND", "account_id")
    assert ada.get("accounts/x/balance").refusal == (404, "ACCOUNT_NOT_FOUND", "account_id")
    assert ask(stranger, dated, LATE).refusal == (401, "NOT_SIGNED_IN", None)
