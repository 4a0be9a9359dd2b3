"""The database that holds the log, where decisions are taken: its clock, its rows, one snapshot of it."""

from contextlib import AbstractContextManager
from datetime import datetime
from typing import TypeVar

from django.db.models import Model, QuerySet

from eventstore.backends import log_database, store

M = TypeVar("M", bound=Model)


def now() -> datetime:
    """The time by the clock of the database, which events are recorded with."""
    return store().now()


def snapshot() -> AbstractContextManager[None]:
    """Within the block, all queries to this database read one snapshot of it, and no writer waits for the reader."""
    return store().read_snapshot()


def primary_rows(model: type[M]) -> "QuerySet[M]":
    """The rows of a model in this database; those of a replica may be older."""
    return model._default_manager.using(log_database())
