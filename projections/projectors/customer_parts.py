"""The projector of the parts by which customers are found."""

from functools import lru_cache
from typing import Any, assert_never
from uuid import UUID

from accounts.domain.events import CustomerDetailsUpdated, CustomerEmailReleased, CustomerErased, CustomerRegistered
from eventstore.log import Recorded
from eventstore.projecting import fold
from projections.models import CustomerPart
from projections.search import MAX_CHARACTERS, MAX_WORDS, email_ends, name_ends

NAME, EMAIL = "n", "e"

FoundEvent = CustomerRegistered | CustomerDetailsUpdated | CustomerEmailReleased | CustomerErased


def keys_of(event: FoundEvent) -> tuple[str, ...]:
    """The keys of all parts that an event may change: those that a former name or e-mail had, among them."""
    match event:
        case CustomerRegistered():
            return tuple(_ends(event))
        case CustomerDetailsUpdated():
            return (
                *(_all_keys(event.customer_id, NAME, MAX_CHARACTERS) if event.name else ()),
                *(_all_keys(event.customer_id, EMAIL, MAX_WORDS) if event.email else ()),
            )
        case CustomerEmailReleased():
            return _all_keys(event.customer_id, EMAIL, MAX_WORDS)
        case CustomerErased():
            names = _all_keys(event.customer_id, NAME, MAX_CHARACTERS)
            return (*names, *_all_keys(event.customer_id, EMAIL, MAX_WORDS))
        case _:
            assert_never(event)


@fold(CustomerPart, key=keys_of, keys_per_stream=True, version=2, personal=True)
def customer_parts(
    _row: CustomerPart | None, event: FoundEvent, _record: Recorded[Any], key: str
) -> CustomerPart | None:
    """The ends of each customer's name and e-mail; none of what was given back, or was the erased customer's."""
    if isinstance(event, CustomerEmailReleased | CustomerErased):
        return None
    text = _ends(event).get(key)
    return CustomerPart(key=key, customer_id=event.customer_id, text=text) if text else None


@lru_cache(maxsize=1)  # asked for each of the event's keys in turn
def _ends(event: CustomerRegistered | CustomerDetailsUpdated) -> dict[str, str]:
    names = name_ends(event.name) if event.name else ()
    emails = email_ends(event.email) if event.email else ()
    return {
        **{_key(event.customer_id, NAME, place): text for place, text in names},
        **{_key(event.customer_id, EMAIL, number): text for number, text in emails},
    }


def _all_keys(customer_id: UUID, kind: str, number: int) -> tuple[str, ...]:
    return tuple(_key(customer_id, kind, place) for place in range(number))


def _key(customer_id: UUID, kind: str, place: int) -> str:
    return f"{customer_id.hex}{kind}{place}"
