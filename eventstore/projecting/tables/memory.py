"""A read model's table in memory, for the rows of a few streams."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models


@dataclass
class MemoryTable:
    """A RowStore in memory."""

    rows: dict[Any, models.Model] = field(default_factory=dict)

    def read(self, keys: Sequence[Any]) -> dict[Any, models.Model]:
        """As Table does."""
        return {key: self.rows[key] for key in keys if key in self.rows}

    def upsert(self, rows: Sequence[models.Model]) -> None:
        """As Table does."""
        self.rows.update((row.pk, row) for row in rows)

    insert = upsert

    def delete(self, keys: Sequence[Any]) -> None:
        """As Table does."""
        for key in keys:
            del self.rows[key]
