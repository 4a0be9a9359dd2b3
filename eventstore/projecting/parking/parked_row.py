"""The row of a parked stream: the event that failed, the error, and when it is retried."""

import logging
from datetime import datetime, timedelta

from django.utils import timezone

from eventstore.models import Parked
from eventstore.projecting.declaration.deliveries import Delivery
from eventstore.projecting.declaration.registry import subscribers
from eventstore.projecting.declaration.subscribers import MAX_ATTEMPTS
from eventstore.projecting.parking.failures import Failure
from eventstore.projecting.parking.places import places_of

FIRST_RETRY_DELAY = timedelta(seconds=1)  # doubled each time
MAX_MESSAGE_LENGTH = 500  # characters of an error's message

logger = logging.getLogger(__name__)


def record_failure(row: Parked, failure: Failure) -> Parked:
    """Write a failure into the row; an event that fails again is retried ever later, and in the end no more."""
    event, kind = failure.event, type(failure.error).__name__
    row.attempts = row.attempts + 1 if row.position == event.position else 1
    row.category, row.stream_id, row.type, row.position = event.category, event.stream_id, event.type, event.position
    row.error, row.retry_at = _described(failure.error, row.projection_id), _next_attempt(row)
    logger.warning("%s fails with %s, attempt %d; parked: %s", row.projection_id, kind, row.attempts, row)
    return row


def _next_attempt(row: Parked) -> datetime | None:
    subscriber = subscribers().get(row.projection_id)
    is_last = row.attempts >= (subscriber.max_attempts if subscriber else MAX_ATTEMPTS)
    return None if is_last else timezone.now() + FIRST_RETRY_DELAY * 2 ** (row.attempts - 1)


def _described(error: Exception, projection: str) -> str:
    """The error's class, message and places. The message may quote personal data: erasing a person empties it."""
    text = f"{type(error).__name__}: {str(error)[:MAX_MESSAGE_LENGTH]}".replace("\0", "")
    subscriber = subscribers().get(projection)
    if isinstance(subscriber, Delivery):
        return text  # it comes from another system, and not from a place in the code
    return "\n".join([text, *places_of(error, subscriber.function if subscriber else None)])
