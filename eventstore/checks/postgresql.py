"""Checks of PostgreSQL: settings that lose answered commands, guards that are off, roles that can switch them off."""

from collections.abc import Iterator
from typing import Any

from django.core import checks
from django.core.checks import CheckMessage
from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.checks.guard_texts import functions, plain
from eventstore.partitions.catalogue import partitions
from eventstore.partitions.claims import exist
from eventstore.partitions.stores import CLAIMS, STORES

# As this session sees them, set by the server, the database, the role or the connection.
SETTINGS = """
SELECT name, setting FROM pg_settings
WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'default_transaction_isolation')
"""

# Other roles write too, and this session does not see their settings.
SET_FOR_A_ROLE = """
SELECT coalesce('role ' || rolname, 'all roles') FROM pg_db_role_setting
LEFT JOIN pg_roles ON pg_roles.oid = setrole
WHERE 'synchronous_commit=off' = ANY(setconfig)
    AND setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
ORDER BY 1
"""

ROLE = """
SELECT current_user, rolsuper, pg_has_role(relowner, 'MEMBER'),
    has_table_privilege(pg_class.oid, 'UPDATE, DELETE, TRUNCATE')
FROM pg_class, pg_roles WHERE pg_class.oid = %s::regclass AND rolname = current_user
"""

TRIGGERS = """
SELECT relname, tgname, tgenabled, tgtype, proname, prosrc, coalesce(substring(pg_get_triggerdef(pg_trigger.oid)
    FROM 'WHEN (.*) EXECUTE'), '') FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    JOIN pg_proc ON pg_proc.oid = tgfoid
WHERE NOT tgisinternal AND (tgrelid IN ('eventstore_event'::regclass, 'eventstore_command'::regclass,
    'eventstore_epoch'::regclass, 'eventstore_treehead'::regclass, to_regclass('eventstore_claim'))
    OR tgrelid IN (SELECT inhrelid FROM pg_inherits
        WHERE inhparent IN ('eventstore_event'::regclass, 'eventstore_command'::regclass)))
"""

ALWAYS, ORIGIN = "A", "O"  # fires even where a replica is fed, or only where rows originate
DRAWN = {"append_only": ALWAYS, "hold_mark": ORIGIN, "refuse_choice": ORIGIN}
GUARD_TRIGGERS = {
    "eventstore_event": DRAWN,
    "eventstore_command": DRAWN,
    "eventstore_epoch": {"append_only": ALWAYS},
    "eventstore_treehead": {"append_only": ALWAYS},
}

# The same of a store that is partitioned, and of each of its partitions (decision 0052).
PARTITIONED = {"eventstore_event": DRAWN, "eventstore_command": {**DRAWN, "claim": ORIGIN}}

# When a trigger fires (pg_trigger.tgtype): before each row, before statements that insert, before those that change,
# after those that insert.
EACH_ROW, INSERTS, CHANGES, INSERTED = 7, 6, 58, 4
CALLED = {  # by the trigger and its table: when it fires, and the function that it calls
    ("append_only", None): (CHANGES, "eventstore_refuse_change"),
    ("refuse_choice", None): (EACH_ROW, "eventstore_refuse_choice"),
    ("claim", None): (INSERTED, "eventstore_claim"),
    ("hold_mark", "eventstore_event"): (INSERTS, "eventstore_hold_mark_for_events"),
    ("hold_mark", "eventstore_command"): (INSERTS, "eventstore_hold_mark_for_commands"),
}
CONDITIONS = {
    (
        "refuse_choice",
        "eventstore_event",
    ): "new.position IS DISTINCT FROM currval('eventstore_event_position_seq'::regclass)",
    (
        "refuse_choice",
        "eventstore_command",
    ): "new.number IS DISTINCT FROM currval('eventstore_command_number_seq'::regclass)",
}

LOST = {
    "fsync": "a crash of the machine can lose or tear anything, the log included",
    "full_page_writes": "a crash of the machine can leave pages torn, and the log unreadable",
    "synchronous_commit": "a command that was answered can be lost in a crash, and its key be used again",
}


