"""The database engines that can hold the log; `store()` is the one that does, bound to its connection."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model
from django.utils.module_loading import import_string

from eventstore.backends.base import Backend

# By Django's name for the database; imported when it is used, so that nobody needs a driver of another database.
BACKENDS = {
    "postgresql": "eventstore.backends.postgresql.backend.PostgreSQL",
    "sqlite": "eventstore.backends.sqlite.backend.SQLite",
}

_chosen: ContextVar[str | None] = ContextVar("the database of the log, where it was chosen before", default=None)


def store(connection: BaseDatabaseWrapper | None = None) -> Backend:
    """The backend of a connection; without one, of this thread's connection to the database that holds the log.

    Raises ImproperlyConfigured for a database without a backend.
    """
    if connection is None:
        connection = connections[log_database()]
    return backend_class(connection.vendor)(connection)


def log_database() -> str:
    """The alias of the database that holds the log, where decisions are taken: where the router writes events.

    The router is asked each time, as it may have a database for each request; within `in_database` the alias stays.
    """
    return _chosen.get() or str(router.db_for_write(_event_model()))


def chosen_database() -> str | None:
    """The alias that `in_database` has chosen around here; None outside of such a block."""
    return _chosen.get()


@contextmanager
def in_database(alias: str | None = None) -> Iterator[str]:
    """Within the block, the log and all that belongs to it are in one database; by default, in the router's choice.

    A transaction of the engine is such a block: a router that changes its mind can't divide it.
    """
    chosen = alias or log_database()
    token = _chosen.set(chosen)
    try:
        yield chosen
    finally:
        _chosen.reset(token)


@contextmanager
def log_transaction() -> Iterator[None]:
    """A transaction of the database that holds the log, or a part of the present one."""
    with in_database() as alias, transaction.atomic(using=alias):
        yield


@cache
def _event_model() -> type[Model]:
    return apps.get_model("eventstore", "Event")


@cache
def backend_class(vendor: str) -> type[Backend]:
    """The backend for a kind of database; raises ImproperlyConfigured where there is none."""
    if vendor not in BACKENDS:
        raise ImproperlyConfigured(
            f"Tidemark keeps its events in PostgreSQL or SQLite, not in {vendor}. Let a database router send the app "
            "eventstore to one of these."
        )
    backend: type[Backend] = import_string(BACKENDS[vendor])
    return backend


def prepare(connection: BaseDatabaseWrapper, **_: object) -> None:
    """Prepare a new connection to a database that holds a log: what is erased there is overwritten."""
    if connection.vendor in BACKENDS and router.allow_migrate_model(connection.alias, _event_model()):
        backend_class(connection.vendor)(connection).prepare()
