"""An auditor looks something up in the catalogue of events and commands."""

import pytest

from tests.factories import PASSWORD, StaffFactory
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def auditor() -> str:
    email: str = StaffFactory.create(role="auditor").email
    return email


def test_an_auditor_finds_an_event_and_the_command_behind_it(auditor: str, visitor: Visitor) -> None:
    visitor.go("/admin/login/?next=/admin/eventstore/event/")
    visitor.fill("E-mail", auditor)
    visitor.fill("Password", PASSWORD)
    visitor.press("Log in")
    visitor.follow("Catalogue of events and commands")
    visitor.fill("A stored name", "arrived from outside")
    visitor.press("Find")
    visitor.follow("account.money_deposited")
    visitor.reads("As it is delivered to other systems")
    visitor.follow("account.deposit")
    visitor.reads("Credit an account with money from outside.")
