"""GET customers, GET customers/{id}, GET me."""

import pytest

from eventstore.log import cursor
from projections.models import Account
from tests.api.caller import Caller
from tests.factories import CustomerFactory, ErasureFactory, StaffFactory, SuspensionFactory, owner_of

FIELDS = {"customer_id", "name", "email", "locale", "timezone", "status", "position", "cursor"}

MINE = {"email_confirmed", "new_email"}


def names(caller: Caller, **query: object) -> list[str]:
    return [customer["name"] for customer in caller.get("customers", **query).body["results"]]


def test_a_customer_sees_themselves(ada: Caller, adas: Account) -> None:
    me = ada.get("me")
    assert me.status == 200
    assert me.body == ada.get(f"customers/{adas.customer_id}").body | {"email_confirmed": True, "new_email": None}
    assert me.body.keys() == FIELDS | MINE
    assert (me.body["name"], me.body["status"]) == ("Ada Lovelace", "active")


def test_and_nobody_else(ada: Caller, bobs: Account) -> None:
    for customer_id in (bobs.customer_id, bobs.account_id, "nobody"):
        assert ada.get(f"customers/{customer_id}").refusal == (404, "CUSTOMER_NOT_FOUND", None)
    assert ada.get("customers").refusal == (403, "FORBIDDEN", None)


def test_staff_see_everybody(auditor: Caller, adas: Account, bobs: Account) -> None:
    assert auditor.get(f"customers/{adas.customer_id}").body["name"] == "Ada Lovelace"
    assert auditor.get(f"customers/{adas.account_id}").refusal == (404, "CUSTOMER_NOT_FOUND", None)
    assert names(auditor) == ["Bob", "Ada Lovelace"]


def test_staff_search_by_name_email_or_id(auditor: Caller, adas: Account, bobs: Account) -> None:
    assert names(auditor, q="love") == ["Ada Lovelace"]
    assert names(auditor, q="bob@") == ["Bob"]
    assert names(auditor, q=str(adas.customer_id)) == ["Ada Lovelace"]
    assert names(auditor, q="nobody") == []
    assert names(auditor, q="") == ["Bob", "Ada Lovelace"]


@pytest.mark.parametrize("q", ["a\0b", "x" * 201])
def test_refuses_a_search_that_finds_nothing_ever(auditor: Caller, q: str) -> None:
    assert auditor.get("customers", q=q).refusal == (400, "MALFORMED", "q")


def test_staff_without_a_role_see_nothing_but_themselves(adas: Account) -> None:
    user = StaffFactory.create(email="new@example.org")
    user.groups.clear()
    newcomer = Caller.of(user)
    for path in ("customers", f"customers/{adas.customer_id}", "accounts", f"accounts/{adas.account_id}", "audit"):
        assert newcomer.get(path).refusal == (403, "FORBIDDEN", None)
    assert newcomer.get("me").body["email"] == "new@example.org"


def test_a_member_of_staff_is_no_customer(auditor: Caller) -> None:
    me = auditor.get("me")
    assert me.body.keys() == FIELDS | MINE
    assert (me.body["email_confirmed"], me.body["new_email"]) == (True, None)
    assert (me.body["customer_id"], me.body["name"]) == (None, None)


def test_strangers_see_nobody(stranger: Caller, adas: Account) -> None:
    for path in ("me", "customers", f"customers/{adas.customer_id}", "customers/nobody"):
        assert stranger.get(path).refusal == (401, "NOT_SIGNED_IN", None)


def test_many_customers_come_in_pages(auditor: Caller) -> None:
    for number in range(5):
        CustomerFactory.create(name=f"Customer {number}")
    page = auditor.get("customers", q="customer", limit=2).body
    assert [customer["name"] for customer in page["results"]] == ["Customer 4", "Customer 3"]
    assert [customer["name"] for customer in auditor.get(page["next"]).body["results"]] == ["Customer 2", "Customer 1"]


def test_an_erased_customer_is_nobody_whom_one_could_find(auditor: Caller) -> None:
    gone = CustomerFactory.create(name="Grace Hopper", email="grace@example.org")
    ErasureFactory.create(customer=gone)
    body = auditor.get(f"customers/{gone.customer_id}").body
    assert body == {
        "customer_id": str(gone.customer_id),
        "name": None,
        "email": None,
        "locale": None,
        "timezone": None,
        "status": "erased",
        "position": body["position"],
        "cursor": cursor(body["position"]),
    }
    for q in ("grace", "hopper", "grace@example.org"):
        assert names(auditor, q=q) == []


def test_a_suspended_one_is_told_from_others(auditor: Caller, ada: Caller, adas: Account) -> None:
    SuspensionFactory.create(customer=owner_of(adas.account_id))
    assert ada.get("me").body["status"] == "suspended"
    assert auditor.get(f"customers/{adas.customer_id}").body["status"] == "suspended"
