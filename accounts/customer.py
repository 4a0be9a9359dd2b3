"""The rules of a customer: pure, no database, no clock."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, assert_never
from uuid import UUID

from accounts.commands import CustomerCommand, RegisterCustomer, UpdateCustomerDetails
from accounts.events import CustomerDetailsUpdated, CustomerEvent, CustomerRegistered
from eventstore.decider import Decider, Refused, register
from eventstore.decider import phrase as _


@dataclass(frozen=True, slots=True)
class Customer:
    """What the next decision about a customer needs. Nothing personal: state stands in clear."""

    customer_id: UUID | None = None
    locale: str = ""
    timezone: str = ""

    def must_exist(self) -> None:
        """Accounts and details need somebody to belong to."""
        if self.customer_id is None:
            raise Refused("CUSTOMER_NOT_FOUND", _("There is no such customer."), field="customer_id")

    def must_be_new(self) -> None:
        """One registers once."""
        if self.customer_id is not None:
            raise Refused("VERSION_CONFLICT", _("This customer is registered already."), field="customer_id")


def decide(customer: Customer, command: CustomerCommand) -> Iterator[CustomerEvent]:
    """Yield the events that a command causes, or refuse it."""
    match command:
        case RegisterCustomer():
            customer.must_be_new()
            yield CustomerRegistered(command.customer_id, command.name, command.email, command.locale, command.timezone)
        case UpdateCustomerDetails():
            customer.must_exist()
            yield from _update(command)
        case _:
            assert_never(command)


def _update(command: UpdateCustomerDetails) -> Iterator[CustomerEvent]:
    details = command.name, command.email, command.locale, command.timezone
    if any(detail is not None for detail in details):
        yield CustomerDetailsUpdated(command.customer_id, *details)


def evolve(customer: Customer, event: CustomerEvent) -> Customer:
    """The state after an event."""
    match event:
        case CustomerRegistered():
            return Customer(event.customer_id, event.locale, event.timezone)
        case CustomerDetailsUpdated():
            return replace(
                customer, locale=event.locale or customer.locale, timezone=event.timezone or customer.timezone
            )
        case _:
            assert_never(event)


def answer(customer: Customer, command: CustomerCommand) -> dict[str, Any]:
    """What the sender is told, without personal data: answers are stored for ever, in clear."""
    return {"customer_id": str(command.customer_id), "locale": customer.locale, "timezone": customer.timezone}


CUSTOMERS = Decider(
    category="customer",
    initial=Customer(),
    evolve=evolve,
    decide=decide,
    commands=CustomerCommand,
    answer=answer,
)
register(CUSTOMERS)
