"""Queries about holds."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from eventstore.decider import Refused, phrase
from eventstore.http.openapi import query_operation
from eventstore.http.paging import Page
from eventstore.http.query_views import PageByIdQuery
from projections import queries
from projections.api.accounts import visible_account
from projections.api.parameters import ACCOUNT_ID, HOLD_ID
from projections.api.query_views import DetailView, ListView
from projections.api.serializers import HoldSerializer
from projections.models import Hold


class HoldsQuery(PageByIdQuery):
    """The query parameters of the list of holds."""

    status = serializers.ChoiceField(Hold.Status.values, required=False, help_text="All, if not given.")


@query_operation(
    "list_holds",
    "List the holds of an account",
    "Open ones and ended ones. Newest first.",
    tag="holds",
    refuses="ACCOUNT_NOT_FOUND FORBIDDEN",
    path=[ACCOUNT_ID],
)
class HoldsView(ListView):
    """`GET accounts/{id}/holds`."""

    query = HoldsQuery
    read_model = "holds"
    serializer = HoldSerializer

    def page(self, params: Mapping[str, Any]) -> "Page[Any, Any]":
        """The holds of the account; raises Refused for another customer's."""
        account = visible_account(self.id_of("account_id"), self.user.customer_id)
        return queries.holds(
            account.account_id, status=params.get("status", ""), before=params.get("cursor"), limit=params["limit"]
        )


@query_operation(
    "get_hold",
    "Get a hold",
    "A hold in another customer's account is answered like one that does not exist.",
    tag="holds",
    refuses="HOLD_NOT_FOUND FORBIDDEN",
    path=[HOLD_ID],
)
class HoldView(DetailView):
    """`GET holds/{id}`."""

    read_model = "holds"
    serializer = HoldSerializer

    def found(self, params: Mapping[str, Any]) -> Hold:
        """The hold; raises Refused for one in another customer's account."""
        hold_id = self.id_of("hold_id")
        found = queries.hold(hold_id, customer_id=self.user.customer_id) if hold_id else None
        if found is None:
            raise Refused("HOLD_NOT_FOUND", phrase("There is no such hold."))
        return found
