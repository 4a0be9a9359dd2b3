"""POST customers/{id}/suspend, reinstate and erase."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from accounts.users.roles import Role
from eventstore.models import Event
from projections.models import Account
from tests.api.caller import Answer, Caller
from tests.factories import PASSWORD, StaffFactory

REASON = "Asked for it"


def act(caller: Caller, account: Account, what: str, reason: str = REASON) -> Answer:
    return caller.post(f"customers/{account.customer_id}/{what}", {"reason": reason})


def test_the_suspended_look_but_do_not_act(operator: Caller, ada: Caller, adas: Account, bobs: Account) -> None:
    assert act(operator, adas, "suspend").body["status"] == "suspended"
    assert ada.get("me").body["status"] == "suspended"
    for path, body in (
        (f"accounts/{adas.account_id}/withdrawals", {"amount": "1.00"}),
        (f"accounts/{adas.account_id}/deposits", {"amount": "1.00"}),
        ("accounts", {"currency": "EUR"}),
        ("transfers", {"from_account": str(adas.account_id), "to_account": str(bobs.account_id), "amount": "1.00"}),
    ):
        assert ada.post(path, body).refusal == (409, "CUSTOMER_SUSPENDED", None)
    assert ada.patch(f"customers/{adas.customer_id}", {"locale": "de"}).code == "CUSTOMER_SUSPENDED"


def test_money_still_arrives_for_them(operator: Caller, bob: Caller, ada: Caller, adas: Account, bobs: Account) -> None:
    act(operator, bobs, "suspend")
    body = {"from_account": str(adas.account_id), "to_account": str(bobs.account_id), "amount": "1.00"}
    assert ada.post("transfers", body).status == 201


def test_the_reinstated_act_again(operator: Caller, ada: Caller, adas: Account) -> None:
    act(operator, adas, "suspend")
    assert act(operator, adas, "reinstate").body["status"] == "active"
    assert ada.post(f"accounts/{adas.account_id}/withdrawals", {"amount": "1.00"}).status == 201


def test_what_is_so_already_needs_no_event(operator: Caller, adas: Account) -> None:
    assert act(operator, adas, "reinstate").body["position"] == 0


def test_the_erased_are_forgotten(operator: Caller, bob: Caller, bobs: Account, stranger: Caller) -> None:
    bob.post(f"accounts/{bobs.account_id}/close", {})
    assert act(operator, bobs, "erase").body["status"] == "erased"
    found = operator.get(f"customers/{bobs.customer_id}").body
    assert (found["name"], found["email"], found["status"]) == (None, None, "erased")
    assert bob.get("me").status == 401
    assert stranger.send(
        "POST", "/api/v1/token", f'{{"email": "bob@example.org", "password": "{PASSWORD}"}}'
    ).refusal == (401, "NOT_SIGNED_IN", None)


def test_nobody_is_erased_who_has_an_account(operator: Caller, bobs: Account, bob: Caller) -> None:
    assert act(operator, bobs, "erase").refusal == (409, "CUSTOMER_HAS_ACCOUNTS", None)
    assert bob.get("me").body["name"] == "Bob"


def test_a_rehearsal_forgets_nothing(operator: Caller, bob: Caller, bobs: Account) -> None:
    bob.post(f"accounts/{bobs.account_id}/close", {})
    answer = operator.post(f"customers/{bobs.customer_id}/erase", {"reason": REASON}, dry_run=1)
    assert answer.body["dry_run"] is True
    assert bob.get("me").body["name"] == "Bob"


def test_nobody_is_erased_where_a_restore_would_bring_them_back(
    operator: Caller, bob: Caller, bobs: Account, settings: Any, tmp_path: Path
) -> None:
    bob.post(f"accounts/{bobs.account_id}/close", {})
    settings.ERASURE_LIST, key = str(tmp_path / "away" / "erasures"), str(uuid4())
    events = Event.objects.count()
    answer = operator.post(f"customers/{bobs.customer_id}/erase", {"reason": REASON}, key=key)
    assert (answer.status, answer.code) == (503, "RETRY_LATER")
    assert "The list of erasures can't be written now. Nobody was erased" in answer.body["message"]
    assert Event.objects.count() == events
    assert bob.get("me").body["name"] == "Bob"
    (tmp_path / "away").mkdir()
    again = operator.post(f"customers/{bobs.customer_id}/erase", {"reason": REASON}, key=key)
    assert again.body["status"] == "erased"
    assert str(bobs.customer_id) in Path(settings.ERASURE_LIST).read_text()


@pytest.mark.parametrize("what", ["suspend", "reinstate", "erase"])
def test_it_takes_a_reason(operator: Caller, adas: Account, what: str) -> None:
    assert act(operator, adas, what, " ").refusal == (422, "REASON_REQUIRED", "reason")


@pytest.mark.parametrize("what", ["suspend", "reinstate", "erase"])
@pytest.mark.parametrize("customer_id", [uuid4(), "nonsense"])
def test_who_is_no_customer_is_not_found(operator: Caller, what: str, customer_id: object) -> None:
    answer = operator.post(f"customers/{customer_id}/{what}", {"reason": REASON})
    assert answer.refusal == (404, "CUSTOMER_NOT_FOUND", "customer_id")


def test_support_suspends_but_erases_nobody(adas: Account) -> None:
    support = Caller.of(StaffFactory.create(role=Role.SUPPORT))
    assert act(support, adas, "suspend").status == 200
    assert act(support, adas, "erase").refusal == (403, "FORBIDDEN", None)


@pytest.mark.parametrize("what", ["suspend", "reinstate", "erase"])
def test_customers_and_auditors_do_not(ada: Caller, auditor: Caller, adas: Account, what: str) -> None:
    for caller in (ada, auditor):
        assert act(caller, adas, what).refusal == (403, "FORBIDDEN", None)
