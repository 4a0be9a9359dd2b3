"""Questions about customers."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from rest_framework.permissions import IsAuthenticated

from accounts.api.access import Staff, sees
from accounts.api.describing import LINE
from accounts.api.fields import Text
from accounts.api.schema import CUSTOMER_ID, asks
from accounts.api.shapes import CustomerShape
from accounts.text import NAME_LIMIT, clean_text
from eventstore.decider import Refused, phrase
from projections import queries
from projections.api.asking import Ask, Listing, PagedById
from projections.api.shapes import pages_of

NO_CUSTOMER: Final = {"customer_id": None, "name": None, "locale": None, "timezone": None, "status": "active"}


def _clean_search(text: str) -> str:
    return clean_text(text, field="q", limit=NAME_LIMIT)


class Search(PagedById):
    """Which customers are looked for."""

    q = Text(
        rule=_clean_search,
        like={"maxLength": NAME_LIMIT, "pattern": LINE},
        default="",
        allow_blank=True,
        help_text="A part of the name or the e-mail, or the id.",
    )


@asks("List customers", "For staff. Newest first.", answer=pages_of(CustomerShape), refuses="FORBIDDEN")
class Customers(Listing):
    """`GET customers`."""

    permission_classes = (Staff,)
    query = Search
    read_model = "customers"
    shape = CustomerShape

    def page(self, asked: Mapping[str, Any]) -> "queries.Page[Any, Any]":
        """Those who match."""
        return queries.customers(asked["q"], before=asked.get("cursor"), limit=asked["limit"])


@asks(
    "Tell about a customer",
    "Customers may ask about themselves, staff about everybody.",
    answer=CustomerShape,
    refuses="CUSTOMER_NOT_FOUND FORBIDDEN",
    path=[CUSTOMER_ID],
)
class OneCustomer(Ask):
    """`GET customers/{id}`."""

    read_model = "customers"

    def answer(self, asked: Mapping[str, Any], position: int) -> Mapping[str, Any]:
        """The customer; raises Refused for somebody else."""
        wanted = self.id_of("customer_id")
        return _about(wanted if sees(self.user, wanted) else None, position)


@asks(
    "Tell who is signed in",
    "A customer; for a member of staff their e-mail alone.",
    answer=CustomerShape,
)
class Me(Ask):
    """`GET me`."""

    permission_classes = (IsAuthenticated,)
    read_model = "customers"

    def answer(self, asked: Mapping[str, Any], position: int) -> Mapping[str, Any]:
        """Oneself."""
        if self.user.is_staff:
            return CustomerShape({**NO_CUSTOMER, "email": self.user.email, "position": position}).data
        return _about(self.user.customer_id, position)


def _about(customer_id: UUID | None, position: int) -> Mapping[str, Any]:
    found = queries.customer(customer_id) if customer_id else None
    if found is None:
        raise Refused("CUSTOMER_NOT_FOUND", phrase("There is no such customer."))
    body = CustomerShape(found).data
    return {**body, "position": max(body["position"], position)}
