"""The owner's view of an account, and the demo rails."""

from uuid import UUID

import pytest
from django.test import override_settings
from django.utils import timezone

from accounts.domain.commands import Deposit, OpenAccount
from accounts.services.ids import new_id
from accounts.services.own_account import own_account
from accounts.services.registration import register_customer
from accounts.services.use_cases import send_command
from eventstore.decider import Refused
from eventstore.execute import execute
from eventstore.models import Command

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer_id() -> UUID:
    receipt = register_customer("1", name="Ada", email="ada@example.org", password="correct horse battery")
    return UUID(receipt.answer["customer_id"])


@pytest.fixture
def account_id(customer_id: UUID) -> UUID:
    account_id = new_id()
    command = OpenAccount(account_id, customer_id, "EUR", timezone.now(), label="Savings")
    assert execute(command, "2", actor=f"customer:{customer_id}").accepted
    return account_id


def deposit(account_id: UUID, customer_id: UUID, amount: int) -> Deposit:
    return Deposit(account_id, customer_id, new_id(), amount, timezone.now())


def test_shows_the_account_as_it_is_now(customer_id: UUID, account_id: UUID) -> None:
    assert send_command(deposit(account_id, customer_id, 1050), "3", actor=f"customer:{customer_id}").accepted
    account = own_account(account_id, customer_id)
    assert (account.label, account.currency, account.balance) == ("Savings", "EUR", 1050)


@pytest.mark.parametrize("stranger", [None, UUID(int=1)])
def test_nobody_else_finds_it(stranger: UUID | None, account_id: UUID) -> None:
    with pytest.raises(Refused) as caught:
        own_account(account_id, stranger)
    assert caught.value.refusal.code == "ACCOUNT_NOT_FOUND"


def test_what_is_no_account_is_not_found(customer_id: UUID) -> None:
    for other in (new_id(), customer_id):
        with pytest.raises(Refused):
            own_account(other, customer_id)


def test_money_keeps_to_the_rails(customer_id: UUID, account_id: UUID) -> None:
    command = deposit(account_id, customer_id, 1050)
    with override_settings(DEMO_RAILS=False), pytest.raises(Refused) as caught:
        send_command(command, "3", actor=f"customer:{customer_id}")
    assert caught.value.refusal.code == "RAILS_OFF"
    assert not Command.objects.filter(type="account.deposit").exists()
    assert send_command(command, "3", actor=f"customer:{customer_id}").accepted


def test_an_effective_date_is_recorded(customer_id: UUID, account_id: UUID) -> None:
    opened_at = own_account(account_id, customer_id).opened_at
    command = Deposit(account_id, customer_id, new_id(), 1050, timezone.now(), effective_at=opened_at)
    send_command(command, "3", actor=f"customer:{customer_id}")
    stored = Command.objects.get(type="account.deposit")
    assert opened_at
    assert stored.metadata["effective_at"] == opened_at.isoformat()
