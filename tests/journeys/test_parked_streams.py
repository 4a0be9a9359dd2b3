"""A member of staff handles a parked stream in a browser that runs no scripts."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from eventstore.projecting.declaration.registry import projections
from eventstore.projecting.runner.runner import Runner
from projections.models import Account, JournalLeg
from tests.factories import PASSWORD, AccountFactory, DepositFactory, StaffFactory
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def parked(monkeypatch: pytest.MonkeyPatch) -> Account:
    """Two deposits: a projector fails on the first, and the second waits behind it."""
    account = AccountFactory.create()
    for amount in (1_000, 50):
        DepositFactory.create(account=account, amount=amount)
    legs = projections["journal_legs"]

    def unlucky(event: Any, record: Any) -> Iterator[JournalLeg]:
        if event.amount == 1_000:
            raise ArithmeticError("unlucky")
        yield from legs.function(event, record)

    monkeypatch.setitem(projections, "journal_legs", replace(legs, function=unlucky))
    Runner().catch_up()
    return account


@pytest.fixture
def operator() -> str:
    email: str = StaffFactory.create(role="operator").email
    return email


def test_an_operator_tries_again_and_then_skips_with_a_reason(
    parked: Account, operator: str, visitor_without_scripts: Visitor
) -> None:
    visitor = visitor_without_scripts
    visitor.go("/admin/login/?next=/admin/eventstore/parked/")
    visitor.fill("E-mail", operator)
    visitor.fill("Password", PASSWORD)
    visitor.press("Log in")
    visitor.page.get_by_role("checkbox").check()
    visitor.press("Try the chosen again")
    visitor.reads("1 stream failed again and stays parked.")
    visitor.follow("journal_legs")
    visitor.press("Skip this event")
    visitor.reads("This field is required.")
    visitor.fill("Reason", "Booked by hand.")
    visitor.press("Skip this event")
    visitor.reads("is skipped.")
    visitor.reads("There is nothing here.")
