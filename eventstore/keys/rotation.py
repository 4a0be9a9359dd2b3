"""Rotation: everything that old master keys protect is encrypted anew with the first one, while the site is live.

A new site key is made under the first master key, and the keys of persons are encrypted with it, batch by batch. Then
the site's other keys follow: the old ones are deleted, so that with the old master key nothing can be read any more but
old backups. Killed half-way, it goes on where it stopped. Events are never touched.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.deletion import ProtectedError

from eventstore.backends import log_database, log_transaction, store
from eventstore.backends.retries import retrying
from eventstore.keys import ring
from eventstore.keys.masters import MasterKey, provided
from eventstore.keys.ring import Ring
from eventstore.keys.strength import KEY_BYTES
from eventstore.keys.subjects import StoredKey, as_stored, rewrapped
from eventstore.models import SiteKey, SubjectKey
from eventstore.signals import keys_rotated

BATCH = 1_000  # keys of persons in one transaction
MAX_NAMED = 100  # damaged keys that are named; the others are only counted


@dataclass
class Rotation:
    """What a rotation found and did: keys of persons that were opened, encrypted anew, or found damaged."""

    master: str
    opened: int = 0
    rewrapped: int = 0
    damaged: int = 0
    named: list[UUID] = field(default_factory=list)

    def add_damaged(self, subject: UUID) -> None:
        """Count a key that can't be opened; the first ones are named."""
        self.damaged += 1
        if len(self.named) < MAX_NAMED:
            self.named.append(subject)


@dataclass(frozen=True)
class Outdated:
    """What master keys other than the first one still protect."""

    masters: tuple[str, ...]
    subjects: int

    def __bool__(self) -> bool:
        return bool(self.masters or self.subjects)


def outdated() -> Outdated:
    """What is to be rotated. Raises KeysUnavailable if it could not be."""
    first = provided()[0].id
    keys = ring.ring(fresh=True)
    masters = {row.master for row in ring.rows_in_order()} - {first}
    rows = _to_rewrap(keys.current)
    if len(keys.wrapping) == 1:  # then rows from before there were site keys can only be encrypted with this one
        rows = rows.exclude(site_key=None)
    return Outdated(tuple(sorted(masters)), rows.count())


def count() -> int:
    """The keys of all persons who are not erased."""
    return SubjectKey.objects.using(log_database()).filter(erased_at=None).count()


def rotate(progress: Callable[[int], object] = lambda _: None) -> Rotation:
    """Encrypt everything with the first master key; raises KeysUnavailable if one is missing that is needed."""
    first = provided()[0]
    keys = retrying(lambda: _begin(first))
    done = Rotation(first.id)
    after: UUID | None = None
    while batch := _next_batch(keys.current, after):
        retrying(lambda batch=batch: _rewrap(batch, keys, done))  # type: ignore[misc]
        progress(len(batch))
        after = batch[-1]
    retrying(lambda: _finish(first))
    ring.forget()
    if not store().connection.in_atomic_block:
        store().overwrite_erased()  # what the old master key opened
    keys_rotated.send(sender=None, master=done.master, rewrapped=done.rewrapped)
    return done


def verify(progress: Callable[[int], object] = lambda _: None) -> Rotation:
    """Open the key of every person, and change nothing."""
    keys, found, after = ring.ring(fresh=True), Rotation(provided()[0].id), None
    while page := as_stored(_after(SubjectKey.objects.using(log_database()).filter(erased_at=None), after)[:BATCH]):
        for stored in page:
            if rewrapped(stored, keys) is None:
                found.add_damaged(stored.subject_id)
            else:
                found.opened += 1
        progress(len(page))
        after = page[-1].subject_id
    return found


def _begin(first: MasterKey) -> Ring:
    """Make a site key under the first master key, unless the current one is; the ring with it."""
    with log_transaction():
        _lock()
        rows = ring.rows_in_order()
        ring.opened(rows, provided())  # all of them, or nothing is begun
        if rows[-1].master != first.id:
            new = ring.new_row(SiteKey.Purpose.WRAP, os.urandom(KEY_BYTES), first)
            new.save(using=log_database(), force_insert=True)
    return ring.ring(fresh=True)


def _lock() -> None:
    """One rotation at a time makes and deletes keys; they share the work between."""
    ring.ring()  # makes the keys, if there are none
    SiteKey.objects.using(log_database()).select_for_update().get(purpose=SiteKey.Purpose.HASH)


def _to_rewrap(current: UUID) -> "QuerySet[SubjectKey]":
    keys = SubjectKey.objects.using(log_database()).filter(wrapped__isnull=False)
    return keys.exclude(site_key=current) | keys.filter(site_key=None)


def _after(rows: "QuerySet[SubjectKey]", subject: UUID | None) -> "QuerySet[SubjectKey]":
    return (rows.filter(subject_id__gt=subject) if subject else rows).order_by("subject_id")


def _next_batch(current: UUID, after: UUID | None) -> Sequence[UUID]:
    return list(_after(_to_rewrap(current), after).values_list("subject_id", flat=True)[:BATCH])


def _rewrap(subjects: Sequence[UUID], keys: Ring, done: Rotation) -> None:
    """Encrypt the keys of some persons anew; they are locked, so that one who is being erased stays erased."""
    found: list[tuple[StoredKey, bytes | None]] = []
    with log_transaction():
        rows = SubjectKey.objects.using(log_database()).select_for_update()
        locked = as_stored(_after(rows.filter(subject_id__in=subjects, wrapped__isnull=False), None))
        found = [(stored, rewrapped(stored, keys)) for stored in locked]
        changed = [
            SubjectKey(subject_id=stored.subject_id, wrapped=wrapped, site_key_id=keys.current)
            for stored, wrapped in found
            if wrapped is not None
        ]
        SubjectKey.objects.using(log_database()).bulk_update(changed, ["wrapped", "site_key"], batch_size=100)
    done.rewrapped += len(changed)
    for stored, wrapped in found:
        if wrapped is None:
            done.add_damaged(stored.subject_id)


def _finish(first: MasterKey) -> None:
    """Encrypt the site's other keys with the first master key, and delete those that nothing needs any more."""
    with log_transaction():
        _lock()
        *_, current = rows = ring.rows_in_order()
        for row in rows:
            if row.master != first.id:
                row.wrapped, row.master = first.wrap(ring.open_one(row, provided())), first.id
                row.save(using=log_database(), update_fields=["wrapped", "master"])
        if not SubjectKey.objects.using(log_database()).filter(wrapped__isnull=False, site_key=None).exists():
            for row in rows:
                if row.purpose == SiteKey.Purpose.WRAP and row.pk != current.pk:
                    _delete_unused(row)


def _delete_unused(row: SiteKey) -> None:
    """Delete a site key, unless a person's key is encrypted with it, as a damaged one is."""
    try:
        row.delete(using=log_database())
    except ProtectedError:
        return
