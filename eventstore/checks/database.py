"""Checks of the database itself; they run under `manage.py check --database default`, `migrate` and `doctor`."""

from collections.abc import Callable, Collection, Iterable
from typing import Any

from django.core.checks import CheckMessage, Error
from django.db import Error as DatabaseError
from django.db import connections, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor

from eventstore.backends import BACKENDS, store
from eventstore.checks import built, keys, postgresql, replication, sqlite
from eventstore.checks import stored_messages as stored
from eventstore.models import Event

Part = Callable[[BaseDatabaseWrapper], Iterable[CheckMessage]]

SETTINGS_CHECKS: dict[str, Part] = {"postgresql": postgresql.settings, "sqlite": sqlite.settings}
GUARD_CHECKS: dict[str, Part] = {"postgresql": postgresql.guards, "sqlite": sqlite.guards}


def check_database(databases: Collection[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Checks that each database with a log is durable, guards it, and holds no message that the code can't read."""
    return [message for alias in databases or () if holds_log(alias) for message in _check(alias)]


def holds_log(alias: str) -> bool:
    """Whether a database is to have the tables of the log."""
    is_known = alias in connections and connections[alias].vendor in BACKENDS
    return is_known and router.allow_migrate_model(alias, Event)


def _check(alias: str) -> list[CheckMessage]:
    connection = connections[alias]
    if unreachable := check_reachable(connection):
        return [unreachable]
    every = [settings_of, role, guards, stored_messages, site_keys, rows_of_projections, publications]
    parts = every if is_migrated(connection) else [settings_of]
    return [message for part in parts for message in run(part, connection)]


def check_reachable(connection: BaseDatabaseWrapper) -> CheckMessage | None:
    """The error for a database that does not answer; `None` if it answers."""
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        return Error(
            f"The database {connection.alias!r} can't be reached, so nothing can be read or recorded: "
            f"{_in_one_line(error)}",
            hint=f"Start it, or correct DATABASES[{connection.alias!r}] in the settings.",
            id="eventstore.E030",
        )
    return None


def is_migrated(connection: BaseDatabaseWrapper) -> bool:
    """Whether the engine's migrations are applied; `migrate` itself runs checks before it applies them."""
    executor = MigrationExecutor(connection)
    targets = [node for node in executor.loader.graph.leaf_nodes() if node[0] == "eventstore"]
    return not executor.migration_plan(targets)


def run(part: Part, connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    """The messages of one part; a part that the database refuses gives an error."""
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
    """Checks that an answered command survives a crash."""
    return SETTINGS_CHECKS[connection.vendor](connection)


def role(connection: BaseDatabaseWrapper) -> Iterable[CheckMessage]:
    """Checks that the site's database role can't switch the guards off."""
    return postgresql.role(connection) if store(connection).has_roles else ()


def guards(connection: BaseDatabaseWrapper) -> Iterable[CheckMessage]:
    """Checks that triggers keep the log append-only, and that its positions are drawn."""
    return GUARD_CHECKS[connection.vendor](connection)


def stored_messages(connection: BaseDatabaseWrapper) -> Iterable[CheckMessage]:
    """Checks that the code knows every type in the log and the command store."""
    return stored.messages_in(connection)


def site_keys(connection: BaseDatabaseWrapper) -> Iterable[CheckMessage]:
    """Checks that the master key is the one that the database was written with."""
    return keys.site_keys(connection)


def rows_of_projections(connection: BaseDatabaseWrapper) -> Iterable[CheckMessage]:
    """Checks that the rows of each projection were made from the whole log, by the present projector."""
    return built.not_built(connection)


def publications(connection: BaseDatabaseWrapper) -> Iterable[CheckMessage]:
    """Checks that no read model is published to other databases, and that what is to be published is."""
    return replication.publications(connection) if store(connection).has_roles else ()


def _in_one_line(error: Exception) -> str:
    return " ".join(str(error).split())
