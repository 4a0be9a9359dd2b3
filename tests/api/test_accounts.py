"""GET accounts, GET accounts/{id}."""

from uuid import uuid4

from eventstore.log import cursor
from projections.models import Account
from tests.api.caller import Caller
from tests.factories import (
    AccountFactory,
    ClosureFactory,
    FreezeFactory,
    HoldFactory,
    LimitsFactory,
    OverdraftFactory,
    owner_of,
)


def test_an_account_tells_all_about_itself(ada: Caller, adas: Account) -> None:
    body = ada.get(f"accounts/{adas.account_id}").body
    assert body == {
        "account_id": str(adas.account_id),
        "customer_id": str(adas.customer_id),
        "label": "Everyday",
        "currency": "EUR",
        "timezone": "UTC",
        "balance": "100.00",
        "held": "0.00",
        "available": "100.00",
        "overdraft_limit": "0.00",
        "per_entry": None,
        "daily_out": None,
        "status": "open",
        "frozen_scope": None,
        "version": 2,
        "opened_at": adas.opened_at.isoformat().replace("+00:00", "Z"),
        "position": body["position"],
        "cursor": cursor(body["position"]),
    }
    assert body["position"] >= adas.position


def test_customers_see_their_own_newest_first(ada: Caller, adas: Account, bobs: Account) -> None:
    second = AccountFactory.create(owner=owner_of(adas.account_id), currency="JPY")
    page = ada.get("accounts").body
    assert [row["account_id"] for row in page["results"]] == [str(second.account_id), str(adas.account_id)]
    assert page["next"] is None
    assert page["position"] >= second.position


def test_staff_see_all(auditor: Caller, adas: Account, bobs: Account) -> None:
    rows = auditor.get("accounts").body["results"]
    assert [row["account_id"] for row in rows] == [str(bobs.account_id), str(adas.account_id)]
    assert auditor.get(f"accounts/{adas.account_id}").body["balance"] == "100.00"


def test_somebody_elses_account_is_as_good_as_none(ada: Caller, bobs: Account) -> None:
    for account_id in (bobs.account_id, bobs.customer_id, uuid4(), "x", "%00"):
        assert ada.get(f"accounts/{account_id}").refusal == (404, "ACCOUNT_NOT_FOUND", "account_id")
        assert ada.get(f"accounts/{account_id}/entries").refusal == (404, "ACCOUNT_NOT_FOUND", "account_id")


def test_strangers_see_nothing(stranger: Caller, adas: Account) -> None:
    for path in ("accounts", f"accounts/{adas.account_id}", f"accounts/{uuid4()}", "accounts/x"):
        assert stranger.get(path).refusal == (401, "NOT_SIGNED_IN", None)


def test_tells_what_is_held_allowed_and_frozen(ada: Caller, adas: Account) -> None:
    HoldFactory.create(account=adas, amount=3_000)
    OverdraftFactory.create(account=adas, limit=2_000)
    LimitsFactory.create(account=adas, per_entry=500)
    FreezeFactory.create(account=adas, scope="all")
    body = ada.get(f"accounts/{adas.account_id}").body
    assert (body["held"], body["overdraft_limit"], body["available"]) == ("30.00", "20.00", "90.00")
    assert (body["per_entry"], body["daily_out"]) == ("5.00", None)
    assert (body["status"], body["frozen_scope"]) == ("frozen", "all")


def test_a_closed_account_is_still_told(bob: Caller, bobs: Account) -> None:
    ClosureFactory.create(account=bobs)
    body = bob.get(f"accounts/{bobs.account_id}").body
    assert (body["status"], body["frozen_scope"], body["balance"]) == ("closed", None, "0.00")
