"""GET trial-balance, audit, projections."""

import pytest

from eventstore.projecting.runner.runner import Runner
from projections.models import Account
from tests.api.caller import Caller
from tests.factories import AccountFactory, AdjustmentFactory, FreezeFactory


def test_the_trial_balance_sums_to_zero(auditor: Caller, adas: Account, bobs: Account) -> None:
    yens = AccountFactory.create(currency="JPY", balance=150)
    Runner().catch_up()
    page = auditor.get("trial-balance").body
    assert page["results"] == [
        {"currency": "EUR", "account": str(adas.account_id), "amount": "100.00"},
        {"currency": "EUR", "account": "cash:EUR", "amount": "-100.00"},
        {"currency": "JPY", "account": str(yens.account_id), "amount": "150"},
        {"currency": "JPY", "account": "cash:JPY", "amount": "-150"},
    ]
    assert page["next"] is None


def test_the_trial_balance_may_outgrow_the_integers_of_the_database(auditor: Caller) -> None:
    for _ in range(3):
        AccountFactory.create(balance=2**63 - 1)
    Runner().catch_up()
    rows = {row["account"]: row["amount"] for row in auditor.get("trial-balance").body["results"]}
    assert rows["cash:EUR"] == "-276701161105643274.21"


def test_the_trial_balance_comes_in_parts_if_asked(auditor: Caller, adas: Account) -> None:
    Runner().catch_up()
    first = auditor.get("trial-balance", limit=1).body
    second = auditor.get(first["next"]).body
    assert [row["account"] for row in first["results"] + second["results"]] == [str(adas.account_id), "cash:EUR"]
    assert second["next"] is None


def test_the_audit_tells_who_asked_for_what_and_what_came_of_it(ada: Caller, auditor: Caller, adas: Account) -> None:
    ada.post(f"accounts/{adas.account_id}/withdrawals", {"amount": "500.00"})
    newest, *older = auditor.get("audit").body["results"]
    assert newest == {
        "number": newest["number"],
        "command_id": newest["command_id"],
        "command": "account.withdraw",
        "actor": f"customer:{adas.customer_id}",
        "category": "account",
        "stream_id": str(adas.account_id),
        "accepted": False,
        "code": "INSUFFICIENT_FUNDS",
        "reason": "",
        "position": None,
        "cursor": None,
        "recorded_at": newest["recorded_at"],
    }
    assert [line["command"] for line in older] == ["account.deposit", "account.open", "customer.register"]


def test_the_audit_can_be_narrowed(ada: Caller, auditor: Caller, adas: Account, bobs: Account) -> None:
    ada.post(f"accounts/{bobs.account_id}/withdrawals", {"amount": "5.00"})

    def commands(**query: object) -> list[str]:
        return [line["command"] for line in auditor.get("audit", **query).body["results"]]

    assert commands(code="ACCOUNT_NOT_FOUND") == ["account.withdraw"]
    assert commands(about=bobs.account_id) == ["account.withdraw", "account.open"]
    assert commands(actor=f"customer:{bobs.customer_id}") == ["account.open"]


def test_the_audit_comes_in_pages(auditor: Caller, adas: Account) -> None:
    first = auditor.get("audit", limit=2).body
    assert [line["command"] for line in first["results"]] == ["account.deposit", "account.open"]
    assert [line["command"] for line in auditor.get(first["next"]).body["results"]] == ["customer.register"]


@pytest.mark.parametrize(("name", "value"), [("about", "x"), ("actor", "a\0b"), ("code", "\0"), ("cursor", "x")])
def test_the_audit_refuses_what_it_can_not_take(auditor: Caller, name: str, value: str) -> None:
    assert auditor.get("audit", **{name: value}).refusal == (400, "MALFORMED", name)


def test_projections_tell_how_far_they_are(auditor: Caller, adas: Account) -> None:
    Runner().catch_up()
    rows = {row["name"]: row for row in auditor.get("projections").body["results"]}
    assert rows.keys() >= {"accounts", "customers", "entries", "journal_legs", "audit_lines"}
    assert (rows["accounts"]["mode"], rows["journal_legs"]["mode"]) == ("real-time", "delayed")
    for row in rows.values():
        assert (row["state"], row["lag"], row["position"] >= adas.position) == ("live", 0, True)


@pytest.mark.parametrize("path", ["trial-balance", "audit", "projections"])
def test_all_of_them_are_for_staff(ada: Caller, stranger: Caller, path: str) -> None:
    assert ada.get(path).refusal == (403, "FORBIDDEN", None)
    assert stranger.get(path).refusal == (401, "NOT_SIGNED_IN", None)


def test_the_audit_tells_why_and_what_it_caused(auditor: Caller, adas: Account) -> None:
    frozen = FreezeFactory.create(account=adas, reason="Court order 7")
    newest = auditor.get("audit").body["results"][0]
    assert (newest["command"], newest["reason"]) == ("account.freeze", "Court order 7")
    assert newest["position"] == frozen.position


def test_adjustments_stand_against_the_house_in_the_trial_balance(auditor: Caller, adas: Account) -> None:
    AdjustmentFactory.create(account=adas, amount=-150)
    Runner().catch_up()
    rows = {row["account"]: row["amount"] for row in auditor.get("trial-balance").body["results"]}
    assert rows == {str(adas.account_id): "98.50", "cash:EUR": "-100.00", "adjustments:EUR": "1.50"}
