"""POST bulk."""

from typing import Any
from uuid import uuid4

import pytest

from eventstore.models import Command, Event
from projections.models import Account
from tests.api.caller import Answer, Caller


def deposit(account: Account, amount: str, key: str) -> dict[str, Any]:
    return {"path": f"accounts/{account.account_id}/deposits", "body": {"amount": amount}, "key": key}


def withdrawal(account: Account, amount: str, key: str) -> dict[str, Any]:
    return {"path": f"accounts/{account.account_id}/withdrawals", "body": {"amount": amount}, "key": key}


def send(caller: Caller, mode: str, *items: dict[str, Any], key: str | None = None, **query: Any) -> Answer:
    return caller.post("bulk", {"mode": mode, "items": list(items)}, key=key or str(uuid4()), **query)


@pytest.mark.parametrize("mode", ["atomic", "each"])
def test_everything_is_done_in_its_order(ada: Caller, adas: Account, mode: str) -> None:
    answer = send(ada, mode, deposit(adas, "50.00", "1"), withdrawal(adas, "150.00", "2"))
    assert answer.status == 200
    assert [(one["key"], one["status"]) for one in answer.body["results"]] == [("1", 201), ("2", 201)]
    assert answer.body["results"][1]["body"]["balance"] == "0.00"
    assert answer.body["position"] == answer.body["results"][1]["body"]["position"]


def test_each_stands_for_itself(ada: Caller, adas: Account, bobs: Account) -> None:
    items = [
        withdrawal(adas, "100.01", "too much"),
        deposit(adas, "1.00", "fine"),
        deposit(bobs, "1.00", "not theirs"),
        deposit(adas, "nothing", "no amount"),
        {"path": "nowhere", "body": {}, "key": "nowhere"},
        {"path": "trial-balance", "body": {}, "key": "not a command"},
        {"path": f"accounts/{adas.account_id}/freeze", "body": {}, "key": "staff only"},
        {"path": "bulk", "body": {}, "key": "within"},
    ]
    results = send(ada, "each", *items).body["results"]
    assert [one["body"].get("code") for one in results] == [
        "INSUFFICIENT_FUNDS",
        None,
        "ACCOUNT_NOT_FOUND",
        "INVALID_AMOUNT",
        "NOT_FOUND",
        "NOT_FOUND",
        "FORBIDDEN",
        "NOT_FOUND",
    ]
    assert [one["status"] for one in results] == [422, 201, 404, 422, 404, 404, 403, 404]


@pytest.mark.parametrize(
    ("amount", "code"),
    [("200.00", "INSUFFICIENT_FUNDS"), ("nonsense", "INVALID_AMOUNT"), ("1.001", "TOO_MANY_DECIMALS")],
)
def test_all_or_none(ada: Caller, adas: Account, amount: str, code: str) -> None:
    commands, events = Command.objects.count(), Event.objects.count()
    answer = send(ada, "atomic", deposit(adas, "1.00", "1"), withdrawal(adas, amount, "2"), deposit(adas, "1.00", "3"))
    assert answer.refusal == (422, code, "amount")
    assert answer.body["details"] == {"index": 1}
    assert (Command.objects.count(), Event.objects.count()) == (commands, events)


def test_the_first_refusal_counts_though_a_later_one_can_not_be_read(ada: Caller, adas: Account) -> None:
    answer = send(ada, "atomic", withdrawal(adas, "200.00", "1"), deposit(adas, "nonsense", "2"))
    assert answer.body["details"] == {"index": 0}


@pytest.mark.parametrize("mode", ["atomic", "each"])
def test_sent_again_it_has_one_effect_and_one_answer(ada: Caller, adas: Account, mode: str) -> None:
    first, again = (send(ada, mode, deposit(adas, "1.00", "1"), key="bulk") for _ in range(2))
    assert first.raw == again.raw
    assert ada.get(f"accounts/{adas.account_id}").body["balance"] == "101.00"


def test_each_can_be_sent_again_by_itself(ada: Caller, adas: Account) -> None:
    item = deposit(adas, "1.00", "1")
    (result,) = send(ada, "each", item).body["results"]
    assert ada.post(item["path"], item["body"], key="1").body == result["body"]


@pytest.mark.parametrize("mode", ["atomic", "each"])
def test_a_key_stands_for_one_bulk(ada: Caller, adas: Account, mode: str) -> None:
    send(ada, mode, deposit(adas, "1.00", "1"), key="bulk")
    other = send(ada, mode, deposit(adas, "2.00", "2"), key="bulk")
    assert other.refusal == (422, "IDEMPOTENCY_KEY_REUSED", None)
    assert ada.get(f"accounts/{adas.account_id}").body["balance"] == "101.00"


@pytest.mark.parametrize("mode", ["atomic", "each"])
def test_a_dry_run_stores_nothing(ada: Caller, adas: Account, mode: str) -> None:
    commands = Command.objects.count()
    answer = send(ada, mode, deposit(adas, "1.00", "1"), dry_run=1)
    assert answer.body["dry_run"] is True
    assert answer.body["results"][0]["body"]["balance"] == "101.00"
    assert Command.objects.count() == commands


@pytest.mark.parametrize("mode", ["atomic", "each"])
@pytest.mark.parametrize("path", ["customers", "token", "bulk"])
def test_nobody_is_registered_or_signed_in_among_others(ada: Caller, adas: Account, mode: str, path: str) -> None:
    person = {"name": "Eve", "email": "eve@example.org", "password": "correct horse battery"}
    answer = send(ada, mode, deposit(adas, "1.00", "1"), {"path": path, "body": person, "key": "eve"})
    if mode == "atomic":
        assert answer.refusal == (404, "NOT_FOUND", None)
        assert answer.body["details"] == {"index": 1}
    else:
        assert [one["status"] for one in answer.body["results"]] == [201, 404]
        assert answer.body["results"][1]["body"]["code"] == "NOT_FOUND"


def test_a_thousand_is_the_most(ada: Caller, adas: Account) -> None:
    items = [deposit(adas, "0.01", str(number)) for number in range(1_001)]
    assert send(ada, "atomic", *items).refusal == (400, "MALFORMED", "items")
    answer = send(ada, "atomic", *items[:1_000])
    assert answer.body["results"][-1]["body"]["balance"] == "110.00"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "mode"),
        ({"mode": "some", "items": []}, "mode"),
        ({"mode": "each", "items": []}, "items"),
        ({"mode": "each", "items": {}}, "items"),
        ({"mode": "each", "items": [{"path": "transfers", "body": {}}]}, "items"),
        ({"mode": "each", "items": [{"path": "transfers", "body": [], "key": "1"}]}, "items"),
        ({"mode": "each", "items": [{"path": "transfers", "body": {}, "key": "\u00e9"}]}, "items"),
        ({"mode": "each", "items": [{"path": "transfers", "body": {}, "key": "  "}]}, "items"),
    ],
)
def test_refuses_what_it_can_not_read(ada: Caller, body: Any, field: str) -> None:
    assert ada.post("bulk", body).refusal == (400, "MALFORMED", field)


def test_strangers_send_nothing(stranger: Caller) -> None:
    assert stranger.post("bulk", {}).refusal == (401, "NOT_SIGNED_IN", None)
