"""A table with rows that were looked up before the projector reads them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from eventstore.projecting.tables.table import Table


@dataclass(frozen=True)
class PrefetchedTable:
    """A table with known rows by key, None where there is no row. Keys that are not known are read."""

    table: Table
    known: Mapping[Any, models.Model | None]

    def read(self, keys: Sequence[Any]) -> dict[Any, models.Model]:
        """As Table does."""
        known = {key: row for key in keys if (row := self.known.get(key)) is not None}
        return known | self.table.read([key for key in keys if key not in self.known])

    def insert(self, rows: Sequence[models.Model]) -> None:
        """As Table does."""
        self.table.insert(rows)

    def upsert(self, rows: Sequence[models.Model]) -> None:
        """As Table does."""
        self.table.upsert(rows)

    def delete(self, keys: Sequence[Any]) -> None:
        """As Table does."""
        self.table.delete(keys)
