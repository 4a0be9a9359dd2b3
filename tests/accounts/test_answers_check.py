"""Answers agree with the events of their commands, which `verify` looks at."""

from typing import Any

import pytest

from accounts.services.answers_check import answers_as_recorded, answers_without_a_seal
from eventstore import feed
from eventstore.integrity.checks import answer_checks, site_checks
from eventstore.models import Command
from tests.demo.worlds import WHOLE, make
from tests.factories import (
    AccountFactory,
    CaptureFactory,
    DepositFactory,
    HoldFactory,
    OverdraftFactory,
    ReversalFactory,
    SuspensionFactory,
    TransferFactory,
)
from tests.tampering import forge_rows

pytestmark = pytest.mark.django_db


def problems() -> list[str]:
    """What both checks find, as `verify` calls them."""
    mark = feed.advance()
    by_position = {record.position: record for record in feed.read(0, limit=100_000)}
    found = [
        problem
        for command in feed.read_commands(0, mark.number, limit=100_000)
        for check in answer_checks[command.type].values()
        if command.accepted
        for problem in check(command, [by_position[position] for position in command.positions])
    ]
    return [*found, *(each.problem for each in answers_without_a_seal())]


def answer_of(command_type: str) -> dict[str, Any]:
    answer: dict[str, Any] = Command.objects.filter(type=command_type).latest("number").response
    return answer


def edit(command_type: str, **changes: Any) -> None:
    number = Command.objects.filter(type=command_type).latest("number").number
    forge_rows(Command, {"number": number}, response=answer_of(command_type) | changes)


def test_all_answers_of_a_demo_world_agree() -> None:
    make(**WHOLE)
    assert Command.objects.filter(accepted=True).count() > 200
    assert problems() == []


def test_both_checks_are_declared() -> None:
    assert answers_as_recorded in answer_checks["account.deposit"].values()
    assert answers_without_a_seal in site_checks.values()


NOBODY = "00000000-0000-0000-0000-000000000001"
EDITS: list[tuple[str, str, Any]] = [
    ("account.deposit", "balance", 1_000_000),
    ("account.deposit", "entry_id", NOBODY),
    ("account.transfer", "transfer_id", NOBODY),
    ("account.transfer", "entry_id", NOBODY),
    ("account.place_hold", "held", 1),
    ("account.capture_hold", "hold_id", NOBODY),
    ("account.capture_hold", "balance", 7),
    ("account.reverse_entry", "reverses", NOBODY),
    ("account.open", "currency", "USD"),
    ("customer.suspend", "status", "active"),
    ("account.deposit", "available", 1_000_000),
    ("account.place_hold", "available", 1_000_000),
    ("account.set_overdraft_limit", "overdraft_limit", 1_000_000),
]


def test_an_edited_answer_is_found() -> None:
    for factory in (OverdraftFactory, TransferFactory, HoldFactory, CaptureFactory, ReversalFactory, SuspensionFactory):
        factory.create()
    DepositFactory.create(account=AccountFactory.create(balance=100))
    for command_type, name, value in EDITS:
        before = answer_of(command_type)
        edit(command_type, **{name: value})
        found = problems()
        assert found, f"{name} of {command_type}"
        assert all(problem.startswith(f"The answer says {name} {value}, ") for problem in found)
        edit(command_type, **before)
        assert problems() == []
