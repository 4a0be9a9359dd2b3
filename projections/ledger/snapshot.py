"""A transaction that reads one snapshot of the database."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from eventstore.backends import store


@contextmanager
def snapshot() -> Iterator[None]:
    """Reads the database as it was at the first query, while others go on writing and nobody waits.

    On SQLite Django's own transaction would be a writer, and keep all others waiting; a reader needs none of its kind.
    """
    backend = store()
    connection = backend.connection
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("ROLLBACK")
        return
    with transaction.atomic(using=connection.alias):
        backend.use_one_snapshot()
        yield
