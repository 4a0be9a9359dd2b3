"""The read database's side: it gives up a log of its own, refuses to record, and subscribes to the primary's."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.db import Error, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore import models
from eventstore.backends import store
from eventstore.log.database import primary_rows
from eventstore.projecting.declaration.reactions import Reaction
from eventstore.projecting.declaration.registry import projections, subscribers
from eventstore.projecting.installation import install
from eventstore.projecting.rebuild import discard
from eventstore.replication.errors import NotEmpty, ReplicationError
from eventstore.replication.primary import Primary
from eventstore.replication.publication import PUBLICATIONS, rows
from eventstore.replication.tables import FACTS, LOG, names

NAME: Final = "tidemark_read"  # of the subscription here, and of its slot on the primary
FAILOVER: Final = 170_000  # from this version on a slot can be kept on the primary's standbys, too
TRIGGER: Final = "follows_another"  # the backend knows by it that nothing is recorded here

# Not ALWAYS: what the subscription applies is not refused. For each row: raising the mark to where it stands passes.
REFUSE: Final = """
CREATE OR REPLACE FUNCTION eventstore_follows_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Nothing is recorded in a database that follows the log of another one. Send it to the primary.'
        USING ERRCODE = 'read_only_sql_transaction';
END $$
"""
GUARD: Final = """
CREATE OR REPLACE TRIGGER {trigger} BEFORE INSERT OR UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION eventstore_follows_another()
"""

SUBSCRIPTIONS: Final = """
SELECT subname::text, subenabled, subslotname::text FROM pg_subscription
WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND oid IN (SELECT srsubid FROM pg_subscription_rel WHERE srrelid = 'eventstore_event'::regclass)
"""

# Sessions that began before may take this database for one in which commands are executed.
END_OTHERS: Final = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
    AND (usename = current_user OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user))
"""
MIGRATIONS: Final = "SELECT name FROM django_migrations WHERE app = 'eventstore'"

NO_RIGHT: Final = (
    "{error} To subscribe takes a superuser; or, from PostgreSQL 16 on, a role with these rights and a connection "
    "string with a password: GRANT pg_create_subscription TO {role}; GRANT CREATE ON DATABASE {database} TO {role};"
)


def follow(primary: Primary, conninfo: str, *, name: str = NAME, anew: bool = False) -> None:
    """Make this database follow a primary, and begin to copy its log. What is half done is gone on with.

    Raises NotEmpty for a database with a log of its own, unless it follows already and is to begin `anew`: then its log
    and all of its read models are emptied first. Raises ReplicationError for whatever else stands in the way.
    """
    connection = store().connection
    primary.must_publish()
    primary.must_have_migrations({name for (name,) in rows(connection, MIGRATIONS)})
    identity, is_known = primary.identity(), store().subscribes()
    if anew and is_known:
        unsubscribe(connection)
    elif rows(connection, SUBSCRIPTIONS):
        raise ReplicationError("This database subscribes already; replicate_log --status tells how far it is.")
    with transaction.atomic(using=connection.alias):
        if not (anew and is_known) and _has_a_log():
            raise NotEmpty(NotEmpty.__doc__)
        empty(connection, with_read_models=anew)
        refuse_to_record(connection)
        row = dict(zip(("log_id", "epoch", "began_at"), identity, strict=True), subscription=name)
        models.Follower.objects.using(connection.alias).update_or_create(id=1, defaults=row)
    if not is_known:
        rows(connection, END_OTHERS)
        connection.close()  # the session that took this database for another kind
    begin_projections()
    subscribe(connection, primary, conninfo, name)


def _has_a_log() -> bool:
    return primary_rows(models.Event).exists() or primary_rows(models.Command).exists()


def empty(connection: BaseDatabaseWrapper, *, with_read_models: bool) -> None:
    """Empty the tables of the log, whose rows come from the primary; and the read models that were made from them."""
    with connection.cursor() as cursor, _unguarded(cursor):
        cursor.execute(f"TRUNCATE {', '.join(map(connection.ops.quote_name, names(LOG)))}")
        if with_read_models:
            for role in models.Shadow.Role.values:
                discard(list(projections.values()), role)
            tables = sorted({projection.table.name for projection in projections.values()})
            cursor.execute(f"TRUNCATE {', '.join(map(connection.ops.quote_name, tables))}")
            primary_rows(models.Parked).delete()
            primary_rows(models.Projection).delete()  # and checkpoints with them


@contextmanager
def _unguarded(cursor: Any) -> Iterator[None]:
    """The guards of append-only tables, lifted within the transaction."""
    guarded = names(FACTS)
    for table in guarded:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only")
    yield
    for table in guarded:
        cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only")


def refuse_to_record(connection: BaseDatabaseWrapper) -> None:
    """Let the tables of the log take rows from the subscription alone."""
    with connection.cursor() as cursor:
        cursor.execute(REFUSE)
        for table in names(LOG):
            cursor.execute(GUARD.format(trigger=TRIGGER, table=connection.ops.quote_name(table)))


def begin_projections() -> None:
    """Give each projection its checkpoints, at the beginning; reactions have none, as nothing is executed here."""
    reactions = [name for name, declared in subscribers().items() if isinstance(declared, Reaction)]
    primary_rows(models.Projection).filter(name__in=reactions).delete()
    install(using=store().connection.alias)


def subscribe(connection: BaseDatabaseWrapper, primary: Primary, conninfo: str, name: str) -> None:
    """Create the subscription, which copies the tables and then applies what is committed, in that order."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement(connection, primary, conninfo, name))
    except Error as error:
        said = " ".join(str(error).split())
        if getattr(error.__cause__, "sqlstate", "") == "42501":
            role, database = (connection.ops.quote_name(each) for each in _who(connection))
            said = NO_RIGHT.format(error=said, role=role, database=database)
        raise ReplicationError(f"It follows, but does not subscribe yet: {said} Then type this again.") from error


def statement(connection: BaseDatabaseWrapper, primary: Primary, conninfo: str, name: str) -> str:
    """The SQL that creates the subscription."""
    ((version,),) = rows(connection, "SELECT current_setting('server_version_num')::int")
    failover = ", failover = true" if min(version, primary.version()) >= FAILOVER else ""
    quoted = conninfo.replace("'", "''")
    return (
        f"CREATE SUBSCRIPTION {connection.ops.quote_name(name)} CONNECTION '{quoted}' "
        f"PUBLICATION {', '.join(PUBLICATIONS)} WITH (copy_data = true{failover})"
    )


def _who(connection: BaseDatabaseWrapper) -> tuple[str, str]:
    ((role, database),) = rows(connection, "SELECT current_user, current_database()")
    return role, database


def unsubscribe(connection: BaseDatabaseWrapper) -> list[str]:
    """Drop the subscription, and its slot on the primary if that answers; returns the names of slots that are left."""
    left = []
    for name, _enabled, slot in rows(connection, SUBSCRIPTIONS):
        quoted = connection.ops.quote_name(name)
        with connection.cursor() as cursor:
            try:
                cursor.execute(f"DROP SUBSCRIPTION {quoted}")
            except Error:  # the primary is away, or has no such slot any more
                cursor.execute(f"ALTER SUBSCRIPTION {quoted} DISABLE")
                cursor.execute(f"ALTER SUBSCRIPTION {quoted} SET (slot_name = NONE)")
                cursor.execute(f"DROP SUBSCRIPTION {quoted}")
                left.append(slot or name)
    return left
