"""Positions are drawn by a column's default, and the tidemark's lock is taken once for a statement.

A function that is called for each row costs more than the row's index. A position that is not the one which this
session drew last was chosen, and refused; comparing them needs no call. The lock comes before the first row draws.
"""

from typing import Any

from django.db import migrations

POSTGRESQL = """
DROP TRIGGER draw_position ON eventstore_event;
DROP TRIGGER draw_number ON eventstore_command;
DROP FUNCTION eventstore_draw_position();
DROP FUNCTION eventstore_draw_number();

ALTER TABLE eventstore_event ALTER COLUMN position SET DEFAULT nextval('eventstore_event_position_seq');
ALTER TABLE eventstore_command ALTER COLUMN number SET DEFAULT nextval('eventstore_command_number_seq');

CREATE FUNCTION eventstore_hold_mark() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(1953064037, 1835102827);
    RETURN NULL;
END $$;

CREATE FUNCTION eventstore_refuse_choice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'A position is drawn by the database, never chosen.' USING ERRCODE = 'restrict_violation';
END $$;

-- Not ALWAYS: a subscriber of a logical replica is given the positions that its publisher drew.
CREATE TRIGGER hold_mark BEFORE INSERT ON eventstore_event
    FOR EACH STATEMENT EXECUTE FUNCTION eventstore_hold_mark();
CREATE TRIGGER hold_mark BEFORE INSERT ON eventstore_command
    FOR EACH STATEMENT EXECUTE FUNCTION eventstore_hold_mark();
CREATE TRIGGER refuse_choice BEFORE INSERT ON eventstore_event FOR EACH ROW
    WHEN (NEW.position IS DISTINCT FROM currval('eventstore_event_position_seq'))
    EXECUTE FUNCTION eventstore_refuse_choice();
CREATE TRIGGER refuse_choice BEFORE INSERT ON eventstore_command FOR EACH ROW
    WHEN (NEW.number IS DISTINCT FROM currval('eventstore_command_number_seq'))
    EXECUTE FUNCTION eventstore_refuse_choice();
"""

POSTGRESQL_UNDO = """
DROP TRIGGER hold_mark ON eventstore_event;
DROP TRIGGER hold_mark ON eventstore_command;
DROP TRIGGER refuse_choice ON eventstore_event;
DROP TRIGGER refuse_choice ON eventstore_command;
DROP FUNCTION eventstore_hold_mark();
DROP FUNCTION eventstore_refuse_choice();
ALTER TABLE eventstore_event ALTER COLUMN position DROP DEFAULT;
ALTER TABLE eventstore_command ALTER COLUMN number DROP DEFAULT;

CREATE FUNCTION eventstore_draw_position() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.position IS NOT NULL THEN
        RAISE EXCEPTION 'A position is drawn by the database, never chosen.' USING ERRCODE = 'restrict_violation';
    END IF;
    PERFORM pg_advisory_xact_lock_shared(1953064037, 1835102827);
    NEW.position := nextval('eventstore_event_position_seq');
    RETURN NEW;
END $$;

CREATE FUNCTION eventstore_draw_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.number IS NOT NULL THEN
        RAISE EXCEPTION 'A command number is drawn by the database, never chosen.' USING ERRCODE = 'restrict_violation';
    END IF;
    PERFORM pg_advisory_xact_lock_shared(1953064037, 1835102827);
    NEW.number := nextval('eventstore_command_number_seq');
    RETURN NEW;
END $$;

CREATE TRIGGER draw_position BEFORE INSERT ON eventstore_event
    FOR EACH ROW EXECUTE FUNCTION eventstore_draw_position();
CREATE TRIGGER draw_number BEFORE INSERT ON eventstore_command
    FOR EACH ROW EXECUTE FUNCTION eventstore_draw_number();
"""


def apply(_apps: Any, schema_editor: Any) -> None:
    _run(schema_editor, POSTGRESQL)


def undo(_apps: Any, schema_editor: Any) -> None:
    _run(schema_editor, POSTGRESQL_UNDO)


def _run(schema_editor: Any, statements: str) -> None:
    if schema_editor.connection.vendor == "postgresql":  # SQLite's triggers stay as they are
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(statements)


class Migration(migrations.Migration):
    dependencies = [("eventstore", "0002_guards")]
    operations = [migrations.RunPython(apply, undo, elidable=False)]
