"""Questions about customers."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from rest_framework.permissions import IsAuthenticated

from accounts.api.access import Staff, sees
from accounts.api.fields import Text
from accounts.api.openapi_fields import LINE
from accounts.api.schema import CUSTOMER_ID, query_operation
from accounts.api.serializers import CustomerSerializer
from accounts.domain.text import NAME_LIMIT, clean_text
from eventstore.decider import Refused, phrase
from projections import queries
from projections.api.query_views import ListView, PageByIdQuery, QueryView
from projections.api.serializers import pages_of

NO_CUSTOMER: Final = {"customer_id": None, "name": None, "locale": None, "timezone": None, "status": "active"}


def _clean_search(text: str) -> str:
    return clean_text(text, field="q", limit=NAME_LIMIT)


class SearchQuery(PageByIdQuery):
    """Which customers are looked for."""

    q = Text(
        rule=_clean_search,
        like={"maxLength": NAME_LIMIT, "pattern": LINE},
        default="",
        allow_blank=True,
        help_text="A part of the name or the e-mail, or the id.",
    )


@query_operation("List customers", "For staff. Newest first.", answer=pages_of(CustomerSerializer), refuses="FORBIDDEN")
class CustomersView(ListView):
    """`GET customers`."""

    permission_classes = (Staff,)
    query = SearchQuery
    read_model = "customers"
    shape = CustomerSerializer

    def page(self, asked: Mapping[str, Any]) -> "queries.Page[Any, Any]":
        """Those who match."""
        return queries.customers(asked["q"], before=asked.get("cursor"), limit=asked["limit"])


@query_operation(
    "Tell about a customer",
    "Customers may ask about themselves, staff about everybody.",
    answer=CustomerSerializer,
    refuses="CUSTOMER_NOT_FOUND FORBIDDEN",
    path=[CUSTOMER_ID],
)
class CustomerView(QueryView):
    """`GET customers/{id}`."""

    read_model = "customers"

    def answer(self, asked: Mapping[str, Any], position: int) -> Mapping[str, Any]:
        """The customer; raises Refused for somebody else."""
        wanted = self.id_of("customer_id")
        return _about(wanted if sees(self.user, wanted) else None, position)


@query_operation(
    "Tell who is signed in",
    "A customer; for a member of staff their e-mail alone.",
    answer=CustomerSerializer,
)
class MeView(QueryView):
    """`GET me`."""

    permission_classes = (IsAuthenticated,)
    read_model = "customers"

    def answer(self, asked: Mapping[str, Any], position: int) -> Mapping[str, Any]:
        """Oneself."""
        if self.user.is_staff:
            return CustomerSerializer({**NO_CUSTOMER, "email": self.user.email, "position": position}).data
        return _about(self.user.customer_id, position)


def _about(customer_id: UUID | None, position: int) -> Mapping[str, Any]:
    found = queries.customer(customer_id) if customer_id else None
    if found is None:
        raise Refused("CUSTOMER_NOT_FOUND", phrase("There is no such customer."))
    body = CustomerSerializer(found).data
    return {**body, "position": max(body["position"], position)}
