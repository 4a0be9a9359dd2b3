"""Invariants of accounts: they hold whatever customers do, in whatever order."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.domain.account import Account
from accounts.domain.commands import Deposit, Transfer, Withdraw
from accounts.domain.customer import Customer
from accounts.domain.events import MoneyDeposited, MoneyWithdrawn, TransferReceived, TransferSent
from accounts.domain.money import MAX_MONEY
from eventstore import decider
from eventstore.decider import Refused
from eventstore.messages import StreamKey
from tests.accounts.examples import ADA, ADAS, BOB, BOBS, ENTRY, NOW, OTHER_ENTRY, TRANSFER, opened

OWNERS = {ADAS: ADA, BOBS: BOB}

accounts = st.sampled_from(sorted(OWNERS))
amounts = st.integers(min_value=-1, max_value=200) | st.just(MAX_MONEY)


def in_or_out(order: Any, account_id: UUID, amount: int) -> Any:
    return order(account_id, OWNERS[account_id], ENTRY, amount, NOW)


def transfer(source: UUID, target: UUID, amount: int) -> Transfer:
    return Transfer(TRANSFER, OWNERS[source], source, target, ENTRY, OTHER_ENTRY, amount, NOW)


commands = st.one_of(
    st.builds(in_or_out, st.sampled_from([Deposit, Withdraw]), accounts, amounts),
    st.builds(transfer, accounts, accounts, amounts),
)


def live(orders: Iterable[Any]) -> tuple[list[Any], dict[StreamKey, Any]]:
    """What happens to Ada's and Bob's accounts, and where they stand after it."""
    states: dict[StreamKey, Any] = {}
    happened: list[Any] = []
    for account_id, owner in OWNERS.items():
        stream = StreamKey("account", account_id)
        states[stream] = decider.deciders["account"].evolve(Account(), opened(account_id, owner))
        states[StreamKey("customer", owner)] = Customer(owner)
    for order in orders:
        try:
            decision = decider.decide(order, states)
        except Refused:
            continue
        states |= decision.states
        happened += [event for _, event in decision.events]
    return happened, states


def total(events: Iterable[Any], kind: type[Any]) -> int:
    return sum(event.amount for event in events if isinstance(event, kind))


@given(st.lists(commands, max_size=30))
@settings(max_examples=300)
def test_money_is_neither_made_nor_lost(orders: list[Any]) -> None:
    events, states = live(orders)
    balances = [state.balance for state in states.values() if isinstance(state, Account)]
    assert total(events, TransferSent) == total(events, TransferReceived)
    assert sum(balances) == total(events, MoneyDeposited) - total(events, MoneyWithdrawn)


@given(st.lists(commands, max_size=30))
def test_no_account_is_ever_overdrawn_or_overfull(orders: list[Any]) -> None:
    events, _ = live(orders)
    assert all(0 <= event.balance <= MAX_MONEY for event in events)


@given(st.lists(commands, max_size=30))
def test_the_balance_in_an_event_is_that_of_its_account(orders: list[Any]) -> None:
    balances = dict.fromkeys(OWNERS, 0)
    for event in live(orders)[0]:
        incoming = isinstance(event, MoneyDeposited | TransferReceived)
        balances[event.account_id] += event.amount if incoming else -event.amount
        assert event.balance == balances[event.account_id]
