"""The ids of all commands, in one table that is never parted, so that an id is used once for ever (decision 0052).

The trigger comes first and the older commands after it, so none is between the two. Until all are there, the table has
another name, and nobody looks for a command in it.
"""

from collections.abc import Callable
from typing import Any, Final

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.partitions import detached, guards
from eventstore.partitions.patience import patiently
from eventstore.partitions.stores import CLAIMS, CLAIMS_FILLING, COMMANDS, DETACHED

PAGE: Final = 20_000  # numbers in one transaction

CREATE: Final = f"""
CREATE TABLE {CLAIMS_FILLING} (
    command_id uuid NOT NULL CONSTRAINT eventstore_claim_pkey PRIMARY KEY, number bigint NOT NULL
)
"""
# Whoever may read commands may look whether there is one.
GRANTS: Final = f"""
SELECT DISTINCT format('GRANT SELECT ON {CLAIMS_FILLING}, {DETACHED} TO %%s',
    CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END)
FROM pg_class, aclexplode(relacl) AS granted
WHERE pg_class.oid = %s::regclass AND privilege_type = 'SELECT' AND grantee <> relowner
"""  # noqa: S608 - constants
FILL: Final = f"""
INSERT INTO {CLAIMS_FILLING} (command_id, number)
SELECT command_id, number FROM eventstore_command WHERE number > %s AND number <= %s
ON CONFLICT DO NOTHING
"""  # noqa: S608 - constants
LAST: Final = "SELECT coalesce(max(number), 0) FROM eventstore_command"

Done = Callable[[int, int], object]


def exist(connection: BaseDatabaseWrapper, table: str = CLAIMS) -> bool:
    """Whether the table is there."""
    return _value(connection, "SELECT to_regclass(%s) IS NOT NULL", table) is True


def fill(connection: BaseDatabaseWrapper, done: Done = lambda *_: None) -> None:
    """Make the table and fill it; one that is there is filled up, so this may be killed and called again."""
    if exist(connection):
        return
    if not exist(connection, CLAIMS_FILLING):
        patiently(connection, lambda: _create(connection))
    last, at = int(_value(connection, LAST)), 0
    while at < last:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute(FILL, [at, min(last, at + PAGE)])
        at = min(last, at + PAGE)
        done(at, last)


def _create(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {COMMANDS.table} IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(CREATE)
        cursor.execute(guards.APPEND_ONLY.format(table=CLAIMS_FILLING))
        cursor.execute(detached.CREATE)
        cursor.execute(GRANTS, [COMMANDS.table])
        for (grant,) in cursor.fetchall():
            cursor.execute(grant)
        cursor.execute(guards.claim_function(CLAIMS_FILLING))
        cursor.execute(guards.CLAIM_EACH.format(table=COMMANDS.table))


def publish(connection: BaseDatabaseWrapper) -> None:
    """Give the table its name, by which commands are looked for in it; a part of the transaction that parts them."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {CLAIMS_FILLING} RENAME TO {CLAIMS}")
        cursor.execute(guards.claim_function())


def _value(connection: BaseDatabaseWrapper, statement: str, *parameters: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)
        (value,) = cursor.fetchone()
    return value
