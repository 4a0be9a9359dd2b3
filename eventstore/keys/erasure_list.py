"""The erasure list: who was erased, kept where no backup of the database reaches, so that no restore brings them back.

It is written before an erasure is committed, so that none is ever answered without; a failure in between leaves an
intention behind, which `eventstore.keys.erase_again` settles. The reasons are in decision 45.
"""

import logging
from collections.abc import Iterable, Sequence
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from eventstore.backends import log_database
from eventstore.backends.retries import is_rehearsal
from eventstore.errors import ErasureListUnavailable
from eventstore.keys.erasure_lines import Entry, Listing, Word, is_list, line_of, listing_of
from eventstore.keys.erasure_places import place
from eventstore.log.identity import identity

logger = logging.getLogger(__name__)


def is_kept() -> bool:
    """Whether the setting ERASURE_LIST names a place for it."""
    return place() is not None


def known() -> Listing:
    """What the list says; nobody, if none is kept. Raises ErasureListUnavailable, also for what is no list."""
    kept = place()
    text = kept.read() if kept else ""
    if kept and not is_list(text):
        raise ErasureListUnavailable(f"The erasure list {kept.name} can't be read: what is there is no erasure list.")
    return listing_of(text)


def announce(subject: UUID) -> None:
    """Write that a person is about to be erased, within the transaction that does it; after its commit, that they are.

    Raises ErasureListUnavailable, which undoes the transaction. A rehearsal writes nothing.
    """
    if is_rehearsal() or not is_kept():
        return
    entry = Entry(timezone.now(), Word.INTENDED, subject, *identity()[:2])
    _append([entry])
    transaction.on_commit(partial(_confirm, entry._replace(word=Word.ERASED)), using=log_database())


def must_be_writable() -> None:
    """Raises ErasureListUnavailable if nothing could be added to the list that is kept."""
    if kept := place():
        kept.append("")


def add(subjects: Iterable[UUID], word: Word = Word.ERASED) -> None:
    """Append a line for each subject, if a list is kept; raises ErasureListUnavailable, then none may be relied on."""
    log, now = identity()[:2], timezone.now()
    _append([Entry(now, word, subject, *log) for subject in subjects])


def _append(entries: Sequence[Entry]) -> None:
    kept = place()
    if kept and entries:
        kept.append("".join(f"{line_of(entry)}\n" for entry in entries))


def _confirm(entry: Entry) -> None:
    """Write that an erasure is committed. If that fails, the intention stands for it until the next start."""
    try:
        _append([entry])
    except ErasureListUnavailable as error:
        logger.warning("%s The erasure is done, and announced there; the next start confirms it.", error)
