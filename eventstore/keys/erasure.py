"""What an erasure leaves behind: states that may quote the person, and copies in the database's own files."""

from collections.abc import Iterator
from datetime import timedelta
from functools import reduce
from operator import or_
from uuid import UUID

from django.db import Error, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from eventstore import messages
from eventstore.backends import log_database, store
from eventstore.decider import deciders
from eventstore.messages import MessageType
from eventstore.models import Event, Parked, Stream, SubjectKey

SETTLED_AFTER = timedelta(minutes=10)  # by when delayed read models have forgotten a person, unless they stand still


def drop_states(subject: UUID) -> None:
    """Drop the state of each stream with events about a subject: the next decision folds it from its events."""
    streams_about(subject).update(state=None, fingerprint="")


def streams_about(subject: UUID) -> "QuerySet[Stream]":
    """The streams with state that have the subject's id, or an event with personal fields about the subject."""
    about = reduce(or_, _elsewhere(subject), Q(stream_id=subject))
    return Stream.objects.using(log_database()).filter(about, category__in=deciders)


def _elsewhere(subject: UUID) -> Iterator[Q]:
    """The streams that do not have the subject's id, a condition for each type of event; these are looked through."""
    for kind in messages.events.values():
        if kind.personal and kind.category in deciders and not _names_its_own_stream(kind):
            events = Event.objects.using(log_database()).filter(
                type=kind.name, **{f"data__{kind.subject}": str(subject)}
            )
            yield Q(stream_id__in=events.values("stream_id"))


def _names_its_own_stream(kind: MessageType) -> bool:
    return kind.subject in kind.streams


def purge_after_commit() -> None:
    """Overwrite what the erased rows have left in the database's files, once the erasure is committed."""
    transaction.on_commit(purge, using=log_database(), robust=True)


def purge() -> bool:
    """Overwrite the copies that erasures have left, where that is pending; whether none is left in our reach.

    A reader with an old snapshot holds it up; then the next erasure, runner or doctor does it. It is repeated for a
    while, as delayed read models forget the person a little later.
    """
    pending = list(_unpurged().values_list("subject_id", flat=True))
    try:
        if not pending:
            return True
        if store().subscribes():
            Parked.forget_errors()  # the key is the primary's to mark as purged
            return True
        if not store().overwrite_erased():
            return False
        _unpurged().filter(subject_id__in=pending, erased_at__lt=timezone.now() - SETTLED_AFTER).update(purged_at=Now())
    except Error as error:
        if not store().is_transient(error):
            raise
        return False
    return True


def _unpurged() -> "QuerySet[SubjectKey]":
    return SubjectKey.objects.using(log_database()).filter(erased_at__isnull=False, purged_at=None)
