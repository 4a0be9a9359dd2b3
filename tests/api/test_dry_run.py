"""?dry_run=1: what would happen, without it happening."""

import pytest

from eventstore.models import Command, Event
from projections.models import Account
from tests.api.caller import Caller
from tests.api.test_transfer import sending


def test_tells_what_would_happen_and_stores_nothing(ada: Caller, adas: Account) -> None:
    before = (Event.objects.count(), Command.objects.count())
    answer = ada.post(f"accounts/{adas.account_id}/withdrawals", {"amount": "30.00"}, dry_run=1)
    assert (answer.status, answer.body["dry_run"], answer.body["balance"]) == (200, True, "70.00")
    assert (Event.objects.count(), Command.objects.count()) == before
    assert ada.get(f"accounts/{adas.account_id}").body["balance"] == "100.00"


def test_answers_what_the_real_one_does(ada: Caller, adas: Account, bobs: Account) -> None:
    rehearsed = ada.post("transfers", sending(adas, bobs), dry_run=1).body
    assert rehearsed.keys() - ada.post("transfers", sending(adas, bobs)).body.keys() == {"dry_run"}


def test_refuses_what_the_real_one_does(ada: Caller, adas: Account) -> None:
    answer = ada.post(f"accounts/{adas.account_id}/withdrawals", {"amount": "100.01"}, key="1", dry_run=1)
    assert answer.refusal == (422, "INSUFFICIENT_FUNDS", "amount")
    assert ada.post(f"accounts/{adas.account_id}/withdrawals", {"amount": "1.00"}, key="1").status == 201


def test_does_not_use_up_the_key(ada: Caller, adas: Account) -> None:
    path = f"accounts/{adas.account_id}/deposits"
    ada.post(path, {"amount": "1.00"}, key="1", dry_run=1)
    assert ada.post(path, {"amount": "2.00"}, key="1").body["balance"] == "102.00"
    assert ada.post(path, {"amount": "3.00"}, key="1", dry_run=1).body["balance"] == "105.00"


def test_opens_no_account(ada: Caller, adas: Account) -> None:
    assert ada.post("accounts", {"currency": "EUR"}, dry_run=1).status == 200
    assert len(ada.get("accounts").body["results"]) == 1


def test_renames_nobody(ada: Caller, adas: Account) -> None:
    answer = ada.patch(f"customers/{adas.customer_id}", {"name": "X", "email": "x@example.org"}, dry_run=1)
    assert (answer.status, answer.body["name"], answer.body["dry_run"]) == (200, "X", True)
    assert ada.get("me").body["email"] == "ada@example.org"


def test_a_key_is_needed_all_the_same(ada: Caller) -> None:
    assert ada.post("accounts", {"currency": "EUR"}, key=None, dry_run=1).status == 428


def test_zero_means_no(ada: Caller, adas: Account) -> None:
    assert ada.post("accounts", {"currency": "EUR"}, dry_run=0).status == 201


@pytest.mark.parametrize("parameter", ["dry_run=", "dry_run=maybe", "dry_run=2", "dryrun=1", "dry_run=1&dry_run=0"])
def test_what_may_have_been_meant_as_a_rehearsal_is_never_the_real_thing(
    ada: Caller, adas: Account, parameter: str
) -> None:
    answer = ada.post(f"accounts/{adas.account_id}/deposits?{parameter}", {"amount": "1.00"})
    assert answer.refusal == (400, "MALFORMED", parameter.split("=", maxsplit=1)[0])
    assert ada.get(f"accounts/{adas.account_id}").body["balance"] == "100.00"
