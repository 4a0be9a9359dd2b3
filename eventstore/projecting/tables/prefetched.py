"""Rows that were looked up before they are needed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from eventstore.projecting.tables.table import Table


@dataclass(frozen=True)
class PrefetchedTable:
    """A table, some rows of which are known, by key; None where there is none. What is not, is read as ever."""

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
