"""Questions about customers."""

from collections.abc import Mapping
from typing import Any

from accounts.api.access import Staff, sees
from accounts.api.fields import Text
from accounts.api.schema import CUSTOMER_ID, asks
from accounts.api.shapes import CustomerShape
from accounts.text import NAME_LIMIT, clean_text
from eventstore.decider import Refused, phrase
from projections import queries
from projections.api.asking import Ask, Listing, PagedById
from projections.api.shapes import pages_of
from projections.models import Customer

NOBODY = {"customer_id": None, "name": None, "locale": None, "timezone": None, "status": "active"}


def _clean_search(text: str) -> str:
    return clean_text(text, field="q", limit=NAME_LIMIT)


class Search(PagedById):
    """Which customers are looked for."""

    q = Text(rule=_clean_search, default="", allow_blank=True, help_text="A part of the name or the e-mail, or the id.")


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
        found = queries.customer(wanted) if wanted and sees(self.user, wanted) else None
        if found is None:
            raise Refused("CUSTOMER_NOT_FOUND", phrase("There is no such customer."))
        return _about(found, position)


@asks(
    "Tell who is signed in",
    "A customer; for a member of staff their e-mail alone.",
    answer=CustomerShape,
    refuses="FORBIDDEN",
)
class Me(Ask):
    """`GET me`."""

    read_model = "customers"

    def answer(self, asked: Mapping[str, Any], position: int) -> Mapping[str, Any]:
        """Oneself."""
        found = queries.customer(self.user.customer_id) if self.user.customer_id else None
        return _about(found, position) if found else {**NOBODY, "email": self.user.email, "position": position}


def _about(customer: Customer, position: int) -> Mapping[str, Any]:
    body = CustomerShape(customer).data
    return {**body, "position": max(body["position"], position)}
