"""The present details of a customer: name, e-mail, language and time zone."""

from typing import Any
from uuid import UUID

from accounts.domain.events import CustomerEmailReleased
from eventstore import log


def details_of(customer_id: UUID) -> dict[str, Any]:
    """The present details of a customer, read from the customer's stream: never out of date, empty once erased.

    Without an e-mail once it was given back.
    """
    known: dict[str, Any] = {}
    for record in log.read_stream(customer_id):
        if isinstance(record.event, CustomerEmailReleased):
            known.pop("email", None)
        changed = {name: getattr(record.event, name, None) for name in ("name", "email", "locale", "timezone")}
        known |= {name: value for name, value in changed.items() if value is not None}
    return known
