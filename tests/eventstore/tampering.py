"""Changes that the database's guards refuse, as a disk, a restore or an intruder makes them."""

import json
from typing import Any

from django.db import connection

from eventstore.models import Event

TRIGGERS = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s"


def change_event(position: int, **fields: Any) -> None:
    """Change fields of an event's data; the guards are lifted in the test's transaction, which is rolled back."""
    data = {**Event.objects.get(pk=position).data, **fields}
    lift_guards()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE eventstore_event SET data = %s WHERE position = %s", [json.dumps(data), position])


def lift_guards(table: str = "eventstore_event") -> None:
    """Lift the guards of a table in the test's transaction, which is rolled back."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(TRIGGERS, [table])
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP TRIGGER "{name}"')
        else:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
