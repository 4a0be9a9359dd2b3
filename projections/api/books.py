"""Queries of staff about the whole: the trial balance, volumes, the audit, the read models themselves."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC
from operator import attrgetter
from typing import Any, TypeVar

from django.utils import timezone

from accounts.users.access import Staff
from eventstore.http.fields import CommandPlace, Id, Number, Store, Text
from eventstore.http.openapi import query_operation
from eventstore.http.paging import Page
from eventstore.http.query_views import (
    MAX_ROWS,
    FreshnessQuery,
    PageQuery,
    PeriodQuery,
    days_in,
)
from eventstore.projecting.inspect import status
from projections import queries
from projections.api.query_views import ListView
from projections.api.serializers import (
    AuditLineSerializer,
    ProjectionSerializer,
    TrialBalanceRowSerializer,
    VolumeSerializer,
)

Row = TypeVar("Row")


class WholeListQuery(FreshnessQuery):
    """The query parameters of a list that comes as a whole, unless a limit is given."""

    limit = Number(required=False, min_value=1, max_value=MAX_ROWS, help_text="All, if not given.")
    cursor = Text(required=False, help_text="As `next` has it.")


@query_operation(
    "get_trial_balance",
    "Get the trial balance",
    "For staff. The balance of each account, of `cash:…` for the world outside and of `adjustments:…` for the house; "
    "each currency sums to zero.",
    tag="trial-balance",
    refuses="FORBIDDEN",
)
class TrialBalanceView(ListView):
    """`GET trial-balance`."""

    permission_classes = (Staff,)
    query = WholeListQuery
    read_model = "journal_legs"
    serializer = TrialBalanceRowSerializer

    def page(self, params: Mapping[str, Any]) -> "Page[Any, Any]":
        """The rows of the trial balance."""
        return _slice(queries.trial_balance(), lambda row: f"{row.currency} {row.account}", params)


class VolumesQuery(PeriodQuery, PageQuery):
    """The query parameters of the list of volumes."""

    currency = Text(default="", allow_blank=True, help_text="All, if not given.")
    cursor = Text(required=False, help_text="As `next` has it.")


@query_operation(
    "list_volumes",
    "List volumes",
    "For staff. How much money moved on each day (UTC), by currency and type of event. The latest day first.",
    tag="volumes",
    refuses="FORBIDDEN",
)
class VolumesView(ListView):
    """`GET volumes`."""

    permission_classes = (Staff,)
    query = VolumesQuery
    read_model = "volumes"
    serializer = VolumeSerializer

    def page(self, params: Mapping[str, Any]) -> "Page[Any, Any]":
        """The volumes of the period."""
        first, last = days_in(params, timezone.now().astimezone(UTC).date())
        return queries.volumes(
            first, last, currency=params["currency"], before=params.get("cursor"), limit=params["limit"]
        )


class AuditQuery(PageQuery):
    """The query parameters of the audit."""

    cursor = CommandPlace(required=False, help_text="As `next` has it.")
    actor = Text(default="", allow_blank=True, help_text="Such as `customer:0190a6f2-…` or `staff:1`.")
    about = Id(required=False, help_text="The id of a customer or an account.")
    code = Text(default="", allow_blank=True, help_text="Of a refusal.")


@query_operation(
    "list_audit_lines",
    "List the audit",
    "For staff. All commands with their actor, reason and outcome, refusals included. Newest first.",
    tag="audit",
    refuses="FORBIDDEN",
)
class AuditView(ListView):
    """`GET audit`."""

    permission_classes = (Staff,)
    query = AuditQuery
    pages_in = Store.COMMANDS
    read_model = "audit_lines"
    serializer = AuditLineSerializer

    def page(self, params: Mapping[str, Any]) -> "Page[Any, Any]":
        """The lines of the audit."""
        return queries.audit(
            actor=params["actor"],
            about=params.get("about"),
            code=params["code"],
            before=params.get("cursor"),
            limit=params["limit"],
        )


@query_operation(
    "list_projections",
    "List the read models",
    "For staff. The position and the lag of each.",
    tag="projections",
    refuses="FORBIDDEN",
)
class ProjectionsView(ListView):
    """`GET projections`."""

    permission_classes = (Staff,)
    query = WholeListQuery
    serializer = ProjectionSerializer

    def page(self, params: Mapping[str, Any]) -> "Page[Any, Any]":
        """All read models, by name."""
        return _slice(status(), attrgetter("name"), params)


def _slice(rows: Iterable[Row], key: Callable[[Row], str], params: Mapping[str, Any]) -> "Page[Any, Any]":
    """A page of a list that is read as a whole anyway."""
    rest = [row for row in sorted(rows, key=key) if key(row) > params.get("cursor", "")]
    part = rest[: params.get("limit")]
    return Page(part, key(part[-1]) if len(part) < len(rest) else None)
