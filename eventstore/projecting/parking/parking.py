"""Parked streams: a stream whose event fails in a projection is left out, and the others go on.

A stream is parked with the event that failed; the events after it stay in the log, unread. It is retried after 1, 2, 4,
8 and 16 seconds, and then only by a person, who may also skip the event. A retry locks the checkpoint of the stream's
slot, so no runner reads the stream meanwhile, and everything that it writes commits together.

Where the order of events matters across streams, the whole projection stops: its checkpoint stays before the event that
failed, and one row tells which event that is.

A delivery is retried by its relay alone, which has the connection: a person's retry, or skip, makes it due.
"""

import logging
from collections.abc import Iterable, Sequence
from functools import partial
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from eventstore import feed
from eventstore.backends import log_database
from eventstore.backends.retries import retrying
from eventstore.errors import EventStoreError
from eventstore.log.database import primary_rows
from eventstore.log.slots import slot_of
from eventstore.messages.arguments import actor_text, text_of
from eventstore.models import Checkpoint, Event, Parked, Shadow, ShadowPart
from eventstore.projecting import skips
from eventstore.projecting.declaration.deliveries import Delivery
from eventstore.projecting.declaration.registry import subscribers
from eventstore.projecting.declaration.subscribers import Subscriber
from eventstore.projecting.parking.failures import Failure, apply_until_one_fails
from eventstore.projecting.parking.parked_row import record_failure

MAX_REASON = 1_000  # characters

logger = logging.getLogger(__name__)


class CannotSkip(EventStoreError):
    """The stream is no longer parked with this event, or a rebuild has read it; nothing was skipped."""


def park(subscriber: Subscriber, failures: Iterable[Failure]) -> None:
    """Park the streams of events that failed, in the transaction that applies the other streams."""
    primary_rows(Parked).bulk_create(
        [record_failure(Parked(projection_id=subscriber.name), failure) for failure in failures]
    )


def parked_positions(subscriber: Subscriber) -> dict[UUID, int]:
    """The parked streams, each with the position of the first event that the rows do not reflect."""
    return dict(primary_rows(Parked).filter(projection_id=subscriber.name).values_list("stream_id", "position"))


def unpark_all(subscriber: Subscriber) -> None:
    """Delete all parked streams of a projection whose rows were rebuilt from all events."""
    primary_rows(Parked).filter(projection_id=subscriber.name).delete()


def retry(parked: Parked) -> bool:
    """Retry a parked stream now; whether it goes on. If it fails again, the row keeps the new error.

    One that is parked for a delivery is handed to its relay, which retries it at once.
    """
    return retrying(lambda: _retry(lock(parked)))


def retry_all(projection: str | None = None) -> tuple[int, int]:
    """Retry all parked streams, or those of one projection: how many go on, and how many are still parked."""
    chosen = primary_rows(Parked).filter(projection_id=projection) if projection else primary_rows(Parked).all()
    outcomes = [retry(parked) for parked in _in_order(chosen)]
    return outcomes.count(True), outcomes.count(False)


def retry_due(names: Iterable[str]) -> bool:
    """Retry the streams that are due, unless another runner does so; whether any goes on."""
    due = primary_rows(Parked).filter(projection_id__in=list(names), retry_at__lte=timezone.now())
    outcomes = [retrying(partial(_retry_if_due, parked)) for parked in _in_order(due)]
    return any(outcomes)


def skip(parked: Parked, *, actor: str, reason: str) -> None:
    """Skip the event that a stream is parked with, for good, and let the stream go on.

    The skip is recorded in the log, with the responsible person as `actor` and the reason; ValueError if either is
    missing, can't be read or is too long. Raises CannotSkip if the stream is no longer parked with this event, or if
    the projection is being rebuilt and its new rows reflect this event already.
    """
    name = actor_text(skips.readable(actor))
    why = text_of("The reason", skips.readable(reason), "Say why in a sentence.", longest=MAX_REASON)
    retrying(lambda: _skip(parked, name, why))


