"""The rules of the domain once more, written from its description alone, as a model.

`apply` gives all reasons to refuse a command, in no order, for several may hold at once; if there are none, it applies
the command.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import UNSET

from accounts.domain import commands
from tests.accounts.machine.books import MAX_MONEY, Book, Held, Line, Person, Request, against_no_amount

NOWHERE = {"ACCOUNT_NOT_FOUND"}

_WORD = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass
class Model:
    """The state of the whole domain."""

    now: datetime
    people: dict[UUID, Person]
    books: dict[UUID, Book] = field(default_factory=dict)
    holds: list[Held] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    wanted: dict[UUID, Any] = field(default_factory=dict)  # what a request is for

    def apply(self, command: Any) -> set[str]:
        """The codes of which the refusal must have one; none if the command is accepted, and then it is applied."""
        reasons: set[str] = getattr(self, f"against_{name_of(command)}")(command)
        if not reasons:
            getattr(self, f"do_{name_of(command)}")(command)
        return reasons

    # Customers

    def against_update_customer_details(self, command: commands.UpdateCustomerDetails) -> set[str]:
        person = self.people[command.customer_id]
        return self._against_erased(command.customer_id) or person.against | self._against_others(person, command.email)

    def do_update_customer_details(self, command: commands.UpdateCustomerDetails) -> None:
        person = self.people[command.customer_id]
        if isinstance(command.email, str):
            person.wanted = None if command.email == person.email else command.email

    def against_change_email(self, command: commands.ChangeEmail) -> set[str]:
        person = self.people[command.customer_id]
        unwanted = set() if person.wanted == command.email else {"VERSION_CONFLICT"}
        return (
            self._against_erased(command.customer_id)
            or person.against | self._against_others(person, command.email) | unwanted
        )

    def do_change_email(self, command: commands.ChangeEmail) -> None:
        person = self.people[command.customer_id]
        person.email, person.confirmed, person.wanted = str(command.email), True, None

    def against_release_email(self, command: commands.ReleaseEmail) -> set[str]:
        person = self.people[command.customer_id]
        is_theirs = person.confirmed or person.email != command.email
        return self._against_erased(command.customer_id) or ({"EMAIL_TAKEN"} if is_theirs else set())

    def do_release_email(self, command: commands.ReleaseEmail) -> None:
        self.people[command.customer_id].email = None

    def _against_others(self, person: Person, email: Any) -> set[str]:
        others = {other.email for other in self.people.values() if other is not person}
        return {"EMAIL_TAKEN"} if email is not None and email in others else set()

    def against_suspend_customer(self, command: commands.SuspendCustomer) -> set[str]:
        return self._against_erased(command.customer_id) | without(command.reason)

    against_reinstate_customer = against_suspend_customer

    def do_suspend_customer(self, command: commands.SuspendCustomer) -> None:
        self.people[command.customer_id].status = "suspended"

    def do_reinstate_customer(self, command: commands.ReinstateCustomer) -> None:
        self.people[command.customer_id].status = "active"

    def against_erase_customer(self, command: commands.EraseCustomer) -> set[str]:
        still = any(book.owner == command.customer_id and not book.closed for book in self.books.values())
        return (
            self._against_erased(command.customer_id)
            | without(command.reason)
            | ({"CUSTOMER_HAS_ACCOUNTS"} if still else set())
        )

    def do_erase_customer(self, command: commands.EraseCustomer) -> None:
        self.people[command.customer_id] = Person("erased")

    def _against_erased(self, customer_id: UUID) -> set[str]:
        return {"CUSTOMER_NOT_FOUND"} if self.people[customer_id].status == "erased" else set()

    # Accounts

    def against_open_account(self, command: commands.OpenAccount) -> set[str]:
        suspended = set() if command.by_staff else self.people[command.customer_id].against
        taken = {"VERSION_CONFLICT"} if command.account_id in self.books else set()
        return self._against_erased(command.customer_id) | suspended | taken

    def do_open_account(self, command: commands.OpenAccount) -> None:
        assert command.timezone
        self.books[command.account_id] = Book(
            command.account_id, command.customer_id, command.currency, command.timezone, self.now, command.label
        )

    def against_rename_account(self, command: commands.RenameAccount) -> set[str]:
        return (
            self._against_foreign(command)
            or self._against_suspended(command) | self.books[command.account_id].against_any()
        )

    def do_rename_account(self, command: commands.RenameAccount) -> None:
        self.books[command.account_id].label = command.label

    def against_close_account(self, command: commands.CloseAccount) -> set[str]:
        if nowhere := self._against_foreign(command):
            return nowhere
        book = self.books[command.account_id]
        reasons = self._against_suspended(command) | book.against_debit(0)
        if book.open_holds or book.balance < 0 or (book.balance and not command.sweep_to):
            reasons |= {"ACCOUNT_NOT_EMPTY"}
        return reasons | (self._against_sweep(book, command) if command.sweep_to else set())

    def _against_sweep(self, book: Book, command: commands.CloseAccount) -> set[str]:
        target = self.books.get(command.sweep_to) if command.sweep_to else None
        if target is None or target.owner != book.owner:
            return NOWHERE
        reasons = misfit(book, target) | target.against_credit(max(book.balance, 0))
        return reasons | (book.against_spending(book.balance, self.now) if book.balance > 0 else set())

    def do_close_account(self, command: commands.CloseAccount) -> None:
        book = self.books[command.account_id]
        if book.balance and command.sweep_to:
            self._send(command, command.account_id, command.sweep_to, book.balance)
        book.closed, book.overdraft = True, 0

    def _against_foreign(self, command: Any) -> set[str]:
        book = self.books.get(command.account_id)
        is_theirs = book and command.customer_id in (None, book.owner)
        return set() if is_theirs else NOWHERE

    def _against_suspended(self, command: Any) -> set[str]:
        """Of customers who are suspended nothing is heard; staff have no `customer_id`."""
        return self.people[command.customer_id].against if command.customer_id else set()

    # Money

    def against_deposit(self, command: commands.Deposit) -> set[str]:
        if nowhere := self._against_foreign(command):
            return nowhere
        book = self.books[command.account_id]
        reasons = against_no_amount(command.amount) | book.against_credit(command.amount)
        return reasons | self._against_suspended(command) | self._misdated(book, command.effective_at)

    def do_deposit(self, command: commands.Deposit) -> None:
        self._move(command.account_id, command.entry_id, command.amount, "deposit")

    def against_withdraw(self, command: commands.Withdraw) -> set[str]:
        if nowhere := self._against_foreign(command):
            return nowhere
        book = self.books[command.account_id]
        reasons = self._against_paying(book, command.amount) | self._against_suspended(command)
        return reasons | self._misdated(book, command.effective_at)

    def do_withdraw(self, command: commands.Withdraw) -> None:
        self._move(command.account_id, command.entry_id, -command.amount, "withdrawal", counts=True)

    def against_transfer(self, command: commands.Transfer) -> set[str]:
        source, target = self.books.get(command.from_account), self.books.get(command.to_account)
        if source is None or source.owner != command.customer_id or target is None:
            return NOWHERE | (
                self._against_suspended(command) if source and source.owner == command.customer_id else set()
            )
        reasons = (
            self._against_suspended(command) | misfit(source, target) | self._against_paying(source, command.amount)
        )
        return reasons | target.against_credit(command.amount)

    def do_transfer(self, command: commands.Transfer) -> None:
        self._send(command, command.from_account, command.to_account, command.amount)

    def _against_paying(self, book: Book, amount: int) -> set[str]:
        reasons = against_no_amount(amount) | book.against_debit(amount)
        return reasons | book.against_spending(amount, self.now) | book.against_lack(amount)

    def _misdated(self, book: Book, effective_at: datetime | None) -> set[str]:
        is_fine = effective_at is None or book.opened_at <= effective_at <= self.now
        return set() if is_fine else {"EFFECTIVE_DATE_INVALID"}

    def _move(self, account_id: UUID, entry_id: UUID, amount: int, kind: str, *, counts: bool = False) -> Line:
        line = Line(entry_id, account_id, amount, self.now, kind, counts)
        self.books[account_id].lines.append(line)
        self.lines.append(line)
        return line

    def _send(self, command: Any, source: UUID, target: UUID, amount: int) -> None:
        sent = self._move(source, command.sent_entry_id, -amount, "transfer", counts=True)
        received = self._move(target, command.received_entry_id, amount, "transfer")
        sent.twin, received.twin = received, sent

    # Holds

    def against_place_hold(self, command: commands.PlaceHold) -> set[str]:
        if nowhere := self._against_foreign(command):
            return nowhere
        book = self.books[command.account_id]
        reasons = against_no_amount(command.amount) | book.against_debit(0) | book.against_lack(command.amount)
        reasons |= self._against_suspended(command) | (
            {"EFFECTIVE_DATE_INVALID"} if command.expires_at <= self.now else set()
        )
        return reasons | ({"AMOUNT_OUT_OF_RANGE"} if book.held + command.amount > MAX_MONEY else set())

    def do_place_hold(self, command: commands.PlaceHold) -> None:
        hold = Held(command.hold_id, command.account_id, command.amount, command.expires_at)
        self.books[command.account_id].holds.append(hold)
        self.holds.append(hold)

    def against_capture_hold(self, command: commands.CaptureHold) -> set[str]:
        book, hold = self.books[command.account_id], self._hold(command)
        if reasons := self._against_ending(command):
            return reasons | book.against_debit(0)
        amount = hold.amount if command.amount is None else command.amount
        reasons = against_no_amount(amount) | book.against_debit(amount) | book.against_spending(amount, self.now)
        return reasons | ({"CAPTURE_EXCEEDS_HOLD"} if amount > hold.amount else set())

    def do_capture_hold(self, command: commands.CaptureHold) -> None:
        hold = self._hold(command)
        hold.status = "captured"
        amount = hold.amount if command.amount is None else command.amount
        self._move(command.account_id, command.entry_id, -amount, "capture", counts=True)

    def against_release_hold(self, command: commands.ReleaseHold) -> set[str]:
        return self._against_ending(command)

    def do_release_hold(self, command: commands.ReleaseHold) -> None:
        self._hold(command).status = "released"

    def against_expire_holds(self, command: commands.ExpireHolds) -> set[str]:
        return set() if self._overdue(command) else {"HOLD_NOT_OPEN"}

    def do_expire_holds(self, command: commands.ExpireHolds) -> None:
        for hold in self._overdue(command):
            hold.status = "expired"

    def _hold(self, command: Any) -> Held:
        return next(hold for hold in self.holds if hold.hold_id == command.hold_id)

    def _against_ending(self, command: Any) -> set[str]:
        hold, book = self._hold(command), self.books[command.account_id]
        if command.customer_id not in (None, book.owner):
            return {"HOLD_NOT_FOUND"}
        is_over = hold.status != "open" or hold.until <= self.now
        return self._against_suspended(command) | ({"HOLD_NOT_OPEN"} if is_over else set())

    def _overdue(self, command: commands.ExpireHolds) -> list[Held]:
        book = self.books.get(command.account_id)
        return [hold for hold in book.open_holds if hold.until <= self.now] if book else []

    # What staff do

    def against_freeze_account(self, command: commands.FreezeAccount) -> set[str]:
        book = self.books.get(command.account_id)
        return book.against_any() | without(command.reason) if book else NOWHERE

    against_unfreeze_account = against_freeze_account

    def do_freeze_account(self, command: commands.FreezeAccount) -> None:
        self.books[command.account_id].frozen = command.scope

    def do_unfreeze_account(self, command: commands.UnfreezeAccount) -> None:
        self.books[command.account_id].frozen = None

    def against_set_limits(self, command: commands.SetLimits) -> set[str]:
        book = self.books.get(command.account_id)
        limits = [limit for limit in (command.per_entry, command.daily_out) if isinstance(limit, int)]
        return book.against_any().union(*map(against_no_limit, limits)) if book else NOWHERE

    def do_set_limits(self, command: commands.SetLimits) -> None:
        book = self.books[command.account_id]
        if command.per_entry is not UNSET:
            book.per_entry = command.per_entry
        if command.daily_out is not UNSET:
            book.daily_out = command.daily_out

    def against_set_overdraft_limit(self, command: commands.SetOverdraftLimit) -> set[str]:
        book = self.books.get(command.account_id)
        if book is None:
            return NOWHERE
        in_use = book.held - book.balance
        too_low = {"OVERDRAFT_BELOW_USAGE"} if command.limit < in_use else set()
        return book.against_any() | against_no_limit(command.limit) | too_low

    def do_set_overdraft_limit(self, command: commands.SetOverdraftLimit) -> None:
        self.books[command.account_id].overdraft = command.limit

    def against_reverse_entry(self, command: commands.ReverseEntry) -> set[str]:
        line = self._line(command.leg.entry_id)
        if line.kind in ("reversal", "adjustment"):
            return {"REVERSAL_NOT_REVERSIBLE"} | without(command.reason)
        reasons = without(command.reason) | ({"ALREADY_REVERSED"} if line.undone else set())
        return reasons.union(*(self._against_reversing(side) for side in (line, line.twin) if side))

    def _against_reversing(self, line: Line) -> set[str]:
        book = self.books[line.account_id]
        if line.amount < 0:
            return book.against_credit(-line.amount)
        return book.against_debit(line.amount) | book.against_lack(line.amount)

    def do_reverse_entry(self, command: commands.ReverseEntry) -> None:
        for leg in filter(None, (command.leg, command.other_leg)):
            line = self._line(leg.entry_id)
            line.undone = True
            self._move(line.account_id, leg.undone_by, -line.amount, "reversal")

    def _line(self, entry_id: UUID) -> Line:
        return next(line for line in self.lines if line.entry_id == entry_id)

    # What takes two of them

    def against_adjust_balance(self, command: commands.AdjustBalance) -> set[str]:
        return {"APPROVAL_REQUIRED"}

    def against_request_approval(self, command: commands.RequestApproval) -> set[str]:
        return without(command.reason) | self._against_order(self.wanted[command.approval_id])

    def do_request_approval(self, command: commands.RequestApproval) -> None:
        self.requests.append(Request(command.approval_id, self.wanted[command.approval_id], command.requested_by))

    def against_approve(self, command: commands.Approve) -> set[str]:
        request = self._request(command)
        reasons = self._against_deciding(request, command.approver)
        return reasons or self._against_order(request.order)

    def do_approve(self, command: commands.Approve) -> None:
        request = self._request(command)
        request.status, order = "granted", request.order
        if isinstance(order, commands.AdjustBalance):
            self._move(order.account_id, order.entry_id, order.amount, "adjustment")
        else:
            getattr(self, f"do_{name_of(order)}")(order)

    def against_refuse(self, command: commands.Refuse) -> set[str]:
        return self._against_deciding(self._request(command), command.approver) | without(command.reason)

    def do_refuse(self, command: commands.Refuse) -> None:
        self._request(command).status = "refused"

    def against_withdraw_request(self, command: commands.WithdrawRequest) -> set[str]:
        request = self._request(command)
        reasons = set() if command.requested_by == request.maker else {"FORBIDDEN"}
        return reasons | (set() if request.status == "open" else {"APPROVAL_NOT_OPEN"})

    def do_withdraw_request(self, command: commands.WithdrawRequest) -> None:
        self._request(command).status = "withdrawn"

    def _request(self, command: Any) -> Request:
        return next(request for request in self.requests if request.approval_id == command.approval_id)

    def _against_deciding(self, request: Request, person: str) -> set[str]:
        reasons = {"SELF_APPROVAL"} if person == request.maker else set()
        return reasons | (set() if request.status == "open" else {"APPROVAL_NOT_OPEN"})

    def _against_order(self, order: Any) -> set[str]:
        if not isinstance(order, commands.AdjustBalance):
            reasons: set[str] = getattr(self, f"against_{name_of(order)}")(order)
            return reasons
        book = self.books.get(order.account_id)
        if book is None:
            return NOWHERE
        if not order.amount:
            return {"INVALID_AMOUNT"}
        size = against_no_amount(abs(order.amount))
        return size | (book.against_credit(order.amount) if order.amount > 0 else book.against_debit(-order.amount))


def without(reason: str) -> set[str]:
    return set() if reason.strip() else {"REASON_REQUIRED"}


def misfit(source: Book, target: Book) -> set[str]:
    same = {"SAME_ACCOUNT"} if source.account_id == target.account_id else set()
    return same | ({"CURRENCY_MISMATCH"} if source.currency != target.currency else set())


def against_no_limit(limit: int) -> set[str]:
    return {"INVALID_AMOUNT"} if limit < 0 else {"AMOUNT_OUT_OF_RANGE"} if limit > MAX_MONEY else set()


def name_of(command: Any) -> str:
    """`place_hold` for PlaceHold."""
    return _WORD.sub("_", type(command).__name__).lower()
