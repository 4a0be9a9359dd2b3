"""A position counts as drawn only if its own statement drew it, under the tidemark's lock.

The trigger of 0003 compares a row's position with the last one that its session drew. But a session can draw one with
`nextval` alone, without the lock, and insert it when the tidemark has passed it: no reader would ever see that event.
The same goes for a position whose insert was rolled back to a savepoint, which gives the lock back.

So the statement's trigger, once it has the lock, looks whether the session's last position is in the table. If it is
not, it draws another: no earlier one is the last any more, and a later one is drawn under the lock.
"""

from typing import Any

from django.db import migrations

# The lock comes before the inner block, whose failure would give it back. There, an error of this code says that the
# session has drawn nothing yet. The row is looked up by its key, however small the table was when the plan was made;
# in a variable, as the function of a sequence would be called for each row.
HOLD = """
CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    last bigint;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(1953064037, 1835102827);
    BEGIN
        last := currval('{sequence}');
    EXCEPTION WHEN object_not_in_prerequisite_state THEN
        RETURN NULL;
    END;
    IF NOT EXISTS (SELECT FROM {table} WHERE {column} = last) THEN
        PERFORM nextval('{sequence}');
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER hold_mark ON {table};
CREATE TRIGGER hold_mark BEFORE INSERT ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {function}();
"""

UNDO = """
DROP TRIGGER hold_mark ON {table};
DROP FUNCTION {function}();
CREATE TRIGGER hold_mark BEFORE INSERT ON {table} FOR EACH STATEMENT EXECUTE FUNCTION eventstore_hold_mark();
"""

TABLES = [
    {
        "table": "eventstore_event",
        "column": "position",
        "sequence": "eventstore_event_position_seq",
        "function": "eventstore_hold_mark_for_events",
    },
    {
        "table": "eventstore_command",
        "column": "number",
        "sequence": "eventstore_command_number_seq",
        "function": "eventstore_hold_mark_for_commands",
    },
]


def apply(_apps: Any, schema_editor: Any) -> None:
    _run(schema_editor, HOLD)


def undo(_apps: Any, schema_editor: Any) -> None:
    _run(schema_editor, UNDO)


def _run(schema_editor: Any, statements: str) -> None:
    if schema_editor.connection.vendor == "postgresql":  # SQLite's triggers take the next position only
        with schema_editor.connection.cursor() as cursor:
            for table in TABLES:
                cursor.execute(statements.format(**table))


class Migration(migrations.Migration):
    dependencies = [("eventstore", "0007_site_keys")]
    operations = [migrations.RunPython(apply, undo, elidable=False)]