def _in_order(chosen: QuerySet[Parked]) -> Sequence[Parked]:
    """The parked streams of declared subscribers: the function that failed may be gone from the code."""
    return list(chosen.filter(projection_id__in=subscribers()).order_by("projection_id", "position"))


def lock(parked: Parked, *, wait: bool = True) -> tuple[Parked, Checkpoint] | None:
    """Lock the checkpoint of the slot and read the row anew; None if the row is gone, or the lock is not to be had."""
    slot = 0 if _subscriber(parked).global_order else slot_of(parked.stream_id)
    free = primary_rows(Checkpoint).select_for_update(skip_locked=not wait)
    checkpoint = free.filter(projection_id=parked.projection_id, slot=slot).first()
    row = primary_rows(Parked).filter(pk=parked.pk).first()
    return (row, checkpoint) if row and checkpoint else None


def _retry_if_due(parked: Parked) -> bool:
    locked = lock(parked, wait=False)
    return bool(locked and locked[0].retry_at == parked.retry_at and _retry(locked))


def _retry(locked: tuple[Parked, Checkpoint] | None) -> bool:
    return locked is None or _resume(*locked, after=locked[0].position - 1)  # None: another retry was quicker


def _skip(parked: Parked, actor: str, reason: str) -> None:
    locked = lock(parked)
    if locked is None or locked[0].position != parked.position:
        raise CannotSkip(
            _("The stream is not parked with event %(position)s any more.") % {"position": parked.position}
        )
    row, checkpoint = locked
    _refuse_if_rebuilt(row, checkpoint.slot)
    skips.record(_skipped(row, reason), actor=actor)
    logger.warning("%s skips event %d; the log of events says by whose decision.", row.projection_id, row.position)
    _resume(row, checkpoint, after=row.position)


def _refuse_if_rebuilt(row: Parked, slot: int) -> None:
    """Refuse to skip an event that a rebuild has read: it looks up skips with each page, with its slots locked."""
    parts = primary_rows(ShadowPart).select_for_update().filter(projection_id=row.projection_id, role=Shadow.Role.NEW)
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


def _resume(row: Parked, checkpoint: Checkpoint, *, after: int) -> bool:
    """Apply the stream's events after a position up to the checkpoint; whether none of them failed."""
    subscriber = _subscriber(row)
    if isinstance(subscriber, Delivery):
        go_on(row, checkpoint, after=after)
        return True
    failure = _catch_up(subscriber, row, checkpoint, after)
    if failure:
        record_failure(row, failure).save(using=log_database())
        return False
    if subscriber.global_order:
        primary_rows(Checkpoint).filter(pk=checkpoint.pk).update(position=row.position)
    row.delete(using=log_database())
    return True


def go_on(row: Parked, checkpoint: Checkpoint, *, after: int) -> None:
    """Make the stream's next event due that its delivery has not read, or delete the row where there is none."""
    subscriber = _subscriber(row)
    unread = primary_rows(Event).filter(stream_id=row.stream_id, position__gt=after, position__lte=checkpoint.position)
    if subscriber.types is not None:
        unread = unread.filter(type__in=subscriber.types)
    following = unread.order_by("version").values_list("position", "type").first()
    if following is None:
        row.delete(using=log_database())
        return
    if following[0] != row.position:
        row.position, row.type, row.error, row.attempts = *following, "", 0
    row.retry_at = timezone.now()
    row.save(using=log_database())


def _catch_up(subscriber: Subscriber, row: Parked, checkpoint: Checkpoint, after: int) -> Failure | None:
    end = row.position if subscriber.global_order else checkpoint.position
    while page := feed.stored_in(row.stream_id, after, end, limit=subscriber.batch_size(feed.PAGE)):
        wanted = [event for event in page if subscriber.reads(event)]
        if wanted and (failure := apply_until_one_fails(subscriber, wanted)):
            return failure
        after = page[-1].position
    return None


def _subscriber(parked: Parked) -> Subscriber:
    return subscribers()[parked.projection_id]
