"""Pages of a store's rows in their order; a row that the database can't give out is told, and passed over."""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from django.db import Error
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from eventstore.backends import store
from eventstore.integrity.verify.faults import Code, Faults, Place
from eventstore.integrity.verify.rows import Row
from eventstore.log.database import primary_rows
from eventstore.models import Command, Event

PAGE: Final = 5_000


class Source(NamedTuple):
    """Where rows come from, the column that orders them, and the sentence about one that can't be read."""

    model: Any
    column: str
    sentence: Promise

    def rows(self, after: int, to: int, limit: int) -> list[Row]:
        """The rows after a place, as they are stored."""
        where, backend = f"{self.column} > %s AND {self.column} <= %s ORDER BY {self.column}", store()
        read: Callable[[str, Sequence[Any], int], list[Row]]
        read = backend.whole_events if self.model is Event else backend.whole_commands
        return read(where, [after, to], limit)


SOURCES: Final = {
    Place.EVENTS: Source(Event, "position", gettext_lazy("The database can't give this event out.")),
    Place.COMMANDS: Source(Command, "number", gettext_lazy("The database can't give this command out.")),
}


class Pages(NamedTuple):
    """Pages of the events, or of the commands, up to a position or number."""

    faults: Faults
    place: Place
    to: int

    def after(self, at: int, limit: int | None = None) -> list[Row]:
        """The rows after a place; where one of them can't be read, those before it, or else those behind it.

        A page that fails is halved until it does not, or is that row alone, which is told. Raises what the database
        raises if nothing can be read at all.
        """
        limit = limit or PAGE
        try:
            return SOURCES[self.place].rows(at, self.to, limit)
        except (Error, ValueError):
            if limit > 1:
                return self.after(at, limit // 2)
            unreadable = self._tell_unreadable(at)
            if unreadable is None:
                raise
            return self.after(unreadable, 1)

    def _tell_unreadable(self, after: int) -> int | None:
        """Tell of the row after a place, which can't be read; its own place."""
        model, column, sentence = SOURCES[self.place]
        found = primary_rows(model).filter(**{f"{column}__gt": after, f"{column}__lte": self.to}).order_by(column)
        at: int | None = found.values_list(column, flat=True).first()
        if at is not None:
            self.faults.add(self.place, Code.UNREADABLE, str(sentence), position=at)
        return at
