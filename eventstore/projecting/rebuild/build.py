"""A projection that is being rebuilt: its shadow table, and the progress of each slot."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from eventstore import models
from eventstore.backends import log_transaction, store
from eventstore.log.database import primary_rows
from eventstore.log.slots import SLOTS, slot_of
from eventstore.models import Shadow, ShadowPart
from eventstore.projecting.declaration.projection import Projection
from eventstore.projecting.tables.cached import CachedTable
from eventstore.projecting.tables.fit import differences, must_be_unbound, must_fit_model
from eventstore.projecting.tables.table import Table

BUILDING, REPLACED = Shadow.Role.NEW, Shadow.Role.OLD

logger = logging.getLogger(__name__)


@dataclass
class Build:
    """A shadow table that is being filled, slot by slot; `places` holds each slot's progress when it was last locked.

    Commands fall into slots by their number. In a global order there is one slot.
    """

    projection: Projection
    places: dict[int, int] = field(default_factory=dict)
    _left: dict[int, int] | None = None

    @cached_property
    def shadow(self) -> Table:
        """The shadow table."""
        return self.projection.table.beside(BUILDING)

    @cached_property
    def rows(self) -> CachedTable:
        """The rows of the shadow table."""
        return CachedTable(self.shadow)

    def resume(self, places: dict[int, int]) -> None:
        """Continue from these places, which are locked now; cached rows hold if the last transaction left them so."""
        if places != self._left:
            self.rows.forget(is_empty=not any(places.values()))
        self.places, self._left = places, None

    def apply(self, records: Sequence[Any], after: int, reached: int) -> None:
        """Apply the records of a page between two places to the shadow, in the transaction of the caller."""
        self.projection.apply(self.unread(records, after), self.rows)
        self._left = {slot: max(place, reached) for slot, place in self.places.items()}

    @property
    def parts(self) -> QuerySet[ShadowPart]:
        """The rows that hold the progress of its slots; none before it has begun."""
        return primary_rows(ShadowPart).filter(projection_id=self.projection.name, role=BUILDING)

    @property
    def position(self) -> int:
        """The place that all slots have reached; 0 if the rebuild has not begun."""
        return min(self.reached(), default=0)

    def reached(self) -> list[int]:
        """The place that each slot has reached."""
        return list(self.parts.values_list("position", flat=True))

    def unread(self, records: Sequence[Any], after: int) -> Sequence[Any]:
        """The records of a page, which begins after a place, that the shadow lacks: some slots may be ahead."""
        if max(self.places.values()) <= after:
            return records
        place_of = self.projection.place_of
        return [record for record in records if place_of(record) > self.places[self._slot_of(record)]]

    def _slot_of(self, record: Any) -> int:
        if self.projection.global_order:
            return 0
        return record.number % SLOTS if self.projection.reads_commands else slot_of(record.stream_id)


def begin(chosen: Sequence[Projection]) -> list[Build]:
    """Create shadows, or find those that an earlier attempt with the same projectors left; in one transaction.

    Raises TableDoesNotFit, or TableIsBound, for a live table that can't be replaced.
    """
    for projection in chosen:
        must_fit_model(projection.table)
        must_be_unbound(projection.table)
    with log_transaction():
        known = [models.Projection(name=projection.name, version=projection.version) for projection in chosen]
        primary_rows(models.Projection).bulk_create(known, ignore_conflicts=True)
        new = [projection for projection in chosen if not is_begun(projection)]
        discard(new)
        for projection in new:
            _create(projection)
    return [Build(projection) for projection in chosen]


def _create(projection: Projection) -> None:
    table, name = projection.table.name, projection.table.beside(BUILDING).name
    store().create_like(table, name, with_keys=projection.replaces)
    primary_rows(Shadow).create(projection_id=projection.name, role=BUILDING, version=projection.version)
    save_places(projection, BUILDING, dict.fromkeys(slots_of(projection), 0))


def is_begun(projection: Projection) -> bool:
    """Whether an unfinished rebuild exists, of this version of the projector and of the table as it is now."""
    build = Build(projection)
    begun = primary_rows(Shadow).filter(projection_id=projection.name, role=BUILDING, version=projection.version)
    if not begun.exists() or build.parts.count() != len(slots_of(projection)):
        return False
    if found := differences(build.shadow, projection.table, unfinished=True):
        logger.warning(
            "The table of %s was changed since its rebuild was interrupted, so it begins anew: %s.",
            projection.name,
            found,
        )
    return not found


def discard(chosen: Sequence[Projection], role: str = BUILDING) -> list[str]:
    """Drop shadow tables in a role, BUILDING or REPLACED; the names of the projections that had one."""
    names = [projection.name for projection in chosen]
    with log_transaction():
        found = primary_rows(Shadow).filter(projection_id__in=names, role=role)
        dropped = list(found.values_list("projection_id", flat=True))
        primary_rows(ShadowPart).filter(projection_id__in=names, role=role).delete()
        for projection in chosen:
            store().drop_table(projection.table.beside(role).name)
        found.delete()
    return dropped


def slots_of(projection: Projection) -> range:
    """The slots of a shadow's progress."""
    return range(1) if projection.global_order else range(SLOTS)


def save_places(projection: Projection, role: str, places: dict[int, int]) -> None:
    """Insert the progress of a shadow: slot -> place."""
    primary_rows(ShadowPart).bulk_create(
        [
            ShadowPart(projection_id=projection.name, role=role, slot=slot, position=place)
            for slot, place in places.items()
        ]
    )
