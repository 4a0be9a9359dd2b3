"""Retries: a transaction that a deadlock or a lost race undid is run again, a bounded number of times."""

import logging
import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import Error, transaction

from eventstore.backends import log_database, store
from eventstore.errors import RetriesExhausted

T = TypeVar("T")

ATTEMPTS = 10
FIRST_PAUSE = 0.005  # seconds, doubled each time and spread at random, so that rivals don't meet again

logger = logging.getLogger(__name__)


def retrying(work: Callable[[], T], *, rehearsal: bool = False) -> T:
    """Do work in one transaction and return its result; a rehearsal is rolled back in the end.

    Raises RetriesExhausted when the database refuses every attempt, and any error that is not transient.
    """
    backend, database = store(), log_database()
    committed: list[bool] = []  # then the error comes from an on_commit callback, and the work must not run twice
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic(using=database), backend.defer_statements():
                transaction.on_commit(lambda: committed.append(True), using=database)
                result = work()
                backend.send_deferred(commit=not rehearsal)
                if rehearsal:
                    transaction.set_rollback(True, using=database)
                return result
        except Error as error:
            if committed or not backend.is_transient(error):
                raise
            if attempt == ATTEMPTS:
                raise RetriesExhausted(f"Gave up after {ATTEMPTS} attempts. {RetriesExhausted.__doc__}") from error
            logger.info("Transaction refused (%s); attempt %d of %d.", error, attempt, ATTEMPTS)
        time.sleep(random.uniform(0.5, 1) * FIRST_PAUSE * 2**attempt)  # noqa: S311 - to part rivals, not to keep a secret
    raise AssertionError("unreachable")
