"""POST accounts/{id}/freeze, unfreeze, overdraft and limits."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import override_settings

from accounts.users.roles import Role
from projections.models import Account
from tests.api.caller import Answer, Caller
from tests.factories import StaffFactory

REASON = "The card was stolen"


@pytest.fixture
def support(db: None) -> Caller:
    return Caller.of(StaffFactory.create(role=Role.SUPPORT))


def act(caller: Caller, account: Account, what: str, **body: Any) -> Answer:
    return caller.post(f"accounts/{account.account_id}/{what}", body)


def test_a_frozen_account_lets_nothing_out(support: Caller, ada: Caller, adas: Account) -> None:
    answer = act(support, adas, "freeze", scope="debits", reason=REASON)
    assert answer.status == 200
    assert (answer.body["status"], answer.body["frozen_scope"]) == ("frozen", "debits")
    assert act(ada, adas, "withdrawals", amount="1.00").code == "ACCOUNT_FROZEN"
    assert act(ada, adas, "deposits", amount="1.00").status == 201


def test_freezing_again_replaces_the_scope(support: Caller, ada: Caller, adas: Account) -> None:
    act(support, adas, "freeze", scope="debits", reason=REASON)
    assert act(support, adas, "freeze", scope="all", reason=REASON).body["frozen_scope"] == "all"
    assert act(ada, adas, "deposits", amount="1.00").refusal == (409, "ACCOUNT_FROZEN", None)


def test_money_moves_again_after_it(support: Caller, ada: Caller, adas: Account) -> None:
    act(support, adas, "freeze", scope="all", reason=REASON)
    answer = act(support, adas, "unfreeze", reason="Found")
    assert (answer.body["status"], answer.body["frozen_scope"]) == ("open", None)
    assert act(ada, adas, "withdrawals", amount="1.00").status == 201


def test_unfreezing_what_is_not_frozen_changes_nothing(support: Caller, adas: Account) -> None:
    answer = act(support, adas, "unfreeze", reason="Found")
    assert (answer.status, answer.body["position"]) == (200, 0)


@pytest.mark.parametrize(
    ("what", "body", "refusal"),
    [
        ("freeze", {"scope": "some", "reason": REASON}, (400, "MALFORMED", "scope")),
        ("freeze", {"reason": REASON}, (400, "MALFORMED", "scope")),
        ("freeze", {"scope": "all"}, (422, "REASON_REQUIRED", "reason")),
        ("freeze", {"scope": "all", "reason": 1}, (400, "MALFORMED", "reason")),
        ("unfreeze", {"reason": " "}, (422, "REASON_REQUIRED", "reason")),
        ("overdraft", {}, (400, "MALFORMED", "limit")),
        ("overdraft", {"limit": 5}, (400, "MALFORMED", "limit")),
        ("overdraft", {"limit": "-5"}, (422, "INVALID_AMOUNT", "limit")),
        ("overdraft", {"limit": "1.001"}, (422, "TOO_MANY_DECIMALS", "limit")),
        ("limits", {}, (400, "MALFORMED", "per_entry")),
        ("limits", {"daily_out": "x"}, (422, "INVALID_AMOUNT", "daily_out")),
    ],
)
def test_refuses_what_it_can_not_read(
    operator: Caller, adas: Account, what: str, body: dict[str, Any], refusal: tuple[int, str, str]
) -> None:
    assert act(operator, adas, what, **body).refusal == refusal


def test_an_account_may_go_below_zero_as_far_as_it_is_let(operator: Caller, ada: Caller, adas: Account) -> None:
    assert act(operator, adas, "overdraft", limit="50.00").body["available"] == "150.00"
    assert act(ada, adas, "withdrawals", amount="150.00").body["balance"] == "-50.00"
    assert act(ada, adas, "withdrawals", amount="0.01").code == "INSUFFICIENT_FUNDS"
    assert act(operator, adas, "overdraft", limit="49.99").refusal == (422, "OVERDRAFT_BELOW_USAGE", "limit")


def test_limits_hold_for_each_movement_and_for_the_day(operator: Caller, ada: Caller, adas: Account) -> None:
    answer = act(operator, adas, "limits", per_entry="30.00", daily_out="50.00")
    assert (answer.body["per_entry"], answer.body["daily_out"]) == ("30.00", "50.00")
    assert act(ada, adas, "withdrawals", amount="30.01").refusal == (422, "LIMIT_EXCEEDED", "amount")
    assert act(ada, adas, "withdrawals", amount="30.00").status == 201
    assert act(ada, adas, "withdrawals", amount="20.01").refusal == (422, "LIMIT_EXCEEDED", "amount")


def test_null_clears_a_limit_and_what_is_not_given_stays(operator: Caller, adas: Account) -> None:
    act(operator, adas, "limits", per_entry="30.00", daily_out="0.00")
    body = act(operator, adas, "limits", per_entry=None).body
    assert (body["per_entry"], body["daily_out"]) == (None, "0.00")


@override_settings(APPROVAL_ABOVE=Decimal(100))
def test_an_overdraft_above_the_limit_of_one_person_takes_two(operator: Caller, adas: Account) -> None:
    assert act(operator, adas, "overdraft", limit="100.00").status == 200
    assert act(operator, adas, "overdraft", limit="100.01").refusal == (403, "APPROVAL_REQUIRED", None)


@pytest.mark.parametrize("account_id", [uuid4(), "nonsense"])
@pytest.mark.parametrize(
    ("what", "body"),
    [("freeze", {"scope": "all", "reason": REASON}), ("overdraft", {"limit": "1"}), ("limits", {"per_entry": "1"})],
)
def test_what_is_no_account_is_not_found(operator: Caller, account_id: object, what: str, body: Any) -> None:
    answer = operator.post(f"accounts/{account_id}/{what}", body)
    assert answer.refusal == (404, "ACCOUNT_NOT_FOUND", "account_id")


def test_support_freezes_but_sets_no_limits(support: Caller, adas: Account) -> None:
    assert act(support, adas, "overdraft", limit="1.00").refusal == (403, "FORBIDDEN", None)
    assert act(support, adas, "limits", per_entry=None).refusal == (403, "FORBIDDEN", None)


@pytest.mark.parametrize("what", ["freeze", "unfreeze", "overdraft", "limits"])
def test_owners_and_auditors_set_nothing(ada: Caller, auditor: Caller, adas: Account, what: str) -> None:
    for caller in (ada, auditor):
        assert act(caller, adas, what).refusal == (403, "FORBIDDEN", None)
