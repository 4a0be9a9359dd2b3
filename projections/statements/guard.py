"""Refusal of imported history that would change issued statements: an import brings times of its own."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Max

from eventstore.errors import BackwardsInTime
from eventstore.log import Recorded, primary_rows
from projections.models import Account, Statement
from projections.statements.period import Period


def refuse_issued_months(records: Sequence[Recorded[Any]], **_: Any) -> None:
    """Raises BackwardsInTime for an imported event in an issued month; it undoes the import's transaction.

    Events with the present time are not looked at: their month is never issued yet.
    """
    imported = [record for record in records if record.metadata.get("imported") and record.category == "account"]
    if not imported or not (issued := _last_issued({record.stream_id for record in imported})):
        return
    zones = dict(primary_rows(Account).filter(account_id__in=issued).values_list("account_id", "timezone"))
    for record in imported:
        last = issued.get(record.stream_id)
        if last and str(Period.of(record.recorded_at, ZoneInfo(zones[record.stream_id]))) <= last:
            raise BackwardsInTime(f"The statement of {last} of {record.stream} is issued. {BackwardsInTime.__doc__}")


def _last_issued(account_ids: set[UUID]) -> dict[UUID, str]:
    found = primary_rows(Statement).filter(account_id__in=account_ids).values("account_id").annotate(last=Max("period"))
    return dict(found.values_list("account_id", "last"))
