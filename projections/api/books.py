"""Questions of staff about the whole: the trial balance, volumes, the audit, the read models themselves."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC
from operator import attrgetter
from typing import Any, TypeVar

from django.utils import timezone

from accounts.api.access import Staff
from accounts.api.fields import Id, Number, Text
from accounts.api.schema import query_operation
from eventstore.projecting.inspect import status
from projections import queries
from projections.api.query_views import (
    MAX_ROWS,
    FreshnessQuery,
    ListView,
    PageByPositionQuery,
    PageQuery,
    PeriodQuery,
    days_in,
)
from projections.api.serializers import (
    AuditLineSerializer,
    ProjectionSerializer,
    TrialBalanceRowSerializer,
    VolumeSerializer,
    pages_of,
)

Row = TypeVar("Row")


class TrialBalanceQuery(FreshnessQuery):
    """A list that comes as a whole, unless it is asked for in parts."""

    limit = Number(required=False, min_value=1, max_value=MAX_ROWS, help_text="All, if not given.")
    cursor = Text(default="", help_text="As `next` has it.")


@query_operation(
    "Tell the trial balance",
    "For staff. What stands on each account, on `cash:…` for the world outside and on `adjustments:…` for the house; "
    "each currency sums to zero.",
    answer=pages_of(TrialBalanceRowSerializer),
    refuses="FORBIDDEN",
)
class TrialBalanceView(ListView):
    """`GET trial-balance`."""

    permission_classes = (Staff,)
    query = TrialBalanceQuery
    read_model = "journal_legs"
    shape = TrialBalanceRowSerializer

    def page(self, asked: Mapping[str, Any]) -> "queries.Page[Any, Any]":
        """Its rows."""
        return _part(queries.trial_balance(), lambda row: f"{row.currency} {row.account}", asked)


class VolumesQuery(PeriodQuery, PageQuery):
    """Which volumes are asked for."""

    currency = Text(default="", allow_blank=True, help_text="All, if not given.")
    cursor = Text(required=False, help_text="As `next` has it.")


@query_operation(
    "List volumes",
    "For staff. How much money moved on each day (UTC), by currency and type of event. The latest day first.",
    answer=pages_of(VolumeSerializer),
    refuses="FORBIDDEN",
)
class VolumesView(ListView):
    """`GET volumes`."""

    permission_classes = (Staff,)
    query = VolumesQuery
    read_model = "volumes"
    shape = VolumeSerializer

    def page(self, asked: Mapping[str, Any]) -> "queries.Page[Any, Any]":
        """Those of the period."""
        first, last = days_in(asked, timezone.now().astimezone(UTC).date())
        return queries.volumes(
            first, last, currency=asked["currency"], before=asked.get("cursor"), limit=asked["limit"]
        )


class AuditQuery(PageByPositionQuery):
    """Which lines of the audit are asked for."""

    actor = Text(default="", allow_blank=True, help_text="Such as `customer:0190a6f2-…` or `staff:1`.")
    about = Id(required=False, help_text="The id of a customer or an account.")
    code = Text(default="", allow_blank=True, help_text="Of a refusal.")


@query_operation(
    "List the audit",
    "For staff. Who asked for what and why, and what came of it, refusals included. Newest first.",
    answer=pages_of(AuditLineSerializer),
    refuses="FORBIDDEN",
)
class AuditView(ListView):
    """`GET audit`."""

    permission_classes = (Staff,)
    query = AuditQuery
    read_model = "audit_lines"
    shape = AuditLineSerializer

    def page(self, asked: Mapping[str, Any]) -> "queries.Page[Any, Any]":
        """Its lines."""
        return queries.audit(
            actor=asked["actor"],
            about=asked.get("about"),
            code=asked["code"],
            before=asked.get("cursor"),
            limit=asked["limit"],
        )


@query_operation(
    "List the read models",
    "For staff. How far each one is.",
    answer=pages_of(ProjectionSerializer),
    refuses="FORBIDDEN",
)
class ProjectionsView(ListView):
    """`GET projections`."""

    permission_classes = (Staff,)
    query = TrialBalanceQuery
    shape = ProjectionSerializer

    def page(self, asked: Mapping[str, Any]) -> "queries.Page[Any, Any]":
        """All that are declared, by name."""
        return _part(status(), attrgetter("name"), asked)


def _part(rows: Iterable[Row], key: Callable[[Row], str], asked: Mapping[str, Any]) -> "queries.Page[Any, Any]":
    """A part of a list that is read as a whole anyway."""
    rest = [row for row in sorted(rows, key=key) if key(row) > asked["cursor"]]
    part = rest[: asked.get("limit")]
    return queries.Page(part, key(part[-1]) if len(part) < len(rest) else None)
