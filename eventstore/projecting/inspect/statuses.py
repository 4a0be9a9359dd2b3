"""The status of each projection, reaction and delivery: its position, its lag, and whether it needs attention."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from eventstore import feed, models
from eventstore.log.database import primary_rows
from eventstore.projecting.declaration.projection import Projection
from eventstore.projecting.declaration.registry import subscribers
from eventstore.projecting.declaration.subscribers import Subscriber
from eventstore.projecting.runner.runner import has_read, position_of

MAX_LAG_COUNTED = 100_000  # events: counting more would take too long


@dataclass(frozen=True)
class Parking:
    """The number of parked streams, and of those that are no longer retried without a person."""

    streams: int = 0
    given_up: int = 0


@dataclass(frozen=True)
class Status:
    """The status of one projection or reaction.

    `lag` is in events, `lag_seconds` the age of the oldest event that it has not read. Parked streams are not part of
    the lag. `given_up` counts parked streams that are no longer retried without a person.
    """

    name: str
    mode: str
    state: str
    version: int
    built_version: int | None
    built_at: datetime | None
    position: int
    lag: int
    lag_seconds: float
    parked: int
    given_up: int

    @property
    def needs_attention(self) -> bool:
        """Whether a person has to act: to rebuild it, to install it, or to retry or skip parked events."""
        return self.state != "live" or self.given_up > 0


def status(end: int | None = None) -> list[Status]:
    """The status of all projections and reactions, by name, as of a position; by default the tidemark, raised first."""
    end = feed.advance(timeout=0).position if end is None else end
    stored = {row.name: row for row in primary_rows(models.Projection).all()}
    parked = _parked()
    return [
        _status(subscriber, stored.get(name), end, parked.get(name, Parking()))
        for name, subscriber in sorted(subscribers().items())
        if isinstance(subscriber, Projection) or subscriber.is_served()
    ]


def _parked() -> Mapping[str, Parking]:
    counted = (
        primary_rows(models.Parked)
        .values("projection_id")
        .annotate(streams=Count("pk"), given_up=Count("pk", filter=Q(retry_at=None)))
    )
    return {row["projection_id"]: Parking(row["streams"], row["given_up"]) for row in counted}


def _status(declared: Subscriber, row: models.Projection | None, end: int, parked: Parking) -> Status:
    position = _reached(declared, end)
    unread = _unread(declared, position, end)
    return Status(
        name=declared.name,
        mode="delayed" if isinstance(declared, Projection) and declared.is_served() else declared.mode,
        state=_state(declared, row),
        version=declared.version,
        built_version=row.version if row else None,
        built_at=row.built_at if row else None,
        position=position,
        lag=unread[:MAX_LAG_COUNTED].count() if position < end else 0,
        lag_seconds=_age(unread) if position < end else 0.0,
        parked=parked.streams,
        given_up=parked.given_up,
    )


def _reached(declared: Subscriber, end: int) -> int:
    """The position that it has read up to; for one that reads commands, the end once no command is left to read."""
    if not declared.is_served():
        return end
    if isinstance(declared, Projection) and declared.reads_commands:
        return end if has_read(declared, end) else 0
    return position_of(declared)


def _state(declared: Subscriber, row: models.Projection | None) -> str:
    if row is None and not isinstance(declared, Projection):
        return "not installed"
    if row is None or not row.is_live:
        return "to be built"
    return "live" if row.version == declared.version else "stale"


def _unread(declared: Subscriber, position: int, end: int) -> QuerySet[models.Event]:
    """The events that a subscriber has not read.

    Slots are read at their own pace, and some may be ahead of the lowest position. Such slots are listed one
    by one: a join with the checkpoints may take a thousand times as long.
    """
    wanted = primary_rows(models.Event).filter(position__gt=position, position__lte=end)
    if declared.types is not None:
        wanted = wanted.filter(type__in=declared.types)
    return wanted if declared.global_order or position >= end else wanted.exclude(_read_ahead(declared, position))


def _read_ahead(declared: Subscriber, position: int) -> Q:
    ahead: dict[int, list[int]] = defaultdict(list)
    checkpoints = primary_rows(models.Checkpoint).filter(projection_id=declared.name, position__gt=position)
    for slot, reached in checkpoints.values_list("slot", "position"):
        ahead[reached].append(slot)
    return Q(*[Q(slot__in=slots, position__lte=reached) for reached, slots in ahead.items()], _connector=Q.OR)


def _age(unread: QuerySet[models.Event]) -> float:
    oldest = unread.order_by("position").values_list("recorded_at", flat=True).first()
    return (timezone.now() - oldest).total_seconds() if oldest else 0.0
