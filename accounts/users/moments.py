"""Times at which something was seen last: written once a minute at most, and never at the cost of who waits."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import Error, connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model
from django.utils import timezone

COARSE: Final = timedelta(minutes=1)


def is_old(moment: datetime | None) -> bool:
    """Whether a moment that was written last is to be written anew."""
    return moment is None or moment < timezone.now() - COARSE


def note(model: type[Model], key: Any, **fields: Any) -> None:
    """Write fields of a row if that is possible right now; who reads must never wait for it, or fail by it.

    So nothing is written while another has the row, or SQLite's only place to write, nor in a read-only database.
    """
    alias = router.db_for_write(model)
    rows = model._default_manager.using(alias).filter(pk=key)
    with suppress(Error), _without_waiting(connections[alias]), transaction.atomic(using=alias):
        if list(rows.select_for_update(skip_locked=True).values_list("pk")):
            rows.update(**fields)


@contextmanager
def _without_waiting(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Have SQLite refuse what it can't do at once; PostgreSQL skips rows that are locked."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        (before,) = cursor.fetchone()
        cursor.execute("PRAGMA busy_timeout = 0")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {before}")
