"""Tampering: changes to rows past the engine, as from a database console."""

from typing import Any

from django.db import connection
from django.db.models import Model

from eventstore.testing.flush import POSTGRESQL_TRIGGERS, SQLITE_TRIGGERS


def rewrite_rows(model: type[Model], found_by: dict[str, Any], **changes: Any) -> None:
    """Change rows of a read model; there must be some."""
    assert model._default_manager.filter(**found_by).update(**changes)


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
