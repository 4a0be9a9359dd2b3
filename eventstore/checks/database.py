"""Checks that ask the database itself; they run under `manage.py check --database default`, `migrate` and `doctor`."""

from collections.abc import Callable, Collection, Iterable
from typing import Any

from django.core.checks import CheckMessage, Error
from django.db import Error as DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from eventstore.backends import store
from eventstore.checks import postgresql, sqlite
from eventstore.checks import stored_messages as stored

Part = Callable[[BaseDatabaseWrapper], Iterable[CheckMessage]]

SETTINGS_CHECKS: dict[str, Part] = {"postgresql": postgresql.settings, "sqlite": sqlite.settings}
GUARD_CHECKS: dict[str, Part] = {"postgresql": postgresql.guards, "sqlite": sqlite.guards}


def check_database(databases: Collection[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Whether the database keeps what it is given, guards it, and holds nothing that the code can't read."""
    connection = store().connection
    if connection.alias not in (databases or ()):
        return []
    if unreachable := check_reachable(connection):
        return [unreachable]
    parts = [settings_of, role, guards, stored_messages] if is_migrated(connection) else [settings_of]
    return [message for part in parts for message in run(part, connection)]


def check_reachable(connection: BaseDatabaseWrapper) -> CheckMessage | None:
    """What is wrong if the database does not answer."""
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        return Error(
            f"The database {connection.alias!r} can't be reached, so nothing can be asked or recorded: "
            f"{_in_one_line(error)}",
            hint="Start it, or correct DATABASE_URL.",
            id="eventstore.E030",
        )
    return None


def is_migrated(connection: BaseDatabaseWrapper) -> bool:
    """Whether the engine's tables are as this code wants them; `migrate`, which runs checks first, may be about to."""
    executor = MigrationExecutor(connection)
    targets = [node for node in executor.loader.graph.leaf_nodes() if node[0] == "eventstore"]
    return not executor.migration_plan(targets)


def run(part: Part, connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    """What one part finds; that it could not look is a finding too."""
    try:
        return list(part(connection))
    except DatabaseError as error:
        return [
            Error(
                f"The database did not let us look at its {part.__name__.replace('_', ' ')}: {_in_one_line(error)}",
                hint="Print what the role needs with manage.py print_grants ROLE.",
                id="eventstore.E031",
            )
        ]


def settings_of(connection: BaseDatabaseWrapper) -> Iterable[CheckMessage]:
    """Whether what was answered survives a crash."""
    return SETTINGS_CHECKS[connection.vendor](connection)


def role(connection: BaseDatabaseWrapper) -> Iterable[CheckMessage]:
    """Whether the site's role could switch the guards off."""
    return postgresql.role(connection) if connection.vendor == "postgresql" else ()


def guards(connection: BaseDatabaseWrapper) -> Iterable[CheckMessage]:
    """Whether the log is append-only, and its positions are drawn."""
    return GUARD_CHECKS[connection.vendor](connection)


def stored_messages(connection: BaseDatabaseWrapper) -> Iterable[CheckMessage]:
    """Whether the code knows everything that the log and the command store hold."""
    return stored.messages_in(connection)


def _in_one_line(error: Exception) -> str:
    return " ".join(str(error).split())
