"""Whoever is turned away is recorded: at every face, whatever refused them, and without letting them flood the log."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.users.models import User
from eventstore.http.throttles import FixedWindowThrottle
from projections.models import Account
from tests.api.caller import Caller
from tests.factories import AccountFactory, ApprovalFactory, CustomerFactory, SuspensionFactory
from tests.security_log.conftest import Recorded


def signed_in(user: User) -> Client:
    """A browser with a session."""
    client = Client()
    client.force_login(user)
    return client


def test_a_customer_where_only_staff_may_be(ada: User, recorded: Recorded) -> None:
    Caller.of(ada).get("customers", q="somebody@example.org")
    [event] = recorded("access.refused")
    assert event["actor"] == ada.actor
    assert (event["status"], event["code"], event["route"]) == (403, "FORBIDDEN", "api/v1/customers")
    assert "somebody" not in str(event)


def test_a_stranger_at_the_api(db: None, recorded: Recorded) -> None:
    Caller("0" * 40).get("accounts")
    [event] = recorded("access.refused")
    assert (event["actor"], event["code"]) == ("anonymous", "NOT_SIGNED_IN")
    assert "0" * 40 not in str(event)


def test_a_customer_at_the_admin(ada: User, recorded: Recorded) -> None:
    signed_in(ada).get("/admin/")
    signed_in(ada).get("/admin/login/")
    assert recorded("access.refused")[-1]["actor"] == ada.actor


def test_a_staff_action_beyond_the_role(auditor: User, account: Account, recorded: Recorded) -> None:
    signed_in(auditor).get(f"/admin/actions/freeze/{account.account_id}/")
    [event] = recorded("access.refused")
    assert (event["actor"], event["action"]) == (auditor.actor, "freeze")
    assert event["at_object_id"] == str(account.account_id)


def test_staff_where_only_customers_may_be(auditor: User, recorded: Recorded) -> None:
    signed_in(auditor).get("/accounts")
    assert [event["route"] for event in recorded("access.refused")] == ["accounts"]


@pytest.mark.parametrize("address", ["/api/v1/accounts/{}", "/accounts/{}"])
def test_what_belongs_to_another_customer(ada: User, address: str, recorded: Recorded) -> None:
    foreign = AccountFactory.create(owner=CustomerFactory.create()).account_id
    signed_in(ada).get(address.format(foreign))
    [event] = recorded("access.refused")
    assert (event["status"], event["at_account_id"]) == (404, str(foreign))


def test_an_address_that_nobody_has_is_no_refusal(ada: User, recorded: Recorded) -> None:
    client = signed_in(ada)
    client.get("/nowhere")
    client.get("/api/v1/nowhere")
    assert not recorded("access.refused")


def test_a_name_in_an_address_is_not_repeated(auditor: User, recorded: Recorded) -> None:
    Caller.of(auditor).post("accounts/ada-decade/deposits", {"amount": "1.00"})
    [event] = recorded("access.refused")
    assert "decade" not in str(event)


def test_a_form_from_elsewhere(ada: User, recorded: Recorded) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    client.post("/profile", {"name": "x"}, headers={"Referer": "https://evil.example/?q=ada@example.org"})
    [event] = recorded("access.refused")
    assert (event["actor"], event["code"]) == (ada.actor, "CSRF")
    assert "evil" not in str(event)


def test_refusals_within_a_bulk(ada: User, recorded: Recorded) -> None:
    foreign = AccountFactory.create(owner=CustomerFactory.create()).account_id
    items = [{"path": f"accounts/{foreign}/deposits", "body": {"amount": "1.00"}, "key": str(n)} for n in range(5)]
    items.append({"path": f"customers/{uuid4()}/suspend", "body": {"reason": "no"}, "key": "x"})
    Caller.of(ada).post("bulk", {"mode": "each", "items": items})
    codes = {event["code"] for event in recorded("access.refused")}
    assert codes == {"ACCOUNT_NOT_FOUND", "FORBIDDEN"}
    assert len(recorded("access.refused")) == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("face", ["api", "admin"])
def test_an_approval_of_ones_own(face: str, recorded: Recorded) -> None:
    from tests.factories import StaffFactory

    account = AccountFactory.create(owner=CustomerFactory.create())
    maker = StaffFactory.create(role="superuser")
    approval = ApprovalFactory.create(account=account, amount=1, by=maker)
    if face == "api":
        Caller.of(maker).post(f"approvals/{approval.approval_id}/approve", {})
    else:
        form = {"command_id": uuid4(), "reason": "mine"}
        signed_in(maker).post(f"/admin/actions/approve/{approval.approval_id}/", form)
    [event] = recorded("access.refused")
    assert (event["actor"], event["code"]) == (maker.actor, "SELF_APPROVAL")
    assert event["command"] == "approval.approve"


def test_what_takes_an_approval(operator: User, account: Account, recorded: Recorded, settings: Any) -> None:
    settings.APPROVAL_ABOVE = 1
    form = {"command_id": uuid4(), "limit": "500", "reason": "asked"}
    signed_in(operator).post(f"/admin/actions/overdraft/{account.account_id}/", form)
    [event] = recorded("access.refused")
    assert (event["code"], event["command"]) == ("APPROVAL_REQUIRED", "SetOverdraftLimit")


def test_a_mistake_is_no_refusal(ada: User, account: Account, operator: User, recorded: Recorded) -> None:
    caller = Caller.of(ada)
    caller.post(f"accounts/{account.account_id}/withdrawals", {"amount": "99999.00"})
    SuspensionFactory.create(customer=ada, by=operator)
    caller.post(f"accounts/{account.account_id}/withdrawals", {"amount": "1.00"}, key="2")
    assert not recorded("access.refused")


def test_a_crowd_of_refusals_takes_few_lines(ada: User, recorded: Recorded) -> None:
    caller = Caller.of(ada)
    for _ in range(25):
        caller.get("customers")
    assert [event["times"] for event in recorded("access.refused")] == [1, 10]


def test_a_crowd_of_forged_forms_takes_few_lines_too(db: None, recorded: Recorded) -> None:
    for _ in range(12):
        Client(enforce_csrf_checks=True).post("/sign-in", {"username": "x@example.org"})
    assert [event["times"] for event in recorded("access.refused")] == [1, 10]


def test_a_failed_sign_in_is_told_once(ada: User, recorded: Recorded) -> None:
    Caller().post("token", {"email": ada.email, "password": "wrong"}, key=None)
    assert recorded("sign_in.failed")
    assert not recorded("access.refused")


def test_throttling_takes_one_line_for_each_caller(
    ada: User, operator: User, recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FixedWindowThrottle, "THROTTLE_RATES", {"anon": "1/hour", "user": "1/hour"})
    for user in (ada, operator):
        for _ in range(5):
            Caller.of(user).get("me")
    for _ in range(3):
        Caller().get("me")
    actors = [event["actor"] for event in recorded("request.throttled")]
    assert actors == [ada.actor, operator.actor, "anonymous"]
