"""Questions of staff about what takes two people."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from accounts.api.access import Staff
from accounts.api.schema import in_path, query_operation
from eventstore.decider import Refused, phrase
from projections import queries
from projections.api.query_views import ListView, PageByIdQuery, QueryView
from projections.api.serializers import ApprovalSerializer, pages_of
from projections.models import Approval


class ApprovalsQuery(PageByIdQuery):
    """Which requests are asked for."""

    status = serializers.ChoiceField(
        Approval.Status.values, required=False, help_text="All, if not given; `open` is the queue."
    )


@query_operation(
    "List approvals",
    "For staff. What takes a second person, decided or not. Newest first.",
    answer=pages_of(ApprovalSerializer),
    refuses="FORBIDDEN",
)
class ApprovalsView(ListView):
    """`GET approvals`."""

    permission_classes = (Staff,)
    query = ApprovalsQuery
    read_model = "approvals"
    shape = ApprovalSerializer

    def page(self, asked: Mapping[str, Any]) -> "queries.Page[Any, Any]":
        """Those in the state that is asked for."""
        return queries.approvals(asked.get("status", ""), before=asked.get("cursor"), limit=asked["limit"])


@query_operation(
    "Tell about an approval",
    "For staff.",
    answer=ApprovalSerializer,
    refuses="APPROVAL_NOT_FOUND FORBIDDEN",
    path=[in_path("approval_id", "The request.")],
)
class ApprovalView(QueryView):
    """`GET approvals/{id}`."""

    permission_classes = (Staff,)
    read_model = "approvals"

    def answer(self, asked: Mapping[str, Any], position: int) -> Mapping[str, Any]:
        """The request; raises Refused where there is none."""
        wanted = self.id_of("approval_id")
        found = queries.approval(wanted) if wanted else None
        if found is None:
            raise Refused("APPROVAL_NOT_FOUND", phrase("There is no such request."))
        body = ApprovalSerializer(found).data
        return {**body, "position": max(body["position"], position)}
