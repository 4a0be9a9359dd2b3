"""Digests of commands, epochs, the trees over both stores, and the records of those who look whether all is well.

The commands that are stored already are taken in as they are: their digests cover what the rows say at this moment.
"""

from typing import Any

import msgspec
from django.db import migrations, models

from eventstore.backends.rows import CommandRow
from eventstore.integrity.digests import command_digest
from eventstore.messages import canonical

PAGE = 1_000  # commands taken in at a time

POSTGRESQL_LIFT = "ALTER TABLE eventstore_command DISABLE TRIGGER append_only"
POSTGRESQL_PUT_BACK = "ALTER TABLE eventstore_command ENABLE ALWAYS TRIGGER append_only"
SQLITE_TRIGGER = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = 'eventstore_command_no_update'"

GUARDED = {"eventstore_epoch": "epoch", "eventstore_treehead": "id"}
POSTGRESQL_GUARD = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION eventstore_refuse_change();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only;
"""
REFUSE = "BEGIN SELECT RAISE(ABORT, '{table} is append-only. Record a correction instead.'); END"
SQLITE_GUARDS = [
    f"CREATE TRIGGER {{table}}_no_update BEFORE UPDATE ON {{table}} {REFUSE}",
    f"CREATE TRIGGER {{table}}_no_delete BEFORE DELETE ON {{table}} {REFUSE}",
    f"""
    CREATE TRIGGER {{table}}_no_replace BEFORE INSERT ON {{table}}
    WHEN EXISTS (SELECT 1 FROM {{table}} WHERE {{column}} = NEW.{{column}}) {REFUSE}
    """,  # noqa: S608 - constants
]


def add_column(_apps: Any, schema_editor: Any) -> None:
    """Add the column without making the table anew, which would take its guards away on SQLite."""
    on_postgresql = schema_editor.connection.vendor == "postgresql"
    column = "digest bytea NOT NULL DEFAULT ''::bytea" if on_postgresql else "digest BLOB NOT NULL DEFAULT x''"
    _run(schema_editor, f"ALTER TABLE eventstore_command ADD COLUMN {column}")
    if on_postgresql:
        _run(schema_editor, "ALTER TABLE eventstore_command ALTER COLUMN digest DROP DEFAULT")


def drop_column(_apps: Any, schema_editor: Any) -> None:
    """Drop the column."""
    _run(schema_editor, "ALTER TABLE eventstore_command DROP COLUMN digest")


def take_in(apps: Any, schema_editor: Any) -> None:
    """Give each command that is stored its digest; its guard is lifted meanwhile, in this transaction."""
    commands = apps.get_model("eventstore", "Command").objects.using(schema_editor.connection.alias)
    if not commands.exists():
        return
    put_back = _lift(schema_editor)
    page = list(commands.order_by("number")[:PAGE])
    while page:
        for command in page:
            command.digest = bytes.fromhex(command_digest(_row(command)))
        commands.bulk_update(page, ["digest"])
        page = list(commands.filter(number__gt=page[-1].number).order_by("number")[:PAGE])
    _run(schema_editor, put_back)


def guard(_apps: Any, schema_editor: Any) -> None:
    """Make the new tables that only grow refuse all else."""
    on_postgresql = schema_editor.connection.vendor == "postgresql"
    for table, column in GUARDED.items():
        for statement in [POSTGRESQL_GUARD] if on_postgresql else SQLITE_GUARDS:
            _run(schema_editor, statement.format(table=table, column=column))


def _lift(schema_editor: Any) -> str:
    """Lift the guard of the command store; returns the statement that puts it back."""
    if schema_editor.connection.vendor == "postgresql":
        _run(schema_editor, POSTGRESQL_LIFT)
        return POSTGRESQL_PUT_BACK
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(SQLITE_TRIGGER)
        (trigger,) = cursor.fetchone()
    _run(schema_editor, "DROP TRIGGER eventstore_command_no_update")
    return str(trigger)


def _row(command: Any) -> CommandRow:
    return CommandRow(
        command_id=command.command_id,
        actor=command.actor,
        key=command.key,
        fingerprint=bytes(command.fingerprint).hex(),
        type=command.type,
        schema_version=command.schema_version,
        data=msgspec.Raw(canonical(command.data)),
        metadata=msgspec.Raw(canonical(command.metadata)),
        accepted=command.accepted,
        response=msgspec.Raw(canonical(command.response)),
        recorded_at=command.recorded_at,
    )


def _run(schema_editor: Any, statement: str) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("eventstore", "0009_drawn_under_the_lock")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(add_column, drop_column, elidable=False)],
            state_operations=[
                migrations.AddField(
                    "command", "digest", models.BinaryField(max_length=32, verbose_name="digest"), False
                )
            ],
        ),
        migrations.RunPython(take_in, migrations.RunPython.noop, elidable=False),
        migrations.CreateModel(
            name="Drill",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("began_at", models.DateTimeField(verbose_name="began at")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                ("source", models.CharField(max_length=1000, verbose_name="source")),
                ("succeeded", models.BooleanField(null=True, verbose_name="succeeded")),
                ("position", models.BigIntegerField(default=0, verbose_name="up to position")),
                ("report", models.JSONField(default=dict, verbose_name="report")),
            ],
            options={
                "verbose_name": "restore drill",
                "verbose_name_plural": "restore drills",
            },
        ),
        migrations.CreateModel(
            name="Epoch",
            fields=[
                ("epoch", models.IntegerField(primary_key=True, serialize=False, verbose_name="epoch")),
                ("log_id", models.UUIDField(verbose_name="log id")),
                ("position", models.BigIntegerField(verbose_name="position")),
                ("number", models.BigIntegerField(verbose_name="command number")),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("created", "the log was created"),
                            ("taken in", "the log is older than its epochs"),
                            ("restored", "an archive was restored"),
                            ("noticed", "the database was found changed"),
                            ("declared", "a person has declared it"),
                        ],
                        max_length=8,
                        verbose_name="cause",
                    ),
                ),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("began_at", models.DateTimeField(verbose_name="began at")),
            ],
            options={
                "verbose_name": "epoch",
                "verbose_name_plural": "epochs",
            },
        ),
        migrations.CreateModel(
            name="Verification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("began_at", models.DateTimeField(verbose_name="began at")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                ("scope", models.CharField(max_length=255, verbose_name="scope")),
                ("position", models.BigIntegerField(default=0, verbose_name="up to position")),
                ("number", models.BigIntegerField(default=0, verbose_name="up to command number")),
                ("events", models.BigIntegerField(default=0, verbose_name="events")),
                ("commands", models.BigIntegerField(default=0, verbose_name="commands")),
                ("unsealed", models.BigIntegerField(default=0, verbose_name="unsealed events and commands")),
                ("faults", models.BigIntegerField(default=0, verbose_name="faults")),
                ("first_fault", models.JSONField(null=True, verbose_name="first fault")),
            ],
            options={
                "verbose_name": "verification",
                "verbose_name_plural": "verifications",
            },
        ),
        migrations.CreateModel(
            name="Tile",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "tree", "level", "place", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "tree",
                    models.CharField(
                        choices=[("events", "events"), ("commands", "commands")], max_length=8, verbose_name="tree"
                    ),
                ),
                ("level", models.SmallIntegerField(verbose_name="level")),
                ("place", models.BigIntegerField(verbose_name="place")),
                ("first", models.BigIntegerField(null=True, verbose_name="first position")),
                ("hashes", models.BinaryField(max_length=8192, verbose_name="hashes")),
            ],
            options={
                "verbose_name": "tile of a tree",
                "verbose_name_plural": "tiles of trees",
                "indexes": [models.Index(fields=["tree", "first"], name="eventstore_tile_first")],
            },
        ),
        migrations.CreateModel(
            name="TreeHead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "tree",
                    models.CharField(
                        choices=[("events", "events"), ("commands", "commands")], max_length=8, verbose_name="tree"
                    ),
                ),
                ("epoch", models.IntegerField(verbose_name="epoch")),
                ("size", models.BigIntegerField(verbose_name="size")),
                ("position", models.BigIntegerField(verbose_name="position")),
                ("root", models.BinaryField(max_length=32, verbose_name="root")),
                ("note", models.TextField(verbose_name="signed note")),
                ("timestamp", models.BinaryField(null=True, verbose_name="time stamp")),
                ("signed_at", models.DateTimeField(verbose_name="signed at")),
            ],
            options={
                "verbose_name": "tree head",
                "verbose_name_plural": "tree heads",
                "indexes": [models.Index(fields=["tree", "epoch", "size"], name="eventstore_treehead_size")],
            },
        ),
        migrations.RunPython(guard, migrations.RunPython.noop, elidable=False),
    ]
