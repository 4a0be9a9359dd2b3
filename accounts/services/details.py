"""The present details of a customer: name, e-mail, language and time zone."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from accounts.domain.events import CustomerEmailReleased
from eventstore import log
from eventstore.log import Recorded


def details_of(customer_id: UUID) -> dict[str, Any]:
    """The present details of a customer, read from the customer's stream: never out of date, empty once erased.

    Without an e-mail once it was given back.
    """
    return details_in(log.read_stream(customer_id))


def details_in(records: Iterable[Recorded[Any]]) -> dict[str, Any]:
    """The details of a customer after these events, which are all of the customer's up to some time."""
    known: dict[str, Any] = {}
    for record in records:
        if isinstance(record.event, CustomerEmailReleased):
            known.pop("email", None)
        changed = {name: getattr(record.event, name, None) for name in ("name", "email", "locale", "timezone")}
        known |= {name: value for name, value in changed.items() if value is not None}
    return known
