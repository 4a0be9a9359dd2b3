"""The rights of an application role that does not own the tables: it appends events, and can't change them.

Only the owner of a table can switch its triggers off, so this role can't, even if the site is taken over.
"""

from collections.abc import Iterator

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from eventstore import models
from eventstore.partitions.stores import WITHOUT_MODEL

ALL = "SELECT, INSERT, UPDATE, DELETE"
ADD = "SELECT, INSERT"

# Exceptions: keys and heads are never deleted, only the owner writes its own tables, and append-only tables take rows
# but no changes.
RIGHTS: dict[type[Model], str] = {
    models.Stream: "SELECT, INSERT, UPDATE",
    models.SiteKey: "SELECT",  # made by migrate and rotate_keys
    models.SubjectKey: "SELECT, INSERT, UPDATE",
    models.Verification: "SELECT, INSERT, UPDATE",
    models.Drill: "SELECT, INSERT, UPDATE",
    models.Tidemark: "SELECT, UPDATE",
    models.Cluster: "SELECT, UPDATE",
    models.Follower: "SELECT",  # of the owner, who sets a read database up
    models.Projection: "SELECT, INSERT",  # a runner registers new projections; only a rebuild makes them live
    models.Checkpoint: "SELECT, INSERT, UPDATE",
    models.Shadow: "SELECT",
    models.ShadowPart: "SELECT, UPDATE",  # skipping an event locks it, which takes the right to update
}

SCHEMA = "SELECT quote_ident(current_schema()), EXISTS (SELECT FROM pg_roles WHERE rolname = %s)"

# Sequences of column defaults; the sequence of an identity column needs no right of its own.
SEQUENCES = """
SELECT quote_ident(sequence.relname) FROM pg_depend
JOIN pg_class AS sequence ON sequence.oid = objid AND sequence.relkind = 'S'
JOIN pg_class AS owner ON owner.oid = refobjid
WHERE pg_depend.classid = 'pg_class'::regclass AND refclassid = 'pg_class'::regclass AND deptype = 'a'
    AND owner.relname = ANY(%s) AND owner.relnamespace = current_schema()::regnamespace
ORDER BY 1
"""


def statements(connection: BaseDatabaseWrapper, role: str) -> Iterator[str]:
    """Yields lines of SQL for psql that give a role the rights which the site and its runners need."""
    rights, name = _rights(connection), _quoted(role)
    schema, exists, sequences = _look_up(connection, role, list(rights))
    yield f"-- The rights of {name}, which runs the site and its runners. The owner of the tables runs this,"
    yield "-- and runs it again when a migration has added a table."
    yield "-- migrate and rebuild_projections make tables, and rotate_keys makes keys, so they stay with the owner."
    if not exists:
        yield f"CREATE ROLE {name} LOGIN;  -- and give it a password: \\password {name}"
    yield "BEGIN;"
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {name};"
    yield f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA {schema} FROM {name};"
    yield f"GRANT USAGE ON SCHEMA {schema} TO {name};"
    for table, given in rights.items():
        yield f"GRANT {given} ON {schema}.{_quoted(table)} TO {name};"
    for sequence in sequences:
        yield f"GRANT USAGE, SELECT ON SEQUENCE {schema}.{sequence} TO {name};"
    yield "COMMIT;"


def _rights(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """The rights on each existing table, by its name."""
    there = set(connection.introspection.table_names())
    rights = {
        model._meta.db_table: RIGHTS.get(model, ADD if issubclass(model, models.AppendOnlyModel) else ALL)
        for model in apps.get_models(include_auto_created=True)
        if not model._meta.proxy
    }
    # A table that is being built becomes the live one, and one that was replaced may become it again.
    rights |= {f"{table}__{beside}": given for table, given in rights.items() for beside in models.Shadow.Role.values}
    rights["django_migrations"] = "SELECT"  # the doctor reads there what has been applied
    # Where the log is partitioned; a trigger of the owner's writes the ids of commands.
    rights |= dict.fromkeys(WITHOUT_MODEL, "SELECT")
    return {table: given for table, given in sorted(rights.items()) if table in there}


def _look_up(connection: BaseDatabaseWrapper, role: str, tables: list[str]) -> tuple[str, bool, list[str]]:
    with connection.cursor() as cursor:
        cursor.execute(SCHEMA, [role])
        schema, exists = cursor.fetchone()
        cursor.execute(SEQUENCES, [tables])
        return schema, exists, [sequence for (sequence,) in cursor.fetchall()]


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'"{escaped}"'
