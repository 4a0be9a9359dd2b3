"""Steps of customers: their accounts, their money, and what is held of it."""

from datetime import timedelta
from uuid import UUID

from hypothesis import strategies as st

from accounts.domain.commands import (
    CaptureHold,
    ChangeEmail,
    CloseAccount,
    Deposit,
    ExpireHolds,
    OpenAccount,
    PlaceHold,
    ReleaseEmail,
    ReleaseHold,
    RenameAccount,
    Transfer,
    UpdateCustomerDetails,
    Withdraw,
)
from tests.accounts.machine.base import Base, step
from tests.accounts.machine.strategies import (
    EMAILS,
    LONG_AGO,
    ZONES,
    Nearly,
    accounts,
    dates,
    mostly,
    payments,
    people,
    spans,
    sums,
    which,
)

emails = st.sampled_from(EMAILS)


class OwnerSteps(Base):
    """Steps of customers with accounts."""

    @step(customer=people, zone=st.sampled_from(["UTC", "Asia/Tokyo"]))
    def update(self, customer: UUID, zone: str) -> None:
        command = UpdateCustomerDetails(customer, name="Somebody else", timezone=zone)
        self.take(command, f"customer:{customer}")

    # E-mails

    @step(likely=2, customer=people, email=emails)
    def ask_for_email(self, customer: UUID, email: str) -> None:
        if self.has_sign_ins:
            self.take(UpdateCustomerDetails(customer, email=email), f"customer:{customer}")

    @step(likely=2, customer=people, email=emails, wanted=mostly)
    def change_email(self, customer: UUID, email: str, wanted: bool) -> None:
        email = (wanted and self.model.people[customer].wanted) or email
        if self.has_sign_ins:
            self.take(ChangeEmail(customer, email), f"customer:{customer}")

    @step(customer=people, email=emails, own=mostly)
    def release_email(self, customer: UUID, email: str, own: bool) -> None:
        email = (own and self.model.people[customer].email) or email
        if self.has_sign_ins:
            self.take(ReleaseEmail(customer, email), "anonymous:owner")

    # Accounts

    @step(
        account=accounts,
        customer=people,
        currency=st.sampled_from(["EUR", "EUR", "EUR", "JPY"]),
        zone=st.sampled_from(ZONES),
        by_staff=st.booleans(),
    )
    def open(self, account: UUID, customer: UUID, currency: str, zone: str, by_staff: bool) -> None:
        self.take(OpenAccount(account, customer, currency, LONG_AGO, timezone=zone, by_staff=by_staff), "anybody")

    @step(account=accounts, own=mostly, label=st.sampled_from(["", "Savings"]))
    def rename(self, account: UUID, own: bool, label: str) -> None:
        customer = self.sender(account, own)
        self.take(RenameAccount(account, customer, label), f"customer:{customer}")

    @step(likely=4, account=accounts, own=mostly, into=st.none() | accounts)
    def close(self, account: UUID, own: bool, into: UUID | None) -> None:
        if len(self.model.lines) < 8:
            return
        sent, received = self.new_id(), self.new_id()
        customer = self.sender(account, own)
        command = CloseAccount(account, customer, self.new_id(), sent, received, LONG_AGO, sweep_to=into)
        self.take(command, f"customer:{customer}")

    # Money

    @step(likely=2, account=accounts, own=mostly, amount=sums, back=dates)
    def deposit(self, account: UUID, own: bool, amount: int, back: timedelta | None) -> None:
        customer = self.sender(account, own)
        date = None if back is None else self.model.now - back
        command = Deposit(account, customer, self.new_id(), amount, LONG_AGO, effective_at=date)
        self.take(command, f"customer:{customer}")

    @step(likely=3, account=accounts, own=mostly, amount=payments, back=dates)
    def withdraw(self, account: UUID, own: bool, amount: int | Nearly, back: timedelta | None) -> None:
        date = None if back is None else self.model.now - back
        command = Withdraw(
            account, self.sender(account, own), self.new_id(), self.of(account, amount), LONG_AGO, effective_at=date
        )
        self.spend(command, account)

    @step(likely=4, source=accounts, to=accounts, own=mostly, amount=payments)
    def transfer(self, source: UUID, to: UUID, own: bool, amount: int | Nearly) -> None:
        customer, sent, received = self.sender(source, own), self.new_id(), self.new_id()
        self.spend(
            Transfer(self.new_id(), customer, source, to, sent, received, self.of(source, amount), LONG_AGO), source
        )

    # Holds

    @step(likely=6, account=accounts, own=mostly, by_staff=st.booleans(), amount=payments, span=spans)
    def place(self, account: UUID, own: bool, by_staff: bool, amount: int | Nearly, span: timedelta) -> None:
        customer = None if by_staff else self.sender(account, own)
        until = self.model.now + span
        self.spend(PlaceHold(account, customer, self.new_id(), self.of(account, amount), LONG_AGO, until), account)

    @step(likely=6, which=which, own=mostly, by_staff=st.booleans(), amount=st.none() | payments)
    def capture(self, which: int, own: bool, by_staff: bool, amount: int | Nearly | None) -> None:
        if not self.model.holds:
            return
        hold = self.model.holds[-1 - which % len(self.model.holds)]
        customer = None if by_staff else self.sender(hold.account_id, own)
        amount = hold.amount + amount.off if isinstance(amount, Nearly) else amount
        command = CaptureHold(hold.account_id, customer, hold.hold_id, self.new_id(), LONG_AGO, amount)
        self.spend(command, hold.account_id)

    @step(likely=2, which=which, own=mostly, by_staff=st.booleans())
    def release(self, which: int, own: bool, by_staff: bool) -> None:
        if not self.model.holds:
            return
        hold = self.model.holds[-1 - which % len(self.model.holds)]
        customer = None if by_staff else self.sender(hold.account_id, own)
        self.take(ReleaseHold(hold.account_id, customer, hold.hold_id, LONG_AGO), f"customer:{customer}")

    @step(likely=4, account=accounts)
    def expire(self, account: UUID) -> None:
        self.take(ExpireHolds(account, LONG_AGO), "system:expire_holds")
