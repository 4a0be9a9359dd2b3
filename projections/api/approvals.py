"""Queries of staff about approvals."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from accounts.users.access import Staff
from eventstore.decider import Refused, phrase
from eventstore.http.openapi import query_operation
from eventstore.http.paging import Page
from eventstore.http.query_views import PageByIdQuery
from projections import queries
from projections.api.parameters import APPROVAL_ID
from projections.api.query_views import DetailView, ListView
from projections.api.serializers import ApprovalSerializer
from projections.models import Approval


class ApprovalsQuery(PageByIdQuery):
    """The query parameters of the list of approvals."""

    status = serializers.ChoiceField(
        Approval.Status.values, required=False, help_text="All, if not given; `open` is the queue."
    )


@query_operation(
    "list_approvals",
    "List approvals",
    "For staff. Requests that take a second person, decided or not. Newest first.",
    tag="approvals",
    refuses="FORBIDDEN",
)
class ApprovalsView(ListView):
    """`GET approvals`."""

    permission_classes = (Staff,)
    query = ApprovalsQuery
    read_model = "approvals"
    serializer = ApprovalSerializer

    def page(self, params: Mapping[str, Any]) -> "Page[Any, Any]":
        """The requests with a status."""
        return queries.approvals(params.get("status", ""), before=params.get("cursor"), limit=params["limit"])


@query_operation(
    "get_approval",
    "Get an approval",
    "For staff.",
    tag="approvals",
    refuses="APPROVAL_NOT_FOUND FORBIDDEN",
    path=[APPROVAL_ID],
)
class ApprovalView(DetailView):
    """`GET approvals/{id}`."""

    permission_classes = (Staff,)
    read_model = "approvals"
    serializer = ApprovalSerializer

    def found(self, params: Mapping[str, Any]) -> Approval:
        """The request; raises Refused if it does not exist."""
        approval_id = self.id_of("approval_id")
        found = queries.approval(approval_id) if approval_id else None
        if found is None:
            raise Refused("APPROVAL_NOT_FOUND", phrase("There is no such request."))
        return found
