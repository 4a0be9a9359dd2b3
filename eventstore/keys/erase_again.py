"""Erasures again: whoever is on the erasure list, but known to a database that was restored, is erased once more.

Runs at every start, before anything is served. An intention on the list was committed, or rolled back, or committed and
then lost by a restore. In the epoch in which it was written nothing is lost, so the database knows which; in a later
one it can't be told, and the law decides: the person is erased.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import NamedTuple
from uuid import UUID

from eventstore.backends import log_database, log_transaction
from eventstore.keys import erasure_list
from eventstore.keys.erase import erase
from eventstore.keys.erasure_lines import Entry, Listing, Word
from eventstore.log.identity import identity
from eventstore.models import Stream, SubjectKey

BATCH = 500  # subjects that are looked up at a time


class Eraser(NamedTuple):
    """What a project does besides deleting the key: it tells whom it has not erased, and erases."""

    unknown: Callable[[Sequence[UUID]], Collection[UUID]]
    erase: Callable[[UUID], bool]


_erasers: dict[str, Eraser] = {}


def erase_again_by(unknown: Callable[[Sequence[UUID]], Collection[UUID]], erase: Callable[[UUID], bool]) -> None:
    """Let a project erase its own persons again, after a restore; by functions of a module, in the `ready()` of an app.

    `unknown` picks those of some subjects whom the log still knows as not erased. `erase` does all that an erasure
    takes, for one of them, whatever the present rules say of it, with `personal.erase(subject, is_listed=True)` in its
    transaction; it returns False for somebody who is not its own, then the engine deletes the key alone.
    """
    _erasers[erase.__module__] = Eraser(unknown, erase)


def apply_missing(also: Iterable[UUID] = ()) -> list[UUID]:
    """Erase everybody on the erasure list, and `also` these, whom the database has not erased; returns whom.

    Then the list is settled: it gets what it lacks, and the intentions whose transactions were rolled back are
    undone. Raises ErasureListUnavailable if it can't be read or written.
    """
    listing = erasure_list.known()
    listed = dict.fromkeys([*listing.erased, *_lost(listing), *also])
    applied = [subject for subject in missing(listed) if _erase(subject)]
    _settle(listing)
    return applied


def missing(subjects: Iterable[UUID]) -> list[UUID]:
    """Those of some subjects whom the database has not erased, in their order."""
    return [subject for batch in _batches(subjects) for subject in _missing(batch)]


def unsettled(listing: Listing) -> list[UUID]:
    """Whose erasure is on the list as an intention of the present epoch, and was not committed by now."""
    present = identity()
    ours = [subject for subject, entry in listing.intended.items() if (entry.log_id, entry.epoch) == present[:2]]
    return missing(ours)


def _batches(subjects: Iterable[UUID]) -> Iterator[list[UUID]]:
    rest = list(subjects)
    for start in range(0, len(rest), BATCH):
        yield rest[start : start + BATCH]


def _missing(batch: list[UUID]) -> Iterator[UUID]:
    found = _with_a_key(batch).union(*(eraser.unknown(batch) for eraser in _erasers.values()))
    return (subject for subject in batch if subject in found)


def _with_a_key(batch: list[UUID]) -> set[UUID]:
    """Who has a key, or whose key is lost although there is a stream with their id."""
    keys = dict(
        SubjectKey.objects.using(log_database()).filter(subject_id__in=batch).values_list("subject_id", "erased_at")
    )
    without = [subject for subject in batch if subject not in keys]
    streams = Stream.objects.using(log_database()).filter(stream_id__in=without)
    return {subject for subject, at in keys.items() if at is None}.union(streams.values_list("stream_id", flat=True))


def _lost(listing: Listing) -> list[UUID]:
    """Whose erasure was intended in an earlier epoch of this log."""
    present = identity()

    def is_lost(entry: Entry) -> bool:
        return entry.log_id == present.log_id and entry.epoch < present.epoch

    return [subject for subject, entry in listing.intended.items() if is_lost(entry)]


def _erase(subject: UUID) -> bool:
    """Erase somebody, the way of the project that knows them; whether there was something to erase."""
    done = [eraser.erase(subject) for eraser in _erasers.values()]
    return erase(subject, is_listed=True) or any(done)


def _settle(listing: Listing) -> None:
    """Write into the list what the database knows: who is erased, and whose erasure was rolled back."""
    if not erasure_list.is_kept():
        return
    erased = SubjectKey.objects.using(log_database()).filter(erased_at__isnull=False).order_by("erased_at")
    subjects = erased.values_list("subject_id", flat=True)
    erasure_list.add([subject for subject in subjects if subject not in listing.erased])
    for subject in unsettled(listing):
        _undo(subject)


def _undo(subject: UUID) -> None:
    """Undo an intention, unless its transaction is under way: that one has the row locked, and is waited for."""
    with log_transaction():
        rows = SubjectKey.objects.using(log_database()).filter(subject_id=subject).select_for_update()
        if list(rows.values_list("erased_at", flat=True)) == [None]:
            erasure_list.add([subject], Word.UNDONE)
