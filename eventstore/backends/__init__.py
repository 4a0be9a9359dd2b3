"""What differs between the database engines, and nothing else."""

from functools import cache
from importlib.util import find_spec

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, router
from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.backends.base import Backend
from eventstore.backends.sqlite import SQLite

BACKENDS: dict[str, Backend] = {"sqlite": SQLite()}

if find_spec("psycopg"):  # an extra; without it Django itself can't connect to PostgreSQL, and says so
    from eventstore.backends.postgresql import PostgreSQL

    BACKENDS["postgresql"] = PostgreSQL()


def writing() -> BaseDatabaseWrapper:
    """The connection to the database that takes the decisions."""
    return connections[_alias()]


@cache
def _alias() -> str:
    return str(router.db_for_write(apps.get_model("eventstore", "Event")))


def backend_of(connection: BaseDatabaseWrapper) -> Backend:
    """The backend of a connection; raises ImproperlyConfigured for an engine without one."""
    try:
        return BACKENDS[connection.vendor]
    except KeyError:
        raise ImproperlyConfigured(
            f"Tidemark keeps its events in PostgreSQL or SQLite, not in {connection.vendor}."
        ) from None
