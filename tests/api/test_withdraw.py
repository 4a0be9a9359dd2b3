"""POST accounts/{id}/withdrawals."""

from django.test import override_settings

from projections.models import Account, Entry
from tests.api.caller import Caller


def test_money_goes_out(ada: Caller, adas: Account) -> None:
    answer = ada.post(f"accounts/{adas.account_id}/withdrawals", {"amount": "99.99", "reference": "Rent"})
    assert (answer.status, answer.body["balance"], answer.body["available"]) == (201, "0.01", "0.01")
    entry = Entry.objects.get(entry_id=answer.body["entry_id"])
    assert (entry.kind, entry.direction, entry.amount, entry.reference) == ("withdrawal", "debit", 9999, "Rent")


def test_no_more_than_there_is(ada: Caller, adas: Account) -> None:
    answer = ada.post(f"accounts/{adas.account_id}/withdrawals", {"amount": "100.01"})
    assert answer.refusal == (422, "INSUFFICIENT_FUNDS", "amount")
    assert ada.get(f"accounts/{adas.account_id}").body["balance"] == "100.00"


def test_the_refusal_speaks_the_callers_language(ada: Caller, adas: Account) -> None:
    path = f"/api/v1/accounts/{adas.account_id}/withdrawals"
    headers = {"Idempotency-Key": "1", "Accept-Language": "de"}
    answer = ada.send("POST", path, '{"amount": "100.01"}', headers=headers)
    assert answer.body["message"] == "There is not enough money in this account."
    assert answer.headers["Content-Language"] == "en"  # we don't speak theirs


def test_from_nobody_elses_account(ada: Caller, bobs: Account) -> None:
    answer = ada.post(f"accounts/{bobs.account_id}/withdrawals", {"amount": "1.00"})
    assert answer.refusal == (404, "ACCOUNT_NOT_FOUND", "account_id")


@override_settings(DEMO_RAILS=False)
def test_the_rails_can_be_turned_off(ada: Caller, adas: Account) -> None:
    answer = ada.post(f"accounts/{adas.account_id}/withdrawals", {"amount": "1.00"})
    assert answer.refusal == (403, "RAILS_OFF", None)
