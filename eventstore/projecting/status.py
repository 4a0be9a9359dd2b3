"""What is known of each projection: how far it is, how far behind, and whether its rows need building anew."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from eventstore import feed, models
from eventstore.backends import writing
from eventstore.log import SLOTS
from eventstore.projecting.declaration import Projection, projections
from eventstore.projecting.runner import position_of

MOST = 100_000  # a lag is counted up to here: whoever looks wants to know now


@dataclass(frozen=True)
class Status:
    """One projection. `lag` is in events, `lag_seconds` the age of the oldest event that it does not reflect."""

    name: str
    mode: str
    state: str
    version: int
    built_version: int | None
    built_at: datetime | None
    position: int
    lag: int
    lag_seconds: float


def install(using: str, **_: object) -> None:
    """Make the bookkeeping of declared projections; on an empty log they are live at once. Runs after `migrate`."""
    if using != writing().alias or models.Event._meta.db_table not in writing().introspection.table_names():
        return  # another database, or a migration back to nothing
    empty = not models.Event.objects.exists() and not models.Command.objects.exists()
    for projection in projections.values():
        models.Projection.objects.get_or_create(
            name=projection.name,
            defaults={"version": projection.version, "is_live": empty or projection.delayed},
        )
        slots = (range(1) if projection.across else range(SLOTS)) if projection.delayed else ()
        checkpoints = [models.Checkpoint(projection_id=projection.name, slot=slot) for slot in slots]
        models.Checkpoint.objects.bulk_create(checkpoints, ignore_conflicts=True)


def status() -> list[Status]:
    """The status of every declared projection, by name."""
    end = feed.advance(timeout=0).position
    stored = {row.name: row for row in models.Projection.objects.all()}
    return [_status(projections[name], stored.get(name), end) for name in sorted(projections)]


def _status(declared: Projection, row: models.Projection | None, end: int) -> Status:
    position = position_of(declared) if declared.delayed else end
    return Status(
        name=declared.name,
        mode="delayed" if declared.delayed else "real-time",
        state=_state(declared, row),
        version=declared.version,
        built_version=row.version if row else None,
        built_at=row.built_at if row else None,
        position=position,
        lag=_unread(declared, position, end)[:MOST].count() if position < end else 0,
        lag_seconds=_age(declared, position, end) if position < end else 0.0,
    )


def _state(declared: Projection, row: models.Projection | None) -> str:
    if row is None or not row.is_live:
        return "to be built"
    return "live" if row.version == declared.version else "stale"


def _unread(declared: Projection, position: int, end: int) -> QuerySet[models.Event]:
    return models.Event.objects.filter(position__gt=position, position__lte=end, type__in=declared.types or ())


def _age(declared: Projection, position: int, end: int) -> float:
    oldest = _unread(declared, position, end).order_by("position").values_list("recorded_at", flat=True).first()
    return (timezone.now() - oldest).total_seconds() if oldest else 0.0
