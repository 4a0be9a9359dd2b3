"""A walk through the domain: steps of customers and staff in any order."""

from uuid import UUID

from accounts.domain.commands import ReinstateCustomer, ReleaseHold, SetLimits, UnfreezeAccount, Withdraw
from tests.accounts.machine.base import step
from tests.accounts.machine.owners import OwnerSteps
from tests.accounts.machine.staff import StaffSteps
from tests.accounts.machine.strategies import LONG_AGO, people, persons_of_staff


class Walk(OwnerSteps, StaffSteps):
    """All steps, in any world."""

    @step(customer=people, staff=persons_of_staff)
    def leave(self, customer: UUID, staff: str) -> None:
        """Withdraw all money, close all accounts and erase the customers, as far as possible."""
        if len(self.model.lines) < 12:
            return
        self.take(ReinstateCustomer(customer, "So that they can leave"), staff)
        for book in [book for book in self.model.books.values() if book.owner == customer]:
            self.take(UnfreezeAccount(book.account_id, "So that they can leave"), staff)
            self.take(SetLimits(book.account_id, None, None), staff)
            for hold in book.open_holds:
                self.take(ReleaseHold(book.account_id, customer, hold.hold_id, LONG_AGO), f"customer:{customer}")
            if book.balance > 0:
                self.spend(Withdraw(book.account_id, customer, self.new_id(), book.balance, LONG_AGO), book.account_id)
            self.close(book.account_id, True, None)
        self.erase(customer, "Asked for it", staff)
