"""The rules of a customer: pure, no database, no clock."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, assert_never
from uuid import UUID

from accounts.domain.commands import (
    CustomerCommand,
    EraseCustomer,
    RegisterCustomer,
    ReinstateCustomer,
    SuspendCustomer,
    UpdateCustomerDetails,
)
from accounts.domain.events import (
    CustomerDetailsUpdated,
    CustomerErased,
    CustomerEvent,
    CustomerRegistered,
    CustomerReinstated,
    CustomerSuspended,
)
from accounts.domain.reasons import must_give_reason
from eventstore.decider import Refused
from eventstore.decider import phrase as _


@dataclass(frozen=True, slots=True)
class Customer:
    """What the next decision about a customer needs. Nothing personal: state stands in clear."""

    customer_id: UUID | None = None
    locale: str = ""
    timezone: str = ""
    suspended: bool = False
    erased: bool = False

    @property
    def status(self) -> str:
        """In one word: active, suspended or erased."""
        return "erased" if self.erased else "suspended" if self.suspended else "active"

    def must_exist(self) -> None:
        """Accounts and details need somebody to belong to, who was not forgotten since."""
        if self.customer_id is None or self.erased:
            raise Refused("CUSTOMER_NOT_FOUND", _("There is no such customer."), field="customer_id")

    def must_be_new(self) -> None:
        """One registers once."""
        if self.customer_id is not None:
            raise Refused("VERSION_CONFLICT", _("This customer is registered already."), field="customer_id")

    def must_be_active(self) -> None:
        """Commands of a suspended customer are not taken."""
        if self.suspended:
            raise Refused("CUSTOMER_SUSPENDED", _("You are suspended. Please get in touch with us."))


def decide(customer: Customer, command: CustomerCommand) -> Iterator[CustomerEvent]:
    """Yield the events that a command causes, or refuse it."""
    match command:
        case RegisterCustomer():
            customer.must_be_new()
            yield CustomerRegistered(command.customer_id, command.name, command.email, command.locale, command.timezone)
        case UpdateCustomerDetails():
            customer.must_exist()
            customer.must_be_active()
            yield from _update(command)
        case SuspendCustomer() | ReinstateCustomer() | EraseCustomer():
            customer.must_exist()
            must_give_reason(command.reason)
            yield from _staff_act(customer, command)
        case _:
            assert_never(command)


def _update(command: UpdateCustomerDetails) -> Iterator[CustomerEvent]:
    details = command.name, command.email, command.locale, command.timezone
    if any(detail is not None for detail in details):
        yield CustomerDetailsUpdated(command.customer_id, *details)


def _staff_act(
    customer: Customer, command: SuspendCustomer | ReinstateCustomer | EraseCustomer
) -> Iterator[CustomerEvent]:
    """What is so already needs no event."""
    match command:
        case SuspendCustomer():
            if not customer.suspended:
                yield CustomerSuspended(command.customer_id, command.reason)
        case ReinstateCustomer():
            if customer.suspended:
                yield CustomerReinstated(command.customer_id, command.reason)
        case EraseCustomer():
            yield CustomerErased(command.customer_id, command.reason)
        case _:
            assert_never(command)


def evolve(customer: Customer, event: CustomerEvent) -> Customer:
    """The state after an event."""
    match event:
        case CustomerRegistered():
            return Customer(event.customer_id, event.locale, event.timezone)
        case CustomerDetailsUpdated():
            return replace(
                customer, locale=event.locale or customer.locale, timezone=event.timezone or customer.timezone
            )
        case CustomerSuspended():
            return replace(customer, suspended=True)
        case CustomerReinstated():
            return replace(customer, suspended=False)
        case CustomerErased():
            return replace(customer, erased=True)
        case _:
            assert_never(event)


def answer(customer: Customer, command: CustomerCommand) -> dict[str, Any]:
    """What the sender is told, without personal data: answers are stored for ever, in clear."""
    match command:
        case RegisterCustomer() | UpdateCustomerDetails():
            return {"customer_id": str(command.customer_id), "locale": customer.locale, "timezone": customer.timezone}
        case SuspendCustomer() | ReinstateCustomer() | EraseCustomer():
            return {"customer_id": str(command.customer_id), "status": customer.status}
        case _:
            assert_never(command)
