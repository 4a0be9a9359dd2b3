"""Looking without waiting: the watcher has to work while everything else hangs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

STATEMENT_TIMEOUT_SECONDS: Final = 2.0  # seconds that one statement may take


@contextmanager
def statement_timeout(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Let statements in the block read only, and fail rather than wait; a transaction around it is left as it was.

    Who reads SQLite waits for nobody, and a transaction would wait for the writer: there it does nothing.
    """
    if connection.vendor != "postgresql":
        yield
        return
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        (before,) = cursor.fetchone()
        cursor.execute(
            "SELECT set_config('statement_timeout', %s, true), set_config('transaction_read_only', 'on', true)",
            [f"{STATEMENT_TIMEOUT_SECONDS * 1000:.0f}"],
        )
        yield
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [before])
