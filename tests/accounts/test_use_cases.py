"""Each command has one rule, and its staff task, policy and side effects stand in one table."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.test import override_settings
from django.utils import timezone

from accounts.domain import commands
from accounts.domain.commands import Deposit, EraseCustomer, FreezeAccount, Transfer, UpdateCustomerDetails
from accounts.services.use_cases import USE_CASES, command_request, staff_task_for
from accounts.users.roles import StaffTask
from eventstore.decider import Refused, handlers

CUSTOMER = UUID(int=1)
ACCOUNT = UUID(int=2)
NOW = datetime(2026, 3, 1, tzinfo=UTC)
BACK_THEN = datetime(2026, 2, 1, tzinfo=UTC)

ALL_COMMANDS = {
    found
    for found in vars(commands).values()
    if isinstance(found, type) and found.__module__ == commands.__name__ and found is not commands.Leg
}


def test_every_command_has_a_rule() -> None:
    assert {command_class for command_class in ALL_COMMANDS if command_class not in handlers} == set()


def test_every_use_case_is_that_of_a_command() -> None:
    assert set(USE_CASES) <= ALL_COMMANDS


def test_a_staff_task_entitles_to_what_staff_send() -> None:
    assert staff_task_for(FreezeAccount) == StaffTask.RESTRICT


def test_staff_send_no_customers_commands() -> None:
    with pytest.raises(LookupError, match="Staff don't send Transfer"):
        staff_task_for(Transfer)


def test_a_policy_refuses_before_there_is_a_request() -> None:
    command = Deposit(ACCOUNT, CUSTOMER, UUID(int=3), 1050, NOW)
    with override_settings(DEMO_RAILS=False), pytest.raises(Refused) as caught:
        command_request(command, "1", actor="customer:1")
    assert caught.value.refusal.code == "RAILS_OFF"


def test_a_request_carries_the_effective_date_of_its_command() -> None:
    command = Deposit(ACCOUNT, CUSTOMER, UUID(int=3), 1050, NOW, effective_at=BACK_THEN)
    assert command_request(command, "1", actor="customer:1").effective_at == BACK_THEN


def test_erasure_has_a_side_effect() -> None:
    command = EraseCustomer(CUSTOMER, "Asked for it")
    assert command_request(command, "1", actor="staff:1", proved_at=timezone.now()).in_transaction is not None


def test_the_sign_in_changes_with_the_email_alone() -> None:
    renamed = UpdateCustomerDetails(CUSTOMER, name="Ada")
    moved = UpdateCustomerDetails(CUSTOMER, email="ada@example.org")
    assert command_request(renamed, "1", actor="customer:1").in_transaction is None
    assert command_request(moved, "2", actor="customer:1").in_transaction is not None
