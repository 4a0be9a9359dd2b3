"""The database that holds the log, where decisions are taken: its clock, its rows, one snapshot of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from django.db.models import Model, QuerySet

from eventstore.backends import in_database, log_database, store

M = TypeVar("M", bound=Model)


def now() -> datetime:
    """The time by the clock of the database, which events are recorded with."""
    return store().now()


@contextmanager
def snapshot() -> Iterator[None]:
    """Within the block, all queries to this database read one snapshot of it, and no writer waits for the reader."""
    with in_database(), store().read_snapshot():
        yield


def primary_rows(model: type[M]) -> "QuerySet[M]":
    """The rows of a model in this database; those of a replica may be older."""
    return model._default_manager.using(log_database())
