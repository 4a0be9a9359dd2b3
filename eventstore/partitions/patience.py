"""Short locks: each step waits briefly for its lock, lets everybody else go first, and tries again."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

from django.db import OperationalError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from eventstore.partitions.errors import CannotPartition

LOCK_TIMEOUT_MS: Final = 200  # for which writers may have to queue up behind the step
PAUSE_SECONDS: Final = 0.3  # in which they go first
ATTEMPTS: Final = 200
LOCK_NOT_AVAILABLE: Final = ("55P03", "40P01")

T = TypeVar("T")


def patiently(connection: BaseDatabaseWrapper, step: Callable[[], T], attempts: int = ATTEMPTS) -> T:
    """Run a step in a transaction whose locks are waited for briefly, again and again.

    Raises CannotPartition when no attempt has got its locks.
    """
    for _ in range(attempts):
        try:
            with transaction.atomic(using=connection.alias):
                with connection.cursor() as cursor:
                    cursor.execute(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}")
                return step()
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) not in LOCK_NOT_AVAILABLE:
                raise
        time.sleep(PAUSE_SECONDS)
    raise CannotPartition(
        "Other transactions have kept the table locked all the time. See which ones (manage.py watch_projections, or "
        "pg_stat_activity), and run this again when they are done."
    )
