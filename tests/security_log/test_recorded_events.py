"""Erasures, approvals, roles, keys and skipped events are recorded once they are committed, whoever caused them."""

import pytest
from django.core.management import call_command

from eventstore.models import Parked
from eventstore.projecting.parking import parking
from tests.authorization.world import _park
from tests.factories import (
    PASSWORD,
    AccountFactory,
    ApprovalFactory,
    CustomerFactory,
    DepositFactory,
    ErasureFactory,
    StaffFactory,
)
from tests.security_log.conftest import Recorded

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_erasure(recorded: Recorded) -> None:
    customer, operator = CustomerFactory.create(), StaffFactory.create(role="operator")
    ErasureFactory.create(customer=customer, by=operator)
    [event] = recorded("customer.erased")
    assert (event["actor"], event["customer_id"]) == (operator.actor, str(customer.customer_id))


def test_what_would_be_done_is_not_recorded(recorded: Recorded) -> None:
    from tests.api.caller import Caller

    customer, operator = CustomerFactory.create(), StaffFactory.create(role="operator")
    answer = Caller.of(operator).post(f"customers/{customer.customer_id}/erase", {"reason": "asked"}, dry_run=1)
    assert answer.status == 200
    assert not recorded("customer.erased")


def test_an_approval(recorded: Recorded) -> None:
    from tests.api.caller import Caller

    account = AccountFactory.create(owner=CustomerFactory.create())
    approval = ApprovalFactory.create(account=account, amount=1, by=StaffFactory.create(role="operator"))
    checker = StaffFactory.create(role="approver")
    assert Caller.of(checker).post(f"approvals/{approval.approval_id}/approve", {}).status == 200
    [event] = recorded("approval.granted")
    assert (event["actor"], event["approval_id"]) == (checker.actor, str(approval.approval_id))
    assert event["route"] == "api/v1/approvals/<str:approval_id>/approve"


def test_a_role(recorded: Recorded) -> None:
    call_command("create_staff", email="grace@example.org", role="auditor", password=PASSWORD)
    call_command("create_staff", email="grace@example.org", role="operator", password=PASSWORD)
    [first], [second] = recorded("staff.created"), recorded("staff.role_changed")
    assert (first["actor"], first["role"], second["role"]) == ("system:manage.py", "auditor", "operator")
    assert "grace" not in str((first, second))


def test_a_rotation_of_keys(recorded: Recorded) -> None:
    CustomerFactory.create()
    call_command("rotate_keys")
    [event] = recorded("keys.rotated")
    assert event["actor"] == "system:manage.py"
    assert event["master"].startswith("local:")


def test_a_skipped_event(recorded: Recorded, caplog: pytest.LogCaptureFixture) -> None:
    account = AccountFactory.create(owner=CustomerFactory.create())
    position = DepositFactory.create(account=account, amount=100).position
    _park(position)
    parking.skip(Parked.objects.get(), actor="Grace Zaubernuss", reason="It can't be mended")
    [event] = recorded("parked_event.skipped")
    assert (event["projection"], event["position"]) == ("journal_legs", str(position))
    assert event["actor"] == "system:manage.py"
    assert "Zaubernuss" not in caplog.text


def test_a_printed_read_model(recorded: Recorded) -> None:
    CustomerFactory.create()
    call_command("show_projection", "customers")
    [event] = recorded("personal_data.read")
    assert (event["actor"], event["what"], event["count"]) == ("system:manage.py", "customers", 1)
