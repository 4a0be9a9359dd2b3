"""The world as the deciders alone make it: states and events, without a database."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.domain.account import Account
from accounts.domain.commands import EraseCustomer
from accounts.domain.events import CustomerRegistered, EntryReversed, TransferReceived, TransferSent, signed_amount
from eventstore import decider
from eventstore.decider import Decision, Refused
from eventstore.messages import StreamKey, canonical, encode, type_of
from tests.accounts.machine.books import Book
from tests.accounts.machine.model import Model
from tests.accounts.machine.strategies import ADA, BOB
from tests.accounts.machine.walk import Walk


@dataclass
class Rules:
    """The deciders' answers, and the states after them."""

    states: dict[StreamKey, Any] = field(default_factory=dict)

    def take(self, command: Any, actor: str, now: datetime) -> str | None:
        command = type_of(command).at(command, now)
        streams = [stream for stream in type_of(command).streams_of(command) if stream]
        states = {stream: self.state(stream) for stream in streams}
        encode(command)
        try:
            if isinstance(command, EraseCustomer):
                self._must_have_no_account(command.customer_id)
            decision = decider.decide(command, states)
        except Refused as no:
            return no.refusal.code
        money_is_neither_made_nor_lost(decision)
        self.states.update({stream: stored(stream, state) for stream, state in decision.states.items()})
        return None

    def state(self, stream: StreamKey) -> Any:
        return self.states.get(stream, decider.initial_state(stream.category))

    def account(self, account_id: UUID) -> Account:
        account: Account = self.state(StreamKey("account", account_id))
        return account

    def available(self, account_id: UUID) -> int:
        return self.account(account_id).available

    def agree(self, model: Model) -> None:
        for book in model.books.values():
            account = self.account(book.account_id)
            assert facts_of_account(account) == facts_of_book(book)
            assert {hold.hold_id for hold in account.holds} == {hold.hold_id for hold in book.open_holds}
        for customer_id, person in model.people.items():
            assert self.state(StreamKey("customer", customer_id)).status == person.status
        for request in model.requests:
            assert self.state(StreamKey("approval", request.approval_id)).status == request.status

    def _must_have_no_account(self, customer_id: UUID) -> None:
        """The part of the rule that reads other streams; the database's world has the real one."""
        accounts = [state for state in self.states.values() if isinstance(state, Account)]
        if any(account.customer_id == customer_id and not account.closed for account in accounts):
            raise Refused("CUSTOMER_HAS_ACCOUNTS", "There are some.")


class Deciding(Walk):
    """A walk by the rules alone."""

    def enter(self) -> Rules:
        rules = Rules()
        for customer_id in (ADA, BOB):
            stream = StreamKey("customer", customer_id)
            event = CustomerRegistered(customer_id, "Somebody", "somebody@example.org", "en", "UTC")
            rules.states[stream] = decider.deciders["customer"].evolve(rules.state(stream), event)
        return rules


def facts_of_account(account: Account) -> tuple[Any, ...]:
    restrictions = account.overdraft_limit, account.per_entry, account.daily_out, account.frozen or None
    return account.balance, account.held, account.available, account.status, account.label, *restrictions


def facts_of_book(book: Book) -> tuple[Any, ...]:
    restrictions = book.overdraft, book.per_entry, book.daily_out, book.frozen
    return book.balance, book.held, book.available, book.status, book.label, *restrictions


def stored(stream: StreamKey, state: Any) -> Any:
    """A state as it comes back from the head of its stream."""
    back = decider.deciders[stream.category].decoder.decode(canonical(state))
    assert back == state
    return back


def money_is_neither_made_nor_lost(decision: Decision) -> None:
    """Money that leaves an account for another arrives there, in the same currency."""
    sums: dict[str, int] = defaultdict(int)
    for _, event in decision.events:
        encode(event)
        if isinstance(event, TransferSent | TransferReceived) or (
            isinstance(event, EntryReversed) and event.counterparty
        ):
            sums[event.currency] += signed_amount(event)
    assert not any(sums.values())
