"""Checks of the stored types of the log and the command store against the code."""

from collections.abc import Iterator, Mapping

from django.core.checks import CheckMessage, Error
from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore import messages
from eventstore.messages import MessageType

# Each type once, with the schema version of its last message: the index on the type is entered once for each type, so
# it costs the same however long the log is.
LAST_OF_EACH_TYPE = """
WITH RECURSIVE names (type) AS (
    SELECT min(type) FROM {table}
    UNION ALL
    SELECT (SELECT min(type) FROM {table} WHERE type > names.type) FROM names WHERE names.type IS NOT NULL
)
SELECT type, (
    SELECT schema_version FROM {table} AS message WHERE message.type = names.type ORDER BY {place} DESC LIMIT 1)
FROM names WHERE type IS NOT NULL
"""

STORES: Mapping[str, tuple[str, str, Mapping[str, MessageType]]] = {
    "event": ("eventstore_event", "position", messages.events),
    "command": ("eventstore_command", "number", messages.commands),
}


def messages_in(connection: BaseDatabaseWrapper) -> Iterator[CheckMessage]:
    """Errors for stored types and versions that this code can't read."""
    for noun, (table, place, registry) in STORES.items():
        with connection.cursor() as cursor:
            cursor.execute(LAST_OF_EACH_TYPE.format(table=table, place=place))
            found = cursor.fetchall()
        for name, version in found:
            yield from _unreadable(noun, name, version, registry.get(name))


def _unreadable(noun: str, name: str, version: int, kind: MessageType | None) -> Iterator[CheckMessage]:
    if kind is None:
        yield Error(
            f"There are {noun}s stored as {name}, and no class has this stored name: whoever reads one fails.",
            hint="Bring the class back, or import the module that declares it in its app's ready(). Stored names never "
            "change.",
            id="eventstore.E050",
        )
    elif version > kind.version:
        yield Error(
            f"There are {noun}s {name} of schema version {version}, but this code knows it up to version "
            f"{kind.version} only: whoever reads one fails.",
            hint="Run the code that wrote them, or newer.",
            id="eventstore.E051",
        )
