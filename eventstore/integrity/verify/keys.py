"""Keys of persons: each opens for whom it is stored, and decrypts what was stored about them, or they were erased.

A key is encrypted with the person's id as associated data, so one that was exchanged with another's does not open. One
that was deleted, and made anew by the next command, opens: it does not decrypt what was there before.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from eventstore import messages
from eventstore.errors import KeysUnavailable
from eventstore.integrity.verify.faults import Code, Faults, Place
from eventstore.keys.fields import unreadable_fields
from eventstore.keys.subjects import Fault, StoredKey, as_stored, fault_of
from eventstore.log.database import primary_rows
from eventstore.log.records import Recorded
from eventstore.models import SubjectKey
from eventstore.projecting.replay import Progress

PAGE: Final = 500  # keys that are read at a time


@dataclass
class KeyPass:
    """The pass: events are looked at as the pass over the log has decoded them, then each key by itself."""

    faults: Faults
    are_missed: bool = True  # false where all keys were left behind on purpose
    _told: set[UUID] = field(default_factory=set)  # of one person one fault is told
    _personal: frozenset[str] = field(
        default_factory=lambda: frozenset(kind.name for kind in messages.events.values() if kind.personal)
    )

    def take(self, records: Sequence[Recorded[Any] | None]) -> None:
        """Find what can't be decrypted in the events of a page, though nobody has erased its person."""
        for record in records:
            if record is not None and record.type in self._personal:
                for each in unreadable_fields(record.event):
                    self._add(each.subject, each.fault, record.position)

    def open_all(self, progress: Progress) -> None:
        """Open every key that is there, also of persons of whom no event tells anything personal."""
        for page in _pages():
            found = {stored.subject_id for stored in page if _is_bad(stored)}
            # A rotation may have replaced these, and the site key that they need, since they were read.
            for stored in as_stored(primary_rows(SubjectKey).filter(subject_id__in=found)):
                if fault := _is_bad(stored):
                    self._add(stored.subject_id, fault)
            progress(len(page))

    def _add(self, subject: UUID | None, fault: Fault, position: int | None = None) -> None:
        if subject is None or subject in self._told or not self.are_missed:
            return
        self._told.add(subject)
        self.faults.add(Place.KEYS, Code.KEY, _sentence(fault, position), subject=f"person {subject}")


def _pages() -> Iterator[list[StoredKey]]:
    rows = primary_rows(SubjectKey).filter(Q(erased_at=None) | Q(wrapped__isnull=False)).order_by("subject_id")
    after = UUID(int=0)
    while page := as_stored(rows.filter(subject_id__gt=after)[:PAGE]):
        yield page
        after = page[-1].subject_id


def _is_bad(stored: StoredKey) -> Fault | None:
    try:
        return fault_of(stored)
    except KeysUnavailable:
        return Fault.BAD_KEY  # its site key is unknown


def _sentence(fault: Fault, position: int | None) -> str:
    match fault:
        case Fault.NO_KEY:
            return _("Their key is gone, and nobody has erased them: what is personal about them can't be read.")
        case Fault.BAD_KEY:
            return _("The key that is stored for them does not open: it was changed, or is another person's.")
        case Fault.NOT_ERASED:
            return _("They were erased, by the row of their key, but the key is still in it.")
        case Fault.BAD_TEXT:
            problem = _("Their key does not decrypt the event at position %(position)s: it is not the one of then.")
            return problem % {"position": position}
