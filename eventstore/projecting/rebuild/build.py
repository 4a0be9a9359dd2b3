"""A projection that is being built: its shadow table, and how far each part of it is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from eventstore import models
from eventstore.backends import log_database, store
from eventstore.log.slots import SLOTS, slot_of
from eventstore.models import Shadow, ShadowPart
from eventstore.projecting.declaration.projection import Projection
from eventstore.projecting.tables.cached import CachedTable
from eventstore.projecting.tables.table import Table

NEW, OLD = Shadow.Role.NEW, Shadow.Role.OLD


@dataclass
class Build:
    """A shadow that is being filled, slot by slot; `places` is how far each was when they were last locked.

    Commands fall into slots by their number. Where the order matters across streams there is one slot for all.
    """

    projection: Projection
    places: dict[int, int] = field(default_factory=dict)
    _left: dict[int, int] | None = None

    @cached_property
    def shadow(self) -> Table:
        """The table that is filled."""
        return self.projection.table.beside(NEW)

    @cached_property
    def rows(self) -> CachedTable:
        """What is in it."""
        return CachedTable(self.shadow)

    def take_up(self, places: dict[int, int]) -> None:
        """Go on from these places, which are locked now; what is remembered is worth something if they were left so."""
        if places != self._left:
            self.rows.forget(is_empty=not any(places.values()))
        self.places, self._left = places, None

    def apply(self, records: Sequence[Any], after: int, reached: int) -> None:
        """Bring the shadow from one place to another by the records between them, in the transaction of the caller."""
        self.projection.apply(self.unread(records, after), self.rows)
        self._left = {slot: max(place, reached) for slot, place in self.places.items()}

    @property
    def parts(self) -> QuerySet[ShadowPart]:
        """Its bookkeeping; none before it has begun."""
        return ShadowPart.objects.filter(projection_id=self.projection.name, role=NEW)

    @property
    def position(self) -> int:
        """Up to where all its parts are; 0 if it has not begun."""
        return min(self.parts.values_list("position", flat=True), default=0)

    def unread(self, records: Sequence[Any], after: int) -> Sequence[Any]:
        """What the shadow does not reflect yet of a page that begins after a place: a part may have got further."""
        if max(self.places.values()) <= after:
            return records
        place_of = self.projection.place_of
        return [record for record in records if place_of(record) > self.places[self._slot_of(record)]]

    def _slot_of(self, record: Any) -> int:
        if self.projection.global_order:
            return 0
        return record.number % SLOTS if self.projection.reads_commands else slot_of(record.stream_id)


def begin(chosen: Sequence[Projection]) -> list[Build]:
    """New shadows, or those that an earlier attempt with the same projectors has left; in one transaction."""
    with transaction.atomic(using=log_database()):
        known = [models.Projection(name=projection.name, version=projection.version) for projection in chosen]
        models.Projection.objects.bulk_create(known, ignore_conflicts=True)
        new = [projection for projection in chosen if not is_begun(projection)]
        discard(new)
        for projection in new:
            _create(projection)
    return [Build(projection) for projection in chosen]


def _create(projection: Projection) -> None:
    table, name = projection.table.name, projection.table.beside(NEW).name
    store().create_like(table, name, with_keys=projection.replaces)
    Shadow.objects.create(projection_id=projection.name, role=NEW, version=projection.version)
    remember(projection, NEW, dict.fromkeys(slots_of(projection), 0))


def is_begun(projection: Projection) -> bool:
    """Whether a rebuild with this projector, as it is now, was not finished."""
    begun = Shadow.objects.filter(projection_id=projection.name, role=NEW, version=projection.version)
    return begun.exists() and Build(projection).parts.count() == len(slots_of(projection))


def discard(chosen: Sequence[Projection], role: str = NEW) -> list[str]:
    """Drop the tables that are being built, or those that were replaced; the names of the projections that had one."""
    names = [projection.name for projection in chosen]
    with transaction.atomic(using=log_database()):
        found = Shadow.objects.filter(projection_id__in=names, role=role)
        dropped = list(found.values_list("projection_id", flat=True))
        ShadowPart.objects.filter(projection_id__in=names, role=role).delete()
        for projection in chosen:
            store().drop_table(projection.table.beside(role).name)
        found.delete()
    return dropped


def slots_of(projection: Projection) -> range:
    """The slots that its bookkeeping has."""
    return range(1) if projection.global_order else range(SLOTS)


def remember(projection: Projection, role: str, places: dict[int, int]) -> None:
    """Write down how far the parts of a shadow are: slot -> place."""
    ShadowPart.objects.bulk_create(
        [
            ShadowPart(projection_id=projection.name, role=role, slot=slot, position=place)
            for slot, place in places.items()
        ]
    )
