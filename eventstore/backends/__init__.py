"""The database engines that can hold the log; `store()` is the one that does, bound to its connection."""

from functools import cache

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.module_loading import import_string

from eventstore.backends.base import Backend

# By Django's name for the database; imported when it is used, so that nobody needs a driver of another database.
BACKENDS = {
    "postgresql": "eventstore.backends.postgresql.backend.PostgreSQL",
    "sqlite": "eventstore.backends.sqlite.backend.SQLite",
}


def store(connection: BaseDatabaseWrapper | None = None) -> Backend:
    """The backend of a connection; without one, of this thread's connection to the database that holds the log.

    Raises ImproperlyConfigured for a database without a backend.
    """
    if connection is None:
        connection = connections[log_database()]
    return backend_class(connection.vendor)(connection)


@cache
def log_database() -> str:
    """The alias of the database that holds the log, where decisions are taken: where the router writes events."""
    return str(router.db_for_write(apps.get_model("eventstore", "Event")))


@cache
def backend_class(vendor: str) -> type[Backend]:
    """The backend for a kind of database; raises ImproperlyConfigured where there is none."""
    if vendor not in BACKENDS:
        raise ImproperlyConfigured(f"Tidemark keeps its events in PostgreSQL or SQLite, not in {vendor}.")
    backend: type[Backend] = import_string(BACKENDS[vendor])
    return backend
