"""Changes to rows behind the engine's back, as from a database console."""

from typing import Any

from django.db import connection
from django.db.models import Model

from eventstore.testing.flush import POSTGRESQL_TRIGGERS, SQLITE_TRIGGERS


def rewritten(model: type[Model], found_by: dict[str, Any], **changes: Any) -> None:
    """Change the rows of a read model that are found."""
    assert model._default_manager.filter(**found_by).update(**changes)


def forged(model: type[Model], found_by: dict[str, Any], **changes: Any) -> None:
    """Change rows that the database protects: its triggers are lifted meanwhile, as the owner of the tables can."""
    with connection.cursor() as cursor:
        cursor.execute(POSTGRESQL_TRIGGERS if connection.vendor == "postgresql" else SQLITE_TRIGGERS)
        triggers = [trigger for trigger in cursor.fetchall() if model._meta.db_table in trigger[0]]
        for lift, _ in triggers:
            cursor.execute(lift)
        rewritten(model, found_by, **changes)
        for _, put_back in triggers:
            cursor.execute(put_back)
