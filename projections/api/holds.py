"""Questions about money that is set aside."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from accounts.api.schema import ACCOUNT_ID, in_path, query_operation
from eventstore.decider import Refused, phrase
from projections import queries
from projections.api.accounts import visible_account
from projections.api.query_views import ListView, PageByIdQuery, QueryView
from projections.api.serializers import HoldSerializer, pages_of
from projections.models import Hold


class HoldsQuery(PageByIdQuery):
    """Which holds are asked for."""

    status = serializers.ChoiceField(Hold.Status.values, required=False, help_text="All, if not given.")


@query_operation(
    "List the holds of an account",
    "What is, or was, set aside in it. Newest first.",
    answer=pages_of(HoldSerializer),
    refuses="ACCOUNT_NOT_FOUND FORBIDDEN",
    path=[ACCOUNT_ID],
)
class HoldsView(ListView):
    """`GET accounts/{id}/holds`."""

    query = HoldsQuery
    read_model = "holds"
    shape = HoldSerializer

    def page(self, asked: Mapping[str, Any]) -> "queries.Page[Any, Any]":
        """Its holds; raises Refused for somebody else's account."""
        account = visible_account(self.id_of("account_id"), self.user.customer_id)
        return queries.holds(
            account.account_id, status=asked.get("status", ""), before=asked.get("cursor"), limit=asked["limit"]
        )


@query_operation(
    "Tell about a hold",
    "A hold in somebody else's account is as good as none.",
    answer=HoldSerializer,
    refuses="HOLD_NOT_FOUND FORBIDDEN",
    path=[in_path("hold_id", "The hold.")],
)
class HoldView(QueryView):
    """`GET holds/{id}`."""

    read_model = "holds"

    def answer(self, asked: Mapping[str, Any], position: int) -> Mapping[str, Any]:
        """The hold; raises Refused for one in somebody else's account."""
        wanted = self.id_of("hold_id")
        found = queries.hold(wanted, customer_id=self.user.customer_id) if wanted else None
        if found is None:
            raise Refused("HOLD_NOT_FOUND", phrase("There is no such hold."))
        body = HoldSerializer(found).data
        return {**body, "position": max(body["position"], position)}
