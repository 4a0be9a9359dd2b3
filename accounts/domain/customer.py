"""The state and the rules of a customer: pure, no database, no clock."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, assert_never
from uuid import UUID

from accounts.domain.commands import (
    ChangeEmail,
    EraseCustomer,
    RegisterCustomer,
    ReinstateCustomer,
    ReleaseEmail,
    SuspendCustomer,
    UpdateCustomerDetails,
)
from accounts.domain.events import (
    CustomerDetailsUpdated,
    CustomerEmailReleased,
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
        """The status in one word: active, suspended or erased."""
        return "erased" if self.erased else "suspended" if self.suspended else "active"

    def must_exist(self) -> None:
        """Refuses CUSTOMER_NOT_FOUND for a customer who never registered, or who was erased."""
        if self.customer_id is None or self.erased:
            raise Refused("CUSTOMER_NOT_FOUND", _("There is no such customer."), field="customer_id")

    def must_be_new(self) -> None:
        """Refuses VERSION_CONFLICT for a customer who has registered already."""
        if self.customer_id is not None:
            raise Refused("VERSION_CONFLICT", _("This customer is registered already."), field="customer_id")

    def must_be_active(self) -> None:
        """Refuses CUSTOMER_SUSPENDED for a suspended customer, whose commands are not accepted."""
        if self.suspended:
            raise Refused("CUSTOMER_SUSPENDED", _("You are suspended. Please get in touch with us."))


def register(customer: Customer, command: RegisterCustomer) -> Iterator[CustomerRegistered]:
    """Registers a new customer."""
    customer.must_be_new()
    yield CustomerRegistered(command.customer_id, command.name, command.email, command.locale, command.timezone)


def update_details(customer: Customer, command: UpdateCustomerDetails) -> Iterator[CustomerDetailsUpdated]:
    """Changes the details of a customer that are given; a command without any needs no event.

    An e-mail is only asked for here: `change_email` changes it, once it is confirmed.
    """
    customer.must_exist()
    customer.must_be_active()
    changed = {"name": command.name, "locale": command.locale, "timezone": command.timezone}
    if any(detail is not None for detail in changed.values()):
        yield CustomerDetailsUpdated(command.customer_id, **changed)


def change_email(customer: Customer, command: ChangeEmail) -> Iterator[CustomerDetailsUpdated]:
    """Changes the e-mail of a customer to one that is confirmed."""
    customer.must_exist()
    customer.must_be_active()
    yield CustomerDetailsUpdated(command.customer_id, email=command.email)


def release_email(customer: Customer, command: ReleaseEmail) -> Iterator[CustomerEmailReleased]:
    """Takes an e-mail from a customer; also from one who is suspended, as it is not theirs."""
    customer.must_exist()
    yield CustomerEmailReleased(command.customer_id)


def suspend(customer: Customer, command: SuspendCustomer) -> Iterator[CustomerSuspended]:
    """Refuses the customer's commands from now on; a suspended customer needs no event."""
    customer.must_exist()
    must_give_reason(command.reason)
    if not customer.suspended:
        yield CustomerSuspended(command.customer_id, command.reason)


def reinstate(customer: Customer, command: ReinstateCustomer) -> Iterator[CustomerReinstated]:
    """Accepts the customer's commands again; a customer who is not suspended needs no event."""
    customer.must_exist()
    must_give_reason(command.reason)
    if customer.suspended:
        yield CustomerReinstated(command.customer_id, command.reason)


def erase(customer: Customer, command: EraseCustomer) -> Iterator[CustomerErased]:
    """Erases a customer; the accounts are checked, and the personal data deleted, in the command's transaction."""
    customer.must_exist()
    must_give_reason(command.reason)
    yield CustomerErased(command.customer_id, command.reason)


def evolve(customer: Customer, event: CustomerEvent) -> Customer:
    """The state after an event."""
    match event:
        case CustomerRegistered():
            return Customer(event.customer_id, event.locale, event.timezone)
        case CustomerDetailsUpdated():
            return replace(
                customer, locale=event.locale or customer.locale, timezone=event.timezone or customer.timezone
            )
        case CustomerEmailReleased():
            return customer
        case CustomerSuspended():
            return replace(customer, suspended=True)
        case CustomerReinstated():
            return replace(customer, suspended=False)
        case CustomerErased():
            return replace(customer, erased=True)
        case _:
            assert_never(event)


def details(customer: Customer, command: RegisterCustomer | UpdateCustomerDetails) -> dict[str, Any]:
    """Answers with the customer's details, but for the personal ones: answers are stored for ever, unencrypted."""
    return {"customer_id": str(command.customer_id), "locale": customer.locale, "timezone": customer.timezone}


def updated(customer: Customer, command: UpdateCustomerDetails) -> dict[str, Any]:
    """Answers with the customer's details, and that a new e-mail has to be confirmed, if one was asked for."""
    asked = {} if command.email is None else {"email_unconfirmed": True}
    return {**details(customer, command), **asked}


def identity(customer: Customer, _command: ChangeEmail | ReleaseEmail) -> dict[str, Any]:
    """Answers with the customer's id: an e-mail is personal."""
    return {"customer_id": str(customer.customer_id)}


def status(customer: Customer, command: SuspendCustomer | ReinstateCustomer | EraseCustomer) -> dict[str, Any]:
    """Answers with the customer's status."""
    return {"customer_id": str(command.customer_id), "status": customer.status}
