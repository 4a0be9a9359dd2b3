"""Queries about customers."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from rest_framework.permissions import IsAuthenticated

from accounts.users.access import Staff
from eventstore.decider import Refused, phrase
from eventstore.http.fields import Line
from eventstore.http.openapi import query_operation
from eventstore.http.paging import Page
from eventstore.http.query_views import PageByIdQuery
from projections import queries
from projections.api.parameters import CUSTOMER_ID
from projections.api.query_views import DetailView, ListView
from projections.api.serializers import CustomerSerializer, MeSerializer
from projections.models import Customer

MAX_SEARCH_LENGTH: Final = 200  # as long as a name may be
NO_CUSTOMER: Final = {"customer_id": None, "name": None, "locale": None, "timezone": None, "status": "active"}


class CustomersQuery(PageByIdQuery):
    """The query parameters of the list of customers."""

    q = Line(
        max_length=MAX_SEARCH_LENGTH,
        default="",
        allow_blank=True,
        help_text="A part of the name, the beginning of a word of the e-mail, or the id.",
    )


@query_operation("list_customers", "List customers", "For staff. Newest first.", tag="customers", refuses="FORBIDDEN")
class CustomersView(ListView):
    """`GET customers`."""

    permission_classes = (Staff,)
    query = CustomersQuery
    read_model = "customers"
    serializer = CustomerSerializer

    def page(self, params: Mapping[str, Any]) -> "Page[Any, Any]":
        """The customers who match the search."""
        return queries.customers(params["q"], before=params.get("cursor"), limit=params["limit"])


@query_operation(
    "get_customer",
    "Get a customer",
    "Customers may ask about themselves, staff about everybody.",
    tag="customers",
    refuses="CUSTOMER_NOT_FOUND FORBIDDEN",
    path=[CUSTOMER_ID],
)
class CustomerView(DetailView):
    """`GET customers/{id}`."""

    read_model = "customers"
    serializer = CustomerSerializer

    def found(self, params: Mapping[str, Any]) -> Customer:
        """The customer; raises Refused if the caller may not see them."""
        customer_id = self.id_of("customer_id")
        return _customer(customer_id if self.may_see(customer_id) else None)


@query_operation(
    "get_me",
    "Get the signed-in user",
    "A customer, and whether their e-mail is confirmed; for a member of staff their e-mail alone.",
    tag="customers",
)
class MeView(DetailView):
    """`GET me`."""

    permission_classes = (IsAuthenticated,)
    read_model = "customers"
    serializer = MeSerializer

    def found(self, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """The caller."""
        user = self.user
        known = {**NO_CUSTOMER, "email": user.email, "position": 0} if user.is_staff else _fields_of(user.customer_id)
        return {**known, "email_confirmed": user.email_confirmed_at is not None, "new_email": user.new_email or None}


def _fields_of(customer_id: UUID | None) -> dict[str, Any]:
    row = _customer(customer_id)
    return {name: getattr(row, name) for name in (*NO_CUSTOMER, "email", "position")}


def _customer(customer_id: UUID | None) -> Customer:
    found = queries.customer(customer_id) if customer_id else None
    if found is None:
        raise Refused("CUSTOMER_NOT_FOUND", phrase("There is no such customer."))
    return found
