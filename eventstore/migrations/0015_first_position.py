"""Heads know where their streams begin, and the tidemark where the log does, so that a read can leave the rest alone.

The heads of a small log are given their first position here. Those of a larger one are given it in small transactions
when its tables are partitioned (`manage.py partitions --adopt`), which alone makes use of it: until then it is 0, which
says nothing. Streams that begin from now on have it from the start.
"""

from typing import Any, Final

from django.db import migrations, models

MOST: Final = 10_000  # heads that are filled while the migration has them locked: about a second

COUNT = "SELECT count(*) FROM (SELECT 1 FROM eventstore_stream LIMIT %s) AS counted"
FILL = """
UPDATE eventstore_stream SET first_position = coalesce((
    SELECT position FROM eventstore_event AS event
    WHERE event.stream_id = eventstore_stream.stream_id AND event.version = 1), 0)
"""


def fill(_apps: Any, schema_editor: Any) -> None:
    """Give the heads their first position, if they are few."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(COUNT, [MOST + 1])
        (heads,) = cursor.fetchone()
        if heads <= MOST:
            cursor.execute(FILL)


class Migration(migrations.Migration):
    dependencies = [("eventstore", "0014_read_database")]

    operations = [
        migrations.AddField(
            "stream", "first_position", models.BigIntegerField(verbose_name="first position", default=0, db_default=0)
        ),
        migrations.AddField(
            "tidemark", "first_position", models.BigIntegerField(verbose_name="first position", default=0, db_default=0)
        ),
        migrations.AddField(
            "tidemark",
            "first_number",
            models.BigIntegerField(verbose_name="first command number", default=0, db_default=0),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
