"""Tampering: changes to rows past the engine, as from a database console."""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Model, QuerySet

from eventstore.testing.flush import POSTGRESQL_TRIGGERS, SQLITE_TRIGGERS


def rewrite_rows(model: type[Model], found_by: dict[str, Any], **changes: Any) -> None:
    """Change rows of a read model, past its manager, which refuses; there must be some."""
    rows: QuerySet[Model] = QuerySet(model)
    assert rows.filter(**found_by).update(**changes)


def plant_rows(rows: Sequence[Model]) -> None:
    """Add rows to a read model, past its manager."""
    planted: QuerySet[Model] = QuerySet(type(rows[0]))
    planted.bulk_create(rows)


def forge_rows(model: type[Model], found_by: dict[str, Any], **changes: Any) -> None:
    """Change append-only rows: the triggers are lifted meanwhile, as the owner of the tables can."""
    with connection.cursor() as cursor:
        cursor.execute(POSTGRESQL_TRIGGERS if connection.vendor == "postgresql" else SQLITE_TRIGGERS)
        triggers = [trigger for trigger in cursor.fetchall() if model._meta.db_table in trigger[0]]
        for lift, _ in triggers:
            cursor.execute(lift)
        rewrite_rows(model, found_by, **changes)
        for _, put_back in triggers:
            cursor.execute(put_back)
