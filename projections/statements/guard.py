"""History that is imported brings its own time: it may not bring one into a month that has been issued."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Max

from eventstore.errors import BackwardsInTime
from eventstore.log import Recorded, current_rows
from projections.models import Account, Statement
from projections.statements.period import Period


def refuse_issued_months(records: Sequence[Recorded[Any]], **_: Any) -> None:
    """Raise BackwardsInTime, in the transaction of the import, which undoes it. What happens now is never asked."""
    imported = [record for record in records if record.metadata.get("imported") and record.category == "account"]
    if not imported or not (issued := _last_issued({record.stream_id for record in imported})):
        return
    zones = dict(current_rows(Account).filter(account_id__in=issued).values_list("account_id", "timezone"))
    for record in imported:
        last = issued.get(record.stream_id)
        if last and str(Period.of(record.recorded_at, ZoneInfo(zones[record.stream_id]))) <= last:
            raise BackwardsInTime(f"The statement of {last} of {record.stream} is issued. {BackwardsInTime.__doc__}")


def _last_issued(account_ids: set[UUID]) -> dict[UUID, str]:
    found = current_rows(Statement).filter(account_id__in=account_ids).values("account_id").annotate(last=Max("period"))
    return dict(found.values_list("account_id", "last"))
