"""The world as it is: commands are executed, and what they lead to is read from the read models."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.core.management import call_command

from accounts.domain.account import Account as State
from accounts.domain.commands import Approve, Deposit, RegisterCustomer, ReverseEntry, Withdraw
from accounts.services.approvals import build_approval
from accounts.services.ids import new_id
from accounts.services.reversals import build_reversal
from accounts.services.use_cases import USE_CASES
from accounts.users.emails import has_mailbox
from accounts.users.models import User
from accounts.users.sign_ins import make_sign_in
from eventstore import log
from eventstore.execute import Receipt, execute
from eventstore.projecting import installation, realtime
from eventstore.projecting.runner.runner import Runner
from projections.models import Account, Approval, Customer, Entry, Hold, JournalLeg
from tests.accounts.machine.books import Book
from tests.accounts.machine.model import Model
from tests.accounts.machine.rules import facts_of_account, facts_of_book
from tests.accounts.machine.strategies import ADA, BOB, START
from tests.accounts.machine.walk import Walk


class Database:
    """The effects of commands in the read models and the log."""

    def take(self, command: Any, actor: str, now: datetime) -> str | None:
        receipt = execute_at(as_from_outside(command), actor, now)
        assert receipt.recorded_at == now
        assert receipt.accepted or not receipt.positions
        return receipt.refusal.code if receipt.refusal else None

    def available(self, account_id: UUID) -> int:
        return Account.objects.get(account_id=account_id).available

    def agree(self, model: Model) -> None:
        Runner().catch_up()
        assert Account.objects.count() == len(model.books)
        for book in model.books.values():
            account_agrees(book)
            history_agrees(book)
        journal_agrees(model)
        statuses = dict(Customer.objects.values_list("customer_id", "status"))
        assert statuses == {customer_id: person.status for customer_id, person in model.people.items()}
        emails_agree(model)
        requests = dict(Approval.objects.values_list("approval_id", "status"))
        assert requests == {request.approval_id: request.status for request in model.requests}


class Executing(Walk):
    """A walk in the database."""

    has_sign_ins = True

    def enter(self) -> Database:
        realtime.forget_live()
        installation.install(using="default")
        for customer_id in (ADA, BOB):
            email = f"{customer_id}@example.org"
            command = RegisterCustomer(customer_id, "Somebody", email, "en", "UTC")
            sign_in = partial(make_sign_in, email, make_password(None), customer_id)
            assert execute_at(command, "anybody", START, sign_in).accepted
        return Database()

    def teardown(self) -> None:
        call_command("flush", interactive=False, verbosity=0, reset_sequences=False, inhibit_post_migrate=True)


def execute_at(command: Any, actor: str, now: datetime, in_transaction: Callable[[], object] | None = None) -> Receipt:
    use_case = USE_CASES.get(type(command))
    if use_case and use_case.side_effect:
        in_transaction = use_case.side_effect(command)
    effective_at = command.effective_at if isinstance(command, Deposit | Withdraw) else None
    return execute(
        command, new_id(), actor=actor, recorded_at=now, effective_at=effective_at, in_transaction=in_transaction
    )


def as_from_outside(command: Any) -> Any:
    """The command as it is made from what a sender knows: the id of an entry, or of a request."""
    match command:
        case ReverseEntry(leg=leg, other_leg=other):
            found = build_reversal(leg.entry_id, command.reason)
            found = replace(found, leg=replace(found.leg, undone_by=leg.undone_by))
            if found.other_leg and other:
                found = replace(found, other_leg=replace(found.other_leg, undone_by=other.undone_by))
            assert (found.leg, found.other_leg) == (leg, other)
            return found
        case Approve():
            found_approval = build_approval(command.approval_id, command.approver)
            assert replace(found_approval, now=command.now) == command
            return found_approval
        case _:
            return command


def account_agrees(book: Book) -> None:
    state: State = log.current("account", book.account_id)
    row = Account.objects.get(account_id=book.account_id)
    shown = (
        row.balance,
        row.held,
        row.available,
        row.status,
        row.label,
        row.overdraft_limit,
        row.per_entry,
        row.daily_out,
        row.frozen_scope,
    )
    assert shown == facts_of_account(state) == facts_of_book(book)
    assert log.load("account", book.account_id)[0] == state
    holds = dict(Hold.objects.filter(account_id=book.account_id).values_list("hold_id", "status"))
    assert holds == {hold.hold_id: hold.status for hold in book.holds}


def emails_agree(model: Model) -> None:
    """Read model and sign-in show one address, and none for whoever has none; no two have the same."""
    for customer_id, person in model.people.items():
        assert Customer.objects.get(customer_id=customer_id).email == person.email
        user = User.objects.get(customer_id=customer_id)
        assert (user.email if has_mailbox(user.email) else None) == person.email
        assert (bool(user.email_confirmed_at), user.new_email or None) == (person.confirmed, person.wanted)


def history_agrees(book: Book) -> None:
    """Line by line, with the balance after each."""
    balance = 0
    rows = Entry.objects.filter(account_id=book.account_id).order_by("position")
    for row, line in zip(rows, book.lines, strict=True):
        balance += line.amount
        assert (row.entry_id, row.kind, row.signed_amount, row.balance) == (
            line.entry_id,
            line.kind,
            line.amount,
            balance,
        )
        assert row.recorded_at == line.at
    undone = {row.reverses for row in rows if row.reverses}
    assert undone == {line.entry_id for line in book.lines if line.undone}


def journal_agrees(model: Model) -> None:
    """The legs of each currency sum to zero, those of an account to its balance."""
    by_currency: dict[str, int] = defaultdict(int)
    by_account: dict[str, int] = defaultdict(int)
    for account, currency, amount in JournalLeg.objects.values_list("account", "currency", "amount"):
        by_currency[currency] += amount
        by_account[account] += amount
    assert not any(by_currency.values())
    assert all(by_account[str(book.account_id)] == book.balance for book in model.books.values())
