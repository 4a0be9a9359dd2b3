"""The projector of customers."""

from typing import Any, assert_never

from accounts.domain.events import (
    CustomerDetailsUpdated,
    CustomerEmailReleased,
    CustomerErased,
    CustomerEvent,
    CustomerRegistered,
    CustomerReinstated,
    CustomerSuspended,
)
from eventstore.log import Recorded
from eventstore.projecting import fold
from projections.models import Customer
from projections.projectors.rows import known, stamped


@fold(Customer, key=lambda event: event.customer_id, version=3, personal=True)
def customers(row: Customer | None, event: CustomerEvent, record: Recorded[Any]) -> Customer:
    """Each customer with their latest details; no e-mail once it was given back, none of them after an erasure."""
    match event:
        case CustomerRegistered():
            row = Customer(
                customer_id=event.customer_id,
                name=event.name,
                email=event.email,
                locale=event.locale,
                timezone=event.timezone,
                registered_at=record.recorded_at,
            )
        case CustomerDetailsUpdated():
            row = _updated(known(row), event)
        case CustomerEmailReleased():
            row = known(row)
            row.email = None
        case CustomerSuspended():
            row = known(row)
            row.status = Customer.Status.SUSPENDED
        case CustomerReinstated():
            row = known(row)
            row.status = Customer.Status.ACTIVE
        case CustomerErased():
            row = known(row)
            row.name = row.email = row.locale = row.timezone = None
            row.status = Customer.Status.ERASED
        case _:
            assert_never(event)
    return stamped(record, row)


def _updated(row: Customer, event: CustomerDetailsUpdated) -> Customer:
    row.name = event.name or row.name
    row.email = event.email or row.email
    row.locale = event.locale or row.locale
    row.timezone = event.timezone or row.timezone
    return row
