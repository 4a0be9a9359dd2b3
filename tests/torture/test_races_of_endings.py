"""Ends are clean: no money in a closed account, no account of an erased customer.

A design that adds up what is left, and then closes, loses what arrives in between; one that looks for open accounts,
and then forgets their owner, leaves an account that no customer can ever use.
"""

from functools import partial

import pytest
from django.utils import timezone

from accounts.domain.commands import CloseAccount, Deposit, EraseCustomer, OpenAccount, Transfer
from accounts.services.erasure import erase_personal_data
from accounts.services.ids import new_id
from accounts.users.models import User
from eventstore import log
from eventstore.models import Event, SubjectKey
from projections.models import Account
from tests.factories import AccountFactory, CustomerFactory
from tests.torture.races import DONE, Contender, race, rounds, sent, while_uncommitted

pytestmark = pytest.mark.django_db(transaction=True)

NOW = timezone.now()


def close(account: Account, into: Account | None = None) -> Contender:
    ids = account.account_id, account.customer_id, new_id(), new_id(), new_id()
    return sent(CloseAccount(*ids, NOW, sweep_to=into.account_id if into else None))


def deposit(account: Account, amount: int = 10) -> Contender:
    return sent(Deposit(account.account_id, account.customer_id, new_id(), amount, NOW))


def transfer(source: Account, target: Account, amount: int = 10) -> Contender:
    ids = new_id(), source.customer_id, source.account_id, target.account_id, new_id(), new_id()
    return sent(Transfer(*ids, amount, NOW))


def balance(account: Account) -> int:
    state = log.load("account", account.account_id)[0]
    row = Account.objects.get(pk=account.pk)
    assert (row.balance, row.status) == (state.balance, state.status)
    assert not (state.closed and state.balance)
    return int(state.balance)


def two_of_one(first: int = 100, second: int = 0) -> tuple[Account, Account]:
    owner = CustomerFactory.create()
    return AccountFactory.create(owner=owner, balance=first), AccountFactory.create(owner=owner, balance=second)


def test_closing_with_a_sweep_against_money_that_arrives() -> None:
    for chance in rounds():
        account, rest = two_of_one()
        other = AccountFactory.create(balance=100)
        paid = [deposit(account) for _ in range(3)]
        given = [transfer(other, account) for _ in range(3)]
        came = race([close(account, rest), *paid, *given], chance)
        assert came[0] == DONE
        assert set(came) <= {DONE, "ACCOUNT_CLOSED"}
        arrived, sent_there = came[1:4].count(DONE), came[4:].count(DONE)
        assert (balance(account), balance(other)) == (0, 100 - 10 * sent_there)
        assert balance(rest) == 100 + 10 * (arrived + sent_there)
        assert last_event_of(account) == "account.closed"


def test_closing_an_empty_account_against_money_that_arrives() -> None:
    for chance in rounds():
        account = AccountFactory.create()
        closed, paid = race([close(account), deposit(account)], chance)
        assert (closed, paid) in [(DONE, "ACCOUNT_CLOSED"), ("ACCOUNT_NOT_EMPTY", DONE)]
        assert balance(account) == (10 if paid == DONE else 0)


def test_two_that_are_swept_into_each_other() -> None:
    """Two closings that lock streams in the order of their names would deadlock."""
    for chance in rounds():
        first, second = two_of_one(60, 40)
        came = race([close(first, second), close(second, first)], chance)
        assert sorted(came) == ["ACCOUNT_CLOSED", DONE]
        assert sorted([balance(first), balance(second)]) == [0, 100]


@pytest.mark.postgresql
def test_money_waits_for_the_closing_that_is_not_committed_yet() -> None:
    account, rest = two_of_one()
    assert while_uncommitted(close(account, rest), deposit(account)) == (DONE, "ACCOUNT_CLOSED")
    assert (balance(account), balance(rest)) == (0, 100)


@pytest.mark.postgresql
def test_a_closing_waits_for_the_money_that_is_not_committed_yet() -> None:
    account, rest = two_of_one()
    assert while_uncommitted(deposit(account), close(account, rest)) == (DONE, DONE)
    assert (balance(account), balance(rest)) == (0, 110)


def last_event_of(account: Account) -> str:
    return Event.objects.filter(stream_id=account.account_id).latest("position").type


def open_account(owner: User) -> Contender:
    assert owner.customer_id
    return sent(OpenAccount(new_id(), owner.customer_id, "EUR", NOW), owner.actor)


def erase(owner: User) -> Contender:
    assert owner.customer_id
    return sent(
        EraseCustomer(owner.customer_id, "Asked for it"), in_transaction=partial(erase_personal_data, owner.customer_id)
    )


def forgotten_or_served(owner: User, opened: str, erased: str) -> None:
    """Either the account opens or the customer is erased, whole."""
    assert (opened, erased) in [(DONE, "CUSTOMER_HAS_ACCOUNTS"), ("CUSTOMER_NOT_FOUND", DONE)]
    assert owner.customer_id
    has_account = Account.objects.filter(customer_id=owner.customer_id).exists()
    has_key = bool(SubjectKey.objects.get(subject_id=owner.customer_id).wrapped)
    may_sign_in = User.objects.get(pk=owner.pk).is_active
    assert has_account == has_key == may_sign_in == (opened == DONE)


def test_opening_an_account_against_erasing_its_owner() -> None:
    for chance in rounds():
        owner = CustomerFactory.create()
        forgotten_or_served(owner, *race([open_account(owner), erase(owner)], chance))


@pytest.mark.postgresql
def test_erasing_waits_for_the_account_that_is_not_committed_yet() -> None:
    """Which it could not see without waiting: another transaction has it."""
    owner = CustomerFactory.create()
    opened, erased = while_uncommitted(open_account(owner), erase(owner))
    assert erased == "CUSTOMER_HAS_ACCOUNTS"
    forgotten_or_served(owner, opened, erased)


@pytest.mark.postgresql
def test_an_account_waits_for_the_erasure_that_is_not_committed_yet() -> None:
    owner = CustomerFactory.create()
    erased, opened = while_uncommitted(erase(owner), open_account(owner))
    assert opened == "CUSTOMER_NOT_FOUND"
    forgotten_or_served(owner, opened, erased)


def test_closing_the_last_account_against_erasing_its_owner() -> None:
    for chance in rounds():
        account = AccountFactory.create()
        owner = User.objects.get(customer_id=account.customer_id)
        closed, erased = race([close(account), erase(owner)], chance)
        assert closed == DONE
        assert erased in (DONE, "CUSTOMER_HAS_ACCOUNTS")
        assert User.objects.get(pk=owner.pk).is_active == (erased != DONE)
