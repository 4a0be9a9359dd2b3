"""The database engines that can hold the log; `store()` is the one that does, bound to its connection."""

from functools import cache
from importlib.util import find_spec

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, router
from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.backends.base import Backend
from eventstore.backends.sqlite import SQLite

BACKENDS: dict[str, type[Backend]] = {"sqlite": SQLite}

if find_spec("psycopg"):  # an extra; without it Django itself can't connect to PostgreSQL, and says so
    from eventstore.backends.postgresql import PostgreSQL

    BACKENDS["postgresql"] = PostgreSQL


def store(connection: BaseDatabaseWrapper | None = None) -> Backend:
    """The backend of a connection; without one, of this thread's connection to the database that holds the log.

    Raises ImproperlyConfigured for a database without a backend.
    """
    if connection is None:
        connection = connections[log_database()]
    try:
        return BACKENDS[connection.vendor](connection)
    except KeyError:
        raise ImproperlyConfigured(
            f"Tidemark keeps its events in PostgreSQL or SQLite, not in {connection.vendor}."
        ) from None


@cache
def log_database() -> str:
    """The alias of the database that holds the log, where decisions are taken: where the router writes events."""
    return str(router.db_for_write(apps.get_model("eventstore", "Event")))
