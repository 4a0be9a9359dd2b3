"""Parked streams: what a projection can't digest waits by itself, and the others go on.

A stream is parked with the event that failed; what follows in it is left alone, and stays in the log. It is tried again
after 1, 2, 4, 8 and 16 seconds, then by a person alone, who may also skip the event. Who touches a parked stream holds
the checkpoint of its slot, so no runner reads it meanwhile, and all that comes of it commits together.

Where the order of events matters across streams, the projection waits as a whole: its checkpoint stands before the
event that failed, which is shown by the one row that it has here.
"""

import logging
from collections.abc import Iterable, Sequence
from functools import partial
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from eventstore import feed
from eventstore.backends.retries import retrying
from eventstore.errors import EventStoreError
from eventstore.log.slots import slot_of
from eventstore.models import Checkpoint, Parked, Shadow, ShadowPart
from eventstore.projecting.declaration.registry import subscribers
from eventstore.projecting.declaration.subscribers import Subscriber
from eventstore.projecting.parking import skips
from eventstore.projecting.parking.failures import Failure, apply_until_one_fails
from eventstore.projecting.parking.parked_row import record_failure

logger = logging.getLogger(__name__)


class CannotSkip(EventStoreError):
    """What was looked at is not what is there now, so nothing was skipped."""


def park(subscriber: Subscriber, failures: Iterable[Failure]) -> None:
    """Hold back the streams of events that failed, in the transaction in which the others go on."""
    Parked.objects.bulk_create([record_failure(Parked(projection_id=subscriber.name), failure) for failure in failures])


def held_back(subscriber: Subscriber) -> dict[UUID, int]:
    """The parked streams, with the position from which on their events are not reflected."""
    return dict(Parked.objects.filter(projection_id=subscriber.name).values_list("stream_id", "position"))


def forget(subscriber: Subscriber) -> None:
    """Nothing is parked any more: the rows were built anew, from all events."""
    Parked.objects.filter(projection_id=subscriber.name).delete()


def retry(parked: Parked) -> bool:
    """Try a parked stream again, now; whether it goes on. What has failed again is kept with its new error."""
    return retrying(lambda: _retry(_lock(parked)))


def retry_all(projection: str | None = None) -> tuple[int, int]:
    """Try all parked streams again, or those of one projection: how many go on, and how many are still parked."""
    chosen = Parked.objects.filter(projection_id=projection) if projection else Parked.objects.all()
    outcomes = [retry(parked) for parked in _in_order(chosen)]
    return outcomes.count(True), outcomes.count(False)


def retry_due(names: Iterable[str]) -> bool:
    """Try again those whose time has come, unless another runner is at it; whether any goes on."""
    due = Parked.objects.filter(projection_id__in=list(names), retry_at__lte=timezone.now())
    outcomes = [retrying(partial(_retry_if_due, parked)) for parked in _in_order(due)]
    return any(outcomes)


def skip(parked: Parked, *, actor: str, reason: str) -> None:
    """Pass over the event that a stream is parked with, for good, and let the stream go on.

    It becomes a fact in the log, with the name of the person who is answerable and the reason; ValueError without.
    Raises CannotSkip if the stream is not parked with this event any more, or if the projection is being built anew and
    has this event in its new rows already.
    """
    if not (actor.strip() and reason.strip()):
        raise ValueError(_("Who skips an event gives a name and a reason: both are recorded."))
    retrying(lambda: _skip(parked, actor.strip(), reason.strip()))


def _in_order(chosen: QuerySet[Parked]) -> Sequence[Parked]:
    """Those of what is declared: the function that failed may be gone from the code."""
    return list(chosen.filter(projection_id__in=subscribers()).order_by("projection_id", "position"))


def _lock(parked: Parked, *, wait: bool = True) -> tuple[Parked, Checkpoint] | None:
    """The row as it is now, and the checkpoint of its slot, which is locked; None if there is nothing to do."""
    slot = 0 if _subscriber(parked).global_order else slot_of(parked.stream_id)
    free = Checkpoint.objects.select_for_update(skip_locked=not wait)
    checkpoint = free.filter(projection_id=parked.projection_id, slot=slot).first()
    row = Parked.objects.filter(pk=parked.pk).first()
    return (row, checkpoint) if row and checkpoint else None


def _retry_if_due(parked: Parked) -> bool:
    held = _lock(parked, wait=False)
    return bool(held and held[0].retry_at == parked.retry_at and _retry(held))


def _retry(held: tuple[Parked, Checkpoint] | None) -> bool:
    return held is None or _go_on(*held, after=held[0].position - 1)  # without a row somebody else was quicker


def _skip(parked: Parked, actor: str, reason: str) -> None:
    held = _lock(parked)
    if held is None or held[0].position != parked.position:
        raise CannotSkip(
            _("The stream is not parked with event %(position)s any more.") % {"position": parked.position}
        )
    row, checkpoint = held
    _refuse_if_rebuilt(row, checkpoint.slot)
    skips.record(_skipped(row, reason), actor=actor)
    logger.warning("%s skips event %d, as %s has decided.", row.projection_id, row.position, actor)
    _go_on(row, checkpoint, after=row.position)


def _refuse_if_rebuilt(row: Parked, slot: int) -> None:
    """A rebuild asks for what was skipped with each page, and has its slots locked then."""
    parts = ShadowPart.objects.select_for_update().filter(projection_id=row.projection_id, role=Shadow.Role.NEW)
    if any(part.position >= row.position for part in parts.filter(slot=slot)):
        raise CannotSkip(
            _("%(projection)s is being built anew, and has digested this event. Wait for the end, or discard it.")
            % {"projection": row.projection_id}
        )


def _skipped(row: Parked, reason: str) -> skips.EventSkipped:
    return skips.EventSkipped(
        projection_id=skips.stream_of(row.projection_id),
        projection=row.projection_id,
        projector_version=_subscriber(row).version,
        position=row.position,
        category=row.category,
        stream_id=row.stream_id,
        type=row.type,
        reason=reason,
    )


def _go_on(row: Parked, checkpoint: Checkpoint, *, after: int) -> bool:
    """Apply what is held back after a position, up to the checkpoint; whether all of it could be."""
    subscriber = _subscriber(row)
    failure = _catch_up(subscriber, row, checkpoint, after)
    if failure:
        record_failure(row, failure).save()
        return False
    if subscriber.global_order:
        Checkpoint.objects.filter(pk=checkpoint.pk).update(position=row.position)
    row.delete()
    return True


def _catch_up(subscriber: Subscriber, row: Parked, checkpoint: Checkpoint, after: int) -> Failure | None:
    end = row.position if subscriber.global_order else checkpoint.position
    while page := feed.stored_in(row.stream_id, after, end, limit=subscriber.at_once(feed.PAGE)):
        wanted = [event for event in page if subscriber.wants(event)]
        if wanted and (failure := apply_until_one_fails(subscriber, wanted)):
            return failure
        after = page[-1].position
    return None


def _subscriber(parked: Parked) -> Subscriber:
    return subscribers()[parked.projection_id]
