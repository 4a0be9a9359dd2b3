"""Erasing a person: the key is deleted for ever, and with it everything personal that was ever stored about them."""

from uuid import UUID

from django.utils import timezone

from eventstore.backends import log_database, log_transaction
from eventstore.keys import erasure_list
from eventstore.keys.erasure import drop_states, purge_after_commit, streams_about
from eventstore.messages.arguments import id_of
from eventstore.models import Parked, SubjectKey


def erase(subject: UUID, *, is_listed: bool = False) -> bool:
    """Delete a subject's key for ever; whether there was one to delete.

    The erasure list has it first, unless it `is_listed` already; raises ErasureListUnavailable, and nothing is done, if
    the list can't be written. The states of streams with events about the subject are dropped, and folded anew without
    what is erased. After the transaction the copies are overwritten that the database has left behind, as far as it
    lets us.
    """
    subject = id_of("The subject", subject)
    with log_transaction():
        has_key = _lock_key(subject)
        if has_key and not is_listed:
            erasure_list.announce(subject)
        keys = SubjectKey.objects.using(log_database()).filter(subject_id=subject, erased_at=None)
        erased = bool(keys.update(wrapped=None, site_key=None, erased_at=timezone.now()))
        drop_states(subject)
        Parked.forget_errors()
        purge_after_commit()
    return erased


def _lock_key(subject: UUID) -> bool:
    """Lock the subject's row, for as long as the transaction lasts; whether it is not erased yet."""
    rows = SubjectKey.objects.using(log_database()).filter(subject_id=subject)
    if not rows.exists() and streams_about(subject).exists():  # its row was lost, and there is something to forget
        SubjectKey(subject_id=subject).save(using=log_database(), force_insert=True)
    found = rows.select_for_update().values_list("erased_at", flat=True)
    return list(found) == [None]
