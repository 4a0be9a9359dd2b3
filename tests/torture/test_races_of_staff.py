"""A stop by staff holds: from then on the log has no event of that kind.

A design that looks whether a customer is suspended, or an account frozen, in rows that it does not lock, lets a
movement through that was decided before and is written after.
"""

from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from accounts.domain.commands import FreezeAccount, ReinstateCustomer, SuspendCustomer, Transfer, Withdraw
from accounts.services.ids import new_id
from accounts.services.reversals import build_reversal
from eventstore import log
from projections.models import Account, Entry
from tests.factories import AccountFactory, TransferFactory
from tests.torture import races
from tests.torture.races import DONE, race, rounds, sent, while_uncommitted

pytestmark = pytest.mark.django_db(transaction=True)

NOW = timezone.now()
SUSPENDED = "customer.suspended", "account.money_withdrawn"


def transfer(source: Account, target: Account, amount: int = 10) -> Transfer:
    ids = new_id(), source.customer_id, source.account_id, target.account_id, new_id(), new_id()
    return Transfer(*ids, amount, NOW)


def withdraw(account: Account, amount: int = 10) -> Withdraw:
    return Withdraw(account.account_id, account.customer_id, new_id(), amount, NOW)


def nothing_after(stop: str, kind: str, *streams: UUID) -> int:
    """The number of events of a type before the stop; asserts that there is none after it."""
    before, after = (" ".join(part) for part in split(races.log(*streams), stop))
    assert kind not in after
    return before.count(kind)


def split(names: list[str], at: str) -> tuple[list[str], list[str]]:
    return names[: names.index(at)], names[names.index(at) :]


def balance(account: Account) -> int:
    state: Any = log.load("account", account.account_id)[0]
    assert Account.objects.get(pk=account.pk).balance == state.balance
    return int(state.balance)


@pytest.mark.parametrize("scope", ["debits", "all"])
def test_freeze_against_transfers(scope: str) -> None:
    for chance in rounds():
        source, target = AccountFactory.create(balance=100), AccountFactory.create()
        there = [sent(transfer(source, target)) for _ in range(5)]
        came = race([*there, sent(FreezeAccount(source.account_id, scope, "Order"))], chance)
        assert came[-1] == DONE
        assert set(came) <= {DONE, "ACCOUNT_FROZEN"}
        assert nothing_after("account.frozen", "account.transfer_sent", source.account_id) == came[:-1].count(DONE)
        assert (balance(source), balance(target)) == (100 - 10 * came[:-1].count(DONE), 10 * came[:-1].count(DONE))


def test_a_recipient_who_is_frozen_meanwhile_gets_nothing_more() -> None:
    for chance in rounds():
        source, target = AccountFactory.create(balance=100), AccountFactory.create()
        there = [sent(transfer(source, target)) for _ in range(5)]
        came = race([*there, sent(FreezeAccount(target.account_id, "all", "Order"))], chance)
        arrived = nothing_after("account.frozen", "account.transfer_received", target.account_id)
        assert arrived == came[:-1].count(DONE)
        assert balance(source) + balance(target) == 100


def test_suspend_against_withdrawals() -> None:
    for chance in rounds():
        account = AccountFactory.create(balance=100)
        out = [sent(withdraw(account)) for _ in range(5)]
        came = race([*out, sent(SuspendCustomer(account.customer_id, "Complaint"))], chance)
        assert came[-1] == DONE
        assert set(came) <= {DONE, "CUSTOMER_SUSPENDED"}
        assert nothing_after(*SUSPENDED, account.account_id, account.customer_id) == came[:-1].count(DONE)
        assert balance(account) == 100 - 10 * came[:-1].count(DONE)


@pytest.mark.postgresql
def test_a_withdrawal_waits_for_the_suspension_that_is_not_committed_yet() -> None:
    """It writes another stream than the suspension, so nothing but the lock holds it."""
    account = AccountFactory.create(balance=100)
    suspend = sent(SuspendCustomer(account.customer_id, "Complaint"))
    assert while_uncommitted(suspend, sent(withdraw(account))) == (DONE, "CUSTOMER_SUSPENDED")
    assert balance(account) == 100
    reinstate = sent(ReinstateCustomer(account.customer_id, "Settled"))
    assert while_uncommitted(reinstate, sent(withdraw(account))) == (DONE, DONE)


@pytest.mark.postgresql
def test_a_suspension_waits_for_the_withdrawal_that_is_not_committed_yet() -> None:
    account = AccountFactory.create(balance=100)
    suspend = sent(SuspendCustomer(account.customer_id, "Complaint"))
    assert while_uncommitted(sent(withdraw(account)), suspend) == (DONE, DONE)
    assert nothing_after(*SUSPENDED, account.account_id, account.customer_id) == 1


@pytest.mark.postgresql
def test_a_transfer_waits_for_the_freeze_that_is_not_committed_yet() -> None:
    source, target = AccountFactory.create(balance=100), AccountFactory.create()
    freeze = sent(FreezeAccount(source.account_id, "debits", "Order"))
    assert while_uncommitted(freeze, sent(transfer(source, target))) == (DONE, "ACCOUNT_FROZEN")
    assert balance(source) == 100


def reversals_of(entry: Entry, count: int) -> list[races.Contender]:
    """Of a transfer, from either leg in turn; what it was is read before any of them begins."""
    legs = Entry.objects.filter(transfer_id=entry.transfer_id)
    return [sent(build_reversal(leg.entry_id, "Mistake")) for leg in [*legs] * count]


def undone_once(entry: Entry, came: list[str]) -> None:
    assert sorted(came) == ["ALREADY_REVERSED"] * (len(came) - 1) + [DONE]
    assert entry.counterparty
    assert races.log(entry.account_id, entry.counterparty).count("account.entry_reversed") == 2


def test_a_transfer_that_many_undo_at_once_is_undone_once() -> None:
    """A design that looks for an earlier reversal among the entries, without a lock, pays twice."""
    for chance in rounds():
        entry_id = TransferFactory.create(amount=30, source__balance=100, target__balance=100).answer["entry_id"]
        entry = Entry.objects.get(entry_id=entry_id)
        assert entry.counterparty
        undone_once(entry, race(reversals_of(entry, 2), chance))
        accounts = [Account.objects.get(account_id=one) for one in (entry.account_id, entry.counterparty)]
        assert [balance(account) for account in accounts] == [100, 100]


@pytest.mark.postgresql
def test_a_reversal_waits_for_the_one_that_is_not_committed_yet() -> None:
    entry = Entry.objects.get(entry_id=TransferFactory.create(amount=30).answer["entry_id"])
    undone_once(entry, list(while_uncommitted(*reversals_of(entry, 1))))
