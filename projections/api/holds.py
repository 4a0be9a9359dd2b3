"""Questions about money that is set aside."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from accounts.api.schema import ACCOUNT_ID, asks, in_path
from eventstore.decider import Refused, phrase
from projections import queries
from projections.api.accounts import seen
from projections.api.asking import Ask, Listing, PagedById
from projections.api.shapes import HoldShape, pages_of
from projections.models import Hold


class WhichHolds(PagedById):
    """Which holds are asked for."""

    status = serializers.ChoiceField(Hold.Status.values, required=False, help_text="All, if not given.")


@asks(
    "List the holds of an account",
    "What is, or was, set aside in it. Newest first.",
    answer=pages_of(HoldShape),
    refuses="ACCOUNT_NOT_FOUND FORBIDDEN",
    path=[ACCOUNT_ID],
)
class Holds(Listing):
    """`GET accounts/{id}/holds`."""

    query = WhichHolds
    read_model = "holds"
    shape = HoldShape

    def page(self, asked: Mapping[str, Any]) -> "queries.Page[Any, Any]":
        """Its holds; raises Refused for somebody else's account."""
        account = seen(self.id_of("account_id"), self.user.customer_id)
        return queries.holds(
            account.account_id, status=asked.get("status", ""), before=asked.get("cursor"), limit=asked["limit"]
        )


@asks(
    "Tell about a hold",
    "A hold in somebody else's account is as good as none.",
    answer=HoldShape,
    refuses="HOLD_NOT_FOUND FORBIDDEN",
    path=[in_path("hold_id", "The hold.")],
)
class OneHold(Ask):
    """`GET holds/{id}`."""

    read_model = "holds"

    def answer(self, asked: Mapping[str, Any], position: int) -> Mapping[str, Any]:
        """The hold; raises Refused for one in somebody else's account."""
        wanted = self.id_of("hold_id")
        found = queries.hold(wanted, customer_id=self.user.customer_id) if wanted else None
        if found is None:
            raise Refused("HOLD_NOT_FOUND", phrase("There is no such hold."))
        body = HoldShape(found).data
        return {**body, "position": max(body["position"], position)}