def settings(connection: BaseDatabaseWrapper) -> Iterator[CheckMessage]:
    """Warns of settings under which an answered command can be lost."""
    found = dict(_rows(connection, SETTINGS))
    for name, consequence in LOST.items():
        if found[name] == "off":
            yield checks.Warning(
                f"PostgreSQL runs with {name}=off: {consequence}.",
                hint=f"Set {name} = on in postgresql.conf, or wherever it was turned off.",
                id="eventstore.W030",
            )
    for (whom,) in _rows(connection, SET_FOR_A_ROLE):
        yield checks.Warning(
            f"synchronous_commit is off for {whom}: {LOST['synchronous_commit']}.",
            hint="ALTER ROLE … RESET synchronous_commit; it may also be set for the role in this database alone.",
            id="eventstore.W031",
        )
    if found["default_transaction_isolation"] != "read committed":
        yield checks.Warning(
            f"Transactions are {found['default_transaction_isolation']} by default: a command that waited for another "
            "fails to see what that one did, and has to begin again.",
            hint="Leave default_transaction_isolation at 'read committed'; commands lock what they decide over.",
            id="eventstore.W032",
        )


def role(connection: BaseDatabaseWrapper) -> Iterator[CheckMessage]:
    """Warns of a role that can do more than append."""
    ((name, is_superuser, is_owner, may_change),) = _rows(connection, ROLE, ["eventstore_event"])
    if is_superuser:
        problem = "is a superuser"
    elif is_owner:
        problem = "owns the tables of the log"
    elif may_change:
        problem = "has the right to change events"
    else:
        return
    yield checks.Warning(
        f"The database role {name} {problem}: whoever takes over the site could switch the guards off and rewrite "
        "history.",
        hint="Keep it for migrate and rebuild_projections, and let the site use a role of its own: "
        "manage.py print_grants ROLE prints what that one needs.",
        id="eventstore.W040",
    )


def guards(connection: BaseDatabaseWrapper) -> Iterator[CheckMessage]:
    """Errors for guard triggers that are missing, don't fire, or do something else."""
    found = {(table, name): row for table, name, *row in _rows(connection, TRIGGERS)}
    for table, store, triggers in _guarded(connection):
        for name, wanted in triggers.items():
            row = found.get((table, name))
            if row is None:
                yield _guard(table, name, wanted, "missing")
            elif row[0] not in (wanted, ALWAYS):
                yield _guard(table, name, wanted, "switched off")
            elif not _does(store, name, row):
                yield _guard(table, name, wanted, "not what it was made")


def _guarded(connection: BaseDatabaseWrapper) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Each guarded table, the one that its guards are those of, and these."""
    for table, triggers in GUARD_TRIGGERS.items():
        parts = [part.name for store in STORES if store.table == table for part in partitions(connection, store)]
        for each in [table, *parts]:
            yield each, table, PARTITIONED[table] if parts else triggers
    if exist(connection):
        yield CLAIMS, CLAIMS, {"append_only": ALWAYS}


def _does(table: str, name: str, row: list[Any]) -> bool:
    """Whether a trigger does what the migrations have made it for; those of a partition are its store's."""
    _enabled, when, function, source, condition = row
    called = CALLED.get((name, table)) or CALLED[name, None]
    return (
        (when, function) == called
        and plain(source) == functions()[function]
        and plain(condition) == plain(CONDITIONS.get((name, table), ""))
    )


def _guard(table: str, name: str, wanted: str, problem: str) -> CheckMessage:
    enable = f"ALTER TABLE {table} ENABLE{' ALWAYS' if wanted == ALWAYS else ''} TRIGGER {name};"
    return checks.Error(
        f"The guard {name} of {table} is {problem}: facts could be changed, or be missed by whoever reads them.",
        hint=f"As the owner: {enable} Then find out who switched it off."
        if problem == "switched off"
        else "Create it again as the migrations of eventstore do, then find out who dropped it.",
        id="eventstore.E040",
    )


def _rows(connection: BaseDatabaseWrapper, statement: str, parameters: list[Any] | None = None) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[Any] = cursor.fetchall()
    return rows
