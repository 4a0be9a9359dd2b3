"""POST transfers, GET transfers/{id}."""

from typing import Any
from uuid import uuid4

import pytest

from projections.models import Account
from tests.api.caller import Caller
from tests.factories import AccountFactory, CustomerFactory


def sending(source: Account, target: Account, amount: str = "30.00", **others: Any) -> dict[str, Any]:
    return {
        "from_account": str(source.account_id),
        "to_account": str(target.account_id),
        "amount": amount,
        "reference": "Dinner",
        **others,
    }


def test_money_goes_from_one_to_the_other(ada: Caller, bob: Caller, adas: Account, bobs: Account) -> None:
    answer = ada.post("transfers", sending(adas, bobs))
    assert answer.status == 201
    fields = {"command_id", "position", "cursor", "transfer_id", "entry_id", "balance", "available", "currency"}
    assert answer.body.keys() == fields
    assert answer.body["balance"] == "70.00"
    assert bob.get(f"accounts/{bobs.account_id}").body["balance"] == "30.00"


def test_both_sides_see_the_transfer_and_neither_the_others_balance(
    ada: Caller, bob: Caller, auditor: Caller, adas: Account, bobs: Account
) -> None:
    sent = ada.post("transfers", sending(adas, bobs)).body
    for side in (ada, bob, auditor):
        seen = side.get(f"transfers/{sent['transfer_id']}", min_position=sent["position"]).body
        assert seen.keys() == {
            "transfer_id",
            "entry_id",
            "from_account",
            "to_account",
            "amount",
            "currency",
            "reference",
            "recorded_at",
            "reversed_by",
            "position",
            "cursor",
        }
        assert (seen["from_account"], seen["to_account"]) == (str(adas.account_id), str(bobs.account_id))
        assert (seen["amount"], seen["reference"]) == ("30.00", "Dinner")
        assert seen["position"] >= sent["position"]
    assert ada.get(f"transfers/{sent['transfer_id']}").body["entry_id"] == sent["entry_id"]
    assert bob.get(f"transfers/{sent['transfer_id']}").body["entry_id"] != sent["entry_id"]


def test_nobody_else_sees_it(ada: Caller, stranger: Caller, adas: Account, bobs: Account) -> None:
    path = f"transfers/{ada.post('transfers', sending(adas, bobs)).body['transfer_id']}"
    eve = Caller.of(CustomerFactory.create())
    assert eve.get(path).refusal == (404, "TRANSFER_NOT_FOUND", None)
    assert stranger.get(path).refusal == (401, "NOT_SIGNED_IN", None)
    for transfer_id in (uuid4(), "x"):
        assert ada.get(f"transfers/{transfer_id}").refusal == (404, "TRANSFER_NOT_FOUND", None)


def test_no_more_than_there_is(ada: Caller, adas: Account, bobs: Account) -> None:
    answer = ada.post("transfers", sending(adas, bobs, "100.01"))
    assert answer.refusal == (422, "INSUFFICIENT_FUNDS", "amount")


def test_not_to_itself(ada: Caller, adas: Account) -> None:
    assert ada.post("transfers", sending(adas, adas)).refusal == (422, "SAME_ACCOUNT", "to_account")


def test_not_into_another_currency(ada: Caller, adas: Account) -> None:
    yens = AccountFactory.create(currency="JPY")
    assert ada.post("transfers", sending(adas, yens)).refusal == (422, "CURRENCY_MISMATCH", "to_account")


def test_not_from_somebody_elses_account(ada: Caller, adas: Account, bobs: Account) -> None:
    assert ada.post("transfers", sending(bobs, adas)).refusal == (404, "ACCOUNT_NOT_FOUND", "from_account")
    assert ada.post("transfers", sending(bobs, bobs)).refusal == (404, "ACCOUNT_NOT_FOUND", "from_account")


def test_not_to_an_account_that_does_not_exist(ada: Caller, adas: Account, bobs: Account) -> None:
    for nowhere in (uuid4(), bobs.customer_id):
        answer = ada.post("transfers", sending(adas, adas, to_account=str(nowhere)))
        assert answer.refusal == (404, "ACCOUNT_NOT_FOUND", "to_account")


@pytest.mark.parametrize("field", ["from_account", "to_account"])
@pytest.mark.parametrize("value", ["", "x", None, 5, "{0190a6f2-7c3e-7d4a-8b1f-3c2d1e0f9a8b}", "٠190a6f2"])
def test_an_id_in_the_body_is_one(ada: Caller, adas: Account, bobs: Account, field: str, value: Any) -> None:
    answer = ada.post("transfers", sending(adas, bobs, **{field: value}))
    assert answer.refusal == (400, "MALFORMED", field)


def test_staff_send_nothing(operator: Caller, adas: Account, bobs: Account) -> None:
    assert operator.post("transfers", sending(adas, bobs)).refusal == (403, "FORBIDDEN", None)
