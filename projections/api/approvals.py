"""Questions of staff about what takes two people."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from accounts.api.access import Staff
from accounts.api.schema import asks, in_path
from eventstore.decider import Refused, phrase
from projections import queries
from projections.api.asking import Ask, Listing, PagedById
from projections.api.shapes import ApprovalShape, pages_of
from projections.models import Approval


class WhichApprovals(PagedById):
    """Which requests are asked for."""

    status = serializers.ChoiceField(
        Approval.Status.values, required=False, help_text="All, if not given; `open` is the queue."
    )


@asks(
    "List approvals",
    "For staff. What takes a second person, decided or not. Newest first.",
    answer=pages_of(ApprovalShape),
    refuses="FORBIDDEN",
)
class Approvals(Listing):
    """`GET approvals`."""

    permission_classes = (Staff,)
    query = WhichApprovals
    read_model = "approvals"
    shape = ApprovalShape

    def page(self, asked: Mapping[str, Any]) -> "queries.Page[Any, Any]":
        """Those in the state that is asked for."""
        return queries.approvals(asked.get("status", ""), before=asked.get("cursor"), limit=asked["limit"])


@asks(
    "Tell about an approval",
    "For staff.",
    answer=ApprovalShape,
    refuses="APPROVAL_NOT_FOUND FORBIDDEN",
    path=[in_path("approval_id", "The request.")],
)
class OneApproval(Ask):
    """`GET approvals/{id}`."""

    permission_classes = (Staff,)
    read_model = "approvals"

    def answer(self, asked: Mapping[str, Any], position: int) -> Mapping[str, Any]:
        """The request; raises Refused where there is none."""
        wanted = self.id_of("approval_id")
        found = queries.approval(wanted) if wanted else None
        if found is None:
            raise Refused("APPROVAL_NOT_FOUND", phrase("There is no such request."))
        body = ApprovalShape(found).data
        return {**body, "position": max(body["position"], position)}
