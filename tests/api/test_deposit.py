"""POST accounts/{id}/deposits."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.domain.commands import OpenAccount
from accounts.services.ids import new_id
from eventstore.execute import execute
from projections.models import Account, Entry
from tests.api.caller import Caller
from tests.factories import AccountFactory, owner_of


def test_money_comes_in(ada: Caller, adas: Account) -> None:
    answer = ada.post(f"accounts/{adas.account_id}/deposits", {"amount": "10.50", "reference": "Salary"})
    assert answer.status == 201
    assert answer.body.keys() == {"command_id", "position", "cursor", "entry_id", "balance", "available", "currency"}
    assert answer.body["balance"] == answer.body["available"] == "110.50"
    entry = Entry.objects.get(entry_id=answer.body["entry_id"])
    assert (entry.amount, entry.reference, entry.position) == (1050, "Salary", answer.body["position"])


def test_amounts_have_the_decimals_of_the_currency(ada: Caller, adas: Account) -> None:
    owner = owner_of(adas.account_id)
    yen, dinar = (AccountFactory.create(owner=owner, currency=code) for code in ("JPY", "BHD"))
    assert ada.post(f"accounts/{yen.account_id}/deposits", {"amount": "150"}).body["balance"] == "150"
    assert ada.post(f"accounts/{dinar.account_id}/deposits", {"amount": "1.5"}).body["balance"] == "1.500"


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("ten", "INVALID_AMOUNT"),
        ("1e3", "INVALID_AMOUNT"),
        ("NaN", "INVALID_AMOUNT"),
        ("-1.00", "INVALID_AMOUNT"),
        ("+1.00", "INVALID_AMOUNT"),
        (" 1.00", "INVALID_AMOUNT"),
        (" ", "INVALID_AMOUNT"),
        ("1,00", "INVALID_AMOUNT"),
        ("1_000", "INVALID_AMOUNT"),
        ("١٠", "INVALID_AMOUNT"),
        ("0.00", "INVALID_AMOUNT"),
        ("10.500", "TOO_MANY_DECIMALS"),
        ("9" * 40, "AMOUNT_OUT_OF_RANGE"),
        ("92233720368547758.07", "AMOUNT_OUT_OF_RANGE"),  # with what is in the account already
    ],
)
def test_refuses_what_is_no_amount(ada: Caller, adas: Account, amount: str, code: str) -> None:
    answer = ada.post(f"accounts/{adas.account_id}/deposits", {"amount": amount})
    assert answer.refusal == (422, code, "amount")


def test_the_currency_of_an_account_is_looked_up_once(ada: Caller, adas: Account) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert ada.post(f"accounts/{adas.account_id}/deposits", {"amount": "1.00"}).status == 201
        return len(captured)

    first, second, third = queries(), queries(), queries()
    assert (second, third) == (first - 1, first - 1)


def test_an_account_can_be_opened_after_it_was_looked_for(ada: Caller, adas: Account) -> None:
    account_id = new_id()
    assert ada.post(f"accounts/{account_id}/deposits", {"amount": "1.00"}).status == 404
    open_it = OpenAccount(account_id=account_id, customer_id=adas.customer_id, currency="EUR", now=timezone.now())
    assert execute(open_it, uuid4(), actor="system").accepted
    assert ada.post(f"accounts/{account_id}/deposits", {"amount": "1.00"}).body["balance"] == "1.00"


@pytest.mark.parametrize("amount", [10, 10.5, True, None, [], {}, ""])
def test_an_amount_is_a_string(ada: Caller, adas: Account, amount: Any) -> None:
    answer = ada.post(f"accounts/{adas.account_id}/deposits", {"amount": amount})
    assert answer.refusal == (400, "MALFORMED", "amount")


@pytest.mark.parametrize("account_id", [uuid4(), "x", "0190a6f2", "{0190a6f2-7c3e-7d4a-8b1f-3c2d1e0f9a8b}", "%00", "é"])
def test_what_is_no_account_is_not_found(ada: Caller, account_id: object) -> None:
    answer = ada.post(f"accounts/{account_id}/deposits", {"amount": "10.00"})
    assert answer.refusal == (404, "ACCOUNT_NOT_FOUND", "account_id")


@pytest.mark.parametrize("amount", ["10.00", "nonsense", "1.000"])
def test_somebody_elses_account_is_as_good_as_none(ada: Caller, bobs: Account, amount: str) -> None:
    answer = ada.post(f"accounts/{bobs.account_id}/deposits", {"amount": amount})
    assert answer.refusal == (404, "ACCOUNT_NOT_FOUND", "account_id")


def test_an_id_may_be_in_capitals(ada: Caller, adas: Account) -> None:
    assert ada.post(f"accounts/{str(adas.account_id).upper()}/deposits", {"amount": "1.00"}).status == 201


def test_staff_do_not_deposit(operator: Caller, adas: Account) -> None:
    answer = operator.post(f"accounts/{adas.account_id}/deposits", {"amount": "10.00"})
    assert answer.refusal == (403, "FORBIDDEN", None)


def test_strangers_learn_nothing(stranger: Caller, adas: Account) -> None:
    answer = stranger.post(f"accounts/{adas.account_id}/deposits", {"amount": "10.00"}, key=None)
    assert answer.refusal == (401, "NOT_SIGNED_IN", None)
    assert answer.headers["WWW-Authenticate"] == "Token"


def test_counts_from_a_day_in_the_past(ada: Caller, adas: Account) -> None:
    opening = adas.opened_at.isoformat()
    answer = ada.post(f"accounts/{adas.account_id}/deposits", {"amount": "10.00", "effective_at": opening})
    assert Entry.objects.get(entry_id=answer.body["entry_id"]).effective_at == adas.opened_at


def test_takes_the_time_that_the_api_tells(ada: Caller) -> None:
    opened = ada.post("accounts", {"currency": "EUR"}).body
    path, body = f"accounts/{opened['account_id']}/deposits", {"amount": "10.00", "effective_at": opened["opened_at"]}
    assert ada.post(path, body).status == 201


@pytest.mark.parametrize("days", [-400, 1])
def test_refuses_a_day_before_the_opening_or_in_the_future(ada: Caller, adas: Account, days: int) -> None:
    when = (timezone.now() + timedelta(days=days)).isoformat()
    answer = ada.post(f"accounts/{adas.account_id}/deposits", {"amount": "10.00", "effective_at": when})
    assert answer.refusal == (422, "EFFECTIVE_DATE_INVALID", "effective_at")


@pytest.mark.parametrize(
    "when",
    [
        "2026-03-01T09:30:00",
        "2026-03-01",
        "2026-02-30T09:30:00Z",
        "2026-03-01T09:30:00+25:00",
        "0001-01-01T00:00:00+14:00",
        "٢٠٢٦-03-01T09:30:00Z",
        "tomorrow",
        "",
        0,
        None,
    ],
)
def test_a_time_needs_its_offset(ada: Caller, adas: Account, when: Any) -> None:
    answer = ada.post(f"accounts/{adas.account_id}/deposits", {"amount": "10.00", "effective_at": when})
    assert answer.refusal == (400, "MALFORMED", "effective_at")


def test_a_reference_has_its_limits(ada: Caller, adas: Account) -> None:
    path = f"accounts/{adas.account_id}/deposits"
    assert ada.post(path, {"amount": "1.00", "reference": "x" * 140}).status == 201
    for reference in ("x" * 141, "a\0b", "a\nb", "\ud800", 5, None):
        answer = ada.post(path, {"amount": "1.00", "reference": reference})
        assert answer.refusal == (400, "MALFORMED", "reference")


@override_settings(DEMO_RAILS=False)
def test_the_rails_can_be_turned_off(ada: Caller, adas: Account) -> None:
    answer = ada.post(f"accounts/{adas.account_id}/deposits", {"amount": "10.00"})
    assert answer.refusal == (403, "RAILS_OFF", None)
