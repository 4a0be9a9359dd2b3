"""Steps of staff: what one of them does alone, and what takes two."""

from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from msgspec import UNSET

from accounts.domain.commands import (
    AdjustBalance,
    Approve,
    EraseCustomer,
    FreezeAccount,
    Leg,
    Refuse,
    ReinstateCustomer,
    ReverseEntry,
    SetLimits,
    SetOverdraftLimit,
    SuspendCustomer,
    UnfreezeAccount,
    WithdrawRequest,
)
from accounts.services.approvals import build_approval_request
from tests.accounts.machine.base import Base, step
from tests.accounts.machine.books import Line
from tests.accounts.machine.strategies import (
    ADA,
    BOB,
    EVENTS,
    LONG_AGO,
    Nearly,
    accounts,
    limits,
    nearly,
    people,
    persons_of_staff,
    reasons,
    sums,
    which,
)


class StaffSteps(Base):
    """Steps of staff."""

    # Customers

    @step(customer=people, reason=reasons, staff=persons_of_staff)
    def suspend(self, customer: UUID, reason: str, staff: str) -> None:
        self.take(SuspendCustomer(customer, reason), staff)

    @step(likely=2, customer=people, reason=reasons, staff=persons_of_staff)
    def reinstate(self, customer: UUID, reason: str, staff: str) -> None:
        self.take(ReinstateCustomer(customer, reason), staff)
        self.take(ReinstateCustomer(ADA, "Often, or little happens"), staff)
        self.take(ReinstateCustomer(BOB, "Often, or little happens"), staff)

    @step(customer=people, reason=reasons, staff=persons_of_staff)
    def erase(self, customer: UUID, reason: str, staff: str) -> None:
        self.take(EraseCustomer(customer, reason), staff)

    # What staff do

    @step(likely=2, account=accounts, scope=st.sampled_from(["debits", "all"]), reason=reasons, staff=persons_of_staff)
    def freeze(self, account: UUID, scope: str, reason: str, staff: str) -> None:
        self.take(FreezeAccount(account, scope, reason), staff)

    @step(likely=2, account=accounts, reason=reasons, staff=persons_of_staff)
    def unfreeze(self, account: UUID, reason: str, staff: str) -> None:
        self.take(UnfreezeAccount(account, reason), staff)
        for each in self.model.books:
            self.take(UnfreezeAccount(each, "Often, or little happens"), staff)

    @step(likely=2, account=accounts, limit=limits | nearly, staff=persons_of_staff)
    def set_overdraft(self, account: UUID, limit: int | Nearly, staff: str) -> None:
        book = self.model.books.get(account)
        if isinstance(limit, Nearly):
            limit = (book.held - book.balance if book else 0) + limit.off
        self.take(SetOverdraftLimit(account, limit), staff)

    @step(
        likely=2,
        account=accounts,
        per_entry=limits | st.sampled_from([None, UNSET]),
        daily_out=limits | st.sampled_from([None, UNSET]),
        staff=persons_of_staff,
    )
    def set_limits(self, account: UUID, per_entry: Any, daily_out: Any, staff: str) -> None:
        self.take(SetLimits(account, per_entry, daily_out), staff)

    @step(likely=2, which=which, reason=reasons, staff=persons_of_staff)
    def reverse(self, which: int, reason: str, staff: str) -> None:
        if not self.model.lines:
            return
        self.take(self.reversal(which, reason), staff)

    def reversal(self, which: int, reason: str) -> ReverseEntry:
        line = self.model.lines[-1 - which % len(self.model.lines)]
        other = line.twin
        return ReverseEntry(
            account_id=line.account_id,
            other_account=other.account_id if other else None,
            leg=self.leg(line),
            other_leg=self.leg(other) if other else None,
            transfer_id=self.new_id() if other else None,
            event=EVENTS[line.kind],
            reason=reason,
            now=LONG_AGO,
        )

    def leg(self, line: Line) -> Leg:
        return Leg(line.account_id, line.entry_id, line.amount, self.new_id())

    # What takes two of them

    def adjustment(self, account: UUID, amount: int) -> AdjustBalance:
        return AdjustBalance(account, self.new_id(), amount, "Our mistake", self.new_id(), LONG_AGO)

    @step(account=accounts, amount=sums, staff=persons_of_staff)
    def adjust_alone(self, account: UUID, amount: int, staff: str) -> None:
        self.take(self.adjustment(account, amount), staff)

    @step(account=accounts, amount=sums, less=st.booleans(), reason=reasons, staff=persons_of_staff)
    def request_an_adjustment(self, account: UUID, amount: int, less: bool, reason: str, staff: str) -> None:
        self.request_approval(self.adjustment(account, -amount if less else amount), reason, staff)

    @step(which=which, reason=reasons, staff=persons_of_staff)
    def request_a_reversal(self, which: int, reason: str, staff: str) -> None:
        if not self.model.lines:
            return
        self.request_approval(self.reversal(which, reason), reason, staff)

    @step(account=accounts, limit=limits, reason=reasons, staff=persons_of_staff)
    def request_an_overdraft(self, account: UUID, limit: int, reason: str, staff: str) -> None:
        self.request_approval(SetOverdraftLimit(account, limit), reason, staff)

    def request_approval(self, wanted: Any, reason: str, staff: str) -> None:
        command = build_approval_request(wanted, {}, reason, staff)
        self.model.wanted[command.approval_id] = wanted
        self.take(command, staff)

    @step(likely=2, which=which, staff=persons_of_staff)
    def approve(self, which: int, staff: str) -> None:
        if not self.model.requests:
            return
        request = self.model.requests[-1 - which % len(self.model.requests)]
        other = getattr(request.order, "other_account", None)
        self.take(Approve(request.approval_id, request.order.account_id, other, staff, LONG_AGO), staff)

    @step(which=which, reason=reasons, staff=persons_of_staff)
    def refuse(self, which: int, reason: str, staff: str) -> None:
        if not self.model.requests:
            return
        request = self.model.requests[-1 - which % len(self.model.requests)]
        self.take(Refuse(request.approval_id, staff, reason), staff)

    @step(which=which, staff=persons_of_staff)
    def withdraw_the_request(self, which: int, staff: str) -> None:
        if not self.model.requests:
            return
        request = self.model.requests[-1 - which % len(self.model.requests)]
        self.take(WithdrawRequest(request.approval_id, staff), staff)
