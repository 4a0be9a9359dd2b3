"""Idempotency-Key: a request that is sent again has one effect, and gets the same answer."""

from typing import Any

import pytest
from django.test import override_settings

from projections.models import Account, Entry
from tests.api.caller import Answer, Caller
from tests.api.test_transfer import sending

EUR = {"currency": "EUR"}


@pytest.fixture
def deposits(adas: Account) -> str:
    return f"accounts/{adas.account_id}/deposits"


@pytest.fixture
def withdrawals(adas: Account) -> str:
    return f"accounts/{adas.account_id}/withdrawals"


def same(one: Answer, other: Answer) -> bool:
    return (one.status, one.raw) == (other.status, other.raw)


def test_a_replay_has_no_effect_and_the_same_answer(ada: Caller, deposits: str) -> None:
    first = ada.post(deposits, {"amount": "10.00"}, key="1")
    ada.post(deposits, {"amount": "5.00"}, key="2")
    assert same(ada.post(deposits, {"amount": "10.00"}, key="1"), first)
    assert Entry.objects.count() == 3


def test_every_way_to_act_can_be_replayed(ada: Caller, stranger: Caller, adas: Account, bobs: Account) -> None:
    eve = {"name": "Eve", "email": "eve@example.org", "password": "correct horse battery"}
    requests: list[tuple[Any, str, dict[str, Any]]] = [
        (stranger.post, "customers", eve),
        (ada.patch, f"customers/{adas.customer_id}", {"name": "Ada King", "email": "king@example.org"}),
        (ada.post, "accounts", EUR),
        (ada.post, f"accounts/{adas.account_id}/deposits", {"amount": "1.00"}),
        (ada.post, f"accounts/{adas.account_id}/withdrawals", {"amount": "1.00"}),
        (ada.post, "transfers", sending(adas, bobs)),
    ]
    for number, (send, path, body) in enumerate(requests):
        first = send(path, body, key=f"key {number}")
        assert first.status in {200, 201}, first.body
        assert same(send(path, body, key=f"key {number}"), first)


def test_a_no_stays_a_no(ada: Caller, deposits: str, withdrawals: str) -> None:
    refused = ada.post(withdrawals, {"amount": "150.00"}, key="1")
    assert refused.refusal == (422, "INSUFFICIENT_FUNDS", "amount")
    ada.post(deposits, {"amount": "100.00"})
    assert same(ada.post(withdrawals, {"amount": "150.00"}, key="1"), refused)
    assert ada.post(withdrawals, {"amount": "150.00"}, key="2").status == 201


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("accounts/0190a6f2-7c3e-7d4a-8b1f-3c2d1e0f9a8b/deposits", {"amount": "1.00"}),
        ("accounts", {"currency": "XXX"}),
    ],
)
def test_every_decision_is_kept(ada: Caller, path: str, body: dict[str, str]) -> None:
    refused = ada.post(path, body, key="1")
    assert refused.status in {404, 422}
    assert same(ada.post(path, body, key="1"), refused)
    assert ada.post("accounts", EUR, key="1").refusal == (422, "IDEMPOTENCY_KEY_REUSED", None)


def test_a_key_stands_for_one_request(ada: Caller, deposits: str, withdrawals: str) -> None:
    ada.post(deposits, {"amount": "10.00"}, key="1")
    for path, body in (
        (deposits, {"amount": "10.01"}),
        (deposits, {"amount": "10.0"}),
        (deposits, {"amount": "10.00", "reference": ""}),
        (withdrawals, {"amount": "10.00"}),
        ("accounts", EUR),
    ):
        assert ada.post(path, body, key="1").refusal == (422, "IDEMPOTENCY_KEY_REUSED", None)


def test_the_first_answer_stays_after_a_key_was_reused(ada: Caller, deposits: str) -> None:
    first = ada.post(deposits, {"amount": "10.00"}, key="1")
    ada.post(deposits, {"amount": "11.00"}, key="1")
    assert same(ada.post(deposits, {"amount": "10.00"}, key="1"), first)


def test_order_and_white_space_do_not_matter(ada: Caller, deposits: str) -> None:
    headers = {"Idempotency-Key": "1"}
    one = ada.send("POST", f"/api/v1/{deposits}", '{"amount":"1.00","reference":"x"}', headers=headers)
    other = ada.send("POST", f"/api/v1/{deposits}", '{ "reference": "\\u0078", "amount": "1.00" }', headers=headers)
    assert one.status == 201
    assert same(one, other)


def test_keys_are_scoped_to_their_sender(ada: Caller, bob: Caller) -> None:
    mine, theirs = ada.post("accounts", EUR, key="1").body, bob.post("accounts", EUR, key="1").body
    assert mine["account_id"] != theirs["account_id"]
    assert mine["command_id"] != theirs["command_id"]


@pytest.mark.parametrize(
    "path", ["customers", "accounts", "transfers", "accounts/x/deposits", "accounts/x/withdrawals"]
)
def test_who_acts_needs_a_key(ada: Caller, path: str) -> None:
    assert ada.post(path, {}, key=None).refusal == (428, "KEY_REQUIRED", None)


def test_also_who_patches(ada: Caller, adas: Account) -> None:
    assert ada.patch(f"customers/{adas.customer_id}", {}, key=None).refusal == (428, "KEY_REQUIRED", None)


@pytest.mark.parametrize("key", ["", "x" * 256, "ключ", "é", "a\tb", "a\x00b", "a\x7fb"])
def test_a_key_is_printable_and_not_too_long(ada: Caller, key: str) -> None:
    assert ada.post("accounts", EUR, key=key).refusal == (400, "MALFORMED", "Idempotency-Key")


@pytest.mark.parametrize("key", ["x" * 255, " !~", "a/b?c=d&e", "../..", '"quoted"', "%00"])
def test_else_it_may_be_anything(ada: Caller, key: str) -> None:
    assert same(ada.post("accounts", EUR, key=key), ada.post("accounts", EUR, key=key))


@pytest.mark.parametrize("body", [{"amount": 10}, {"amount": ""}, {"amount": "x"}, {"amount": "1.00", "x": 1}, []])
def test_what_could_not_be_read_leaves_the_key_free(ada: Caller, deposits: str, body: Any) -> None:
    assert ada.post(deposits, body, key="1").status in {400, 422}
    assert ada.post(deposits, {"amount": "10.00"}, key="1").status == 201


def test_so_does_what_was_not_allowed(ada: Caller, deposits: str) -> None:
    with override_settings(DEMO_RAILS=False):
        assert ada.post(deposits, {"amount": "10.00"}, key="1").status == 403
    assert ada.post(deposits, {"amount": "10.00"}, key="1").status == 201
