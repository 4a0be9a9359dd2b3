"""Statements, which the database itself keeps as they were issued: no UPDATE, no DELETE, no TRUNCATE."""

from typing import Any

from django.db import migrations, models

import projections.fields

POSTGRESQL = """
CREATE FUNCTION projections_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only. An issued statement never changes.', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON projections_statement
    FOR EACH STATEMENT EXECUTE FUNCTION projections_refuse_change();
ALTER TABLE projections_statement ENABLE ALWAYS TRIGGER append_only;
"""

POSTGRESQL_UNDO = """
DROP TRIGGER append_only ON projections_statement;
DROP FUNCTION projections_refuse_change();
"""

# SQLite has no TRUNCATE: DELETE without WHERE is one, and fires the trigger all the same.
SQLITE = {
    "projections_statement_no_update": """
        BEFORE UPDATE ON projections_statement
        BEGIN SELECT RAISE(ABORT, 'projections_statement is append-only. An issued statement never changes.'); END
    """,
    "projections_statement_no_delete": """
        BEFORE DELETE ON projections_statement
        BEGIN SELECT RAISE(ABORT, 'projections_statement is append-only. An issued statement never changes.'); END
    """,
    # REPLACE would delete without firing the trigger above, so a row that is there already must stop it.
    "projections_statement_no_replace": """
        BEFORE INSERT ON projections_statement
        WHEN EXISTS (
            SELECT 1 FROM projections_statement WHERE id = NEW.id
                OR (account_id = NEW.account_id AND (number = NEW.number OR period = NEW.period))
        )
        BEGIN SELECT RAISE(ABORT, 'UNIQUE constraint failed: projections_statement is append-only.'); END
    """,
}


def apply(_apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        if schema_editor.connection.vendor == "postgresql":
            cursor.execute(POSTGRESQL)
            return
        for name, guard in SQLITE.items():
            cursor.execute(f"CREATE TRIGGER {name} {guard}")


def undo(_apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        if schema_editor.connection.vendor == "postgresql":
            cursor.execute(POSTGRESQL_UNDO)
            return
        for name in SQLITE:
            cursor.execute(f"DROP TRIGGER {name}")


class Migration(migrations.Migration):
    dependencies = [("projections", "0003_days_and_reasons")]

    operations = [
        migrations.CreateModel(
            name="Statement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account_id", models.UUIDField(verbose_name="account id")),
                ("number", models.IntegerField(verbose_name="number")),
                ("period", models.CharField(max_length=7, verbose_name="period")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("opening", models.BigIntegerField(verbose_name="opening balance")),
                ("closing", models.BigIntegerField(verbose_name="closing balance")),
                ("credits", projections.fields.WholeNumberField(verbose_name="came in")),
                ("debits", projections.fields.WholeNumberField(verbose_name="left")),
                ("entries", models.IntegerField(verbose_name="entries")),
                ("first_position", models.BigIntegerField(null=True, verbose_name="position of the first entry")),
                ("last_position", models.BigIntegerField(null=True, verbose_name="position of the last entry")),
                ("digest", models.BinaryField(max_length=32, verbose_name="SHA-256")),
                ("issued_at", models.DateTimeField(verbose_name="issued at")),
            ],
            options={
                "verbose_name": "statement",
                "verbose_name_plural": "statements",
                "constraints": [
                    models.UniqueConstraint(fields=("account_id", "number"), name="projections_statement_number"),
                    models.UniqueConstraint(fields=("account_id", "period"), name="projections_statement_period"),
                ],
            },
        ),
        migrations.RunPython(apply, undo, elidable=False),
    ]
