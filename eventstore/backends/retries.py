"""Retries: a transaction that a deadlock or a lost race undid is run again, a bounded number of times."""

import logging
import random
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import TypeVar

from django.db import Error, connections, transaction

from eventstore.backends import faults, in_database, patience, store
from eventstore.errors import NotThePrimary, RetriesExhausted, TransactionRefused
from eventstore.telemetry import hooks

T = TypeVar("T")

ATTEMPTS = 10
FIRST_PAUSE = 0.005  # seconds, doubled each time and spread at random, so that rivals don't meet again

logger = logging.getLogger(__name__)

_retried = ContextVar[frozenset[str]]("databases whose transaction is run again from further out", default=frozenset())
_rehearsing = ContextVar("whether the present work is a rehearsal", default=False)


def retrying(work: Callable[[], T], *, rehearsal: bool = False) -> T:
    """Do work in one transaction and return its result; a rehearsal is rolled back in the end.

    Raises RetriesExhausted when the database refuses every attempt, or patience is at its end, and any error that is
    not transient. Within a transaction of the caller's it raises TransactionRefused at once where the locks of that
    transaction stand in the way: to try again would hold them for longer, and meet the same rival.
    """
    with in_database() as database, patience.limited():
        if not connections[database].in_atomic_block:
            return _outermost(work, database, rehearsal=rehearsal)
        if database in _retried.get():
            return _attempt(work, database, [], rehearsal=rehearsal)
        return _within_a_transaction(work, database, rehearsal=rehearsal)


def _outermost(work: Callable[[], T], database: str, *, rehearsal: bool) -> T:
    """Run a whole transaction again, also for what is done by `retrying` within it."""
    token = _retried.set(_retried.get() | {database})
    try:
        return _again_and_again(work, database, rehearsal=rehearsal)
    finally:
        _retried.reset(token)


def _within_a_transaction(work: Callable[[], T], database: str, *, rehearsal: bool) -> T:
    """Run again what lost a race, as its winner can be seen now; all else the caller has to run again."""
    try:
        return _again_and_again(work, database, rehearsal=rehearsal)
    except Error as error:
        if not store().is_transient(error):
            raise
        raise TransactionRefused(
            f"The database refused this within a transaction of the caller's: {_in_one_line(error)}. The locks of that "
            "transaction stay, so this can't be tried again from inside. Roll it back and run it again as a whole; or "
            "execute its commands with execute_many, which locks all of their streams at once, in one order."
        ) from error


def _again_and_again(work: Callable[[], T], database: str, *, rehearsal: bool) -> T:
    backend, is_within = store(), connections[database].in_atomic_block
    committed: list[bool] = []  # then the error comes from an on_commit callback, and the work must not run twice
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _attempt(work, database, committed, rehearsal=rehearsal)
        except Error as error:
            if backend.is_read_only(error):
                raise NotThePrimary from error
            if committed or not backend.is_transient(error) or (is_within and backend.keeps_locks(error)):
                faults.remember(faults.fault_of(error))
                raise
            if attempt == ATTEMPTS or patience.is_over():
                raise RetriesExhausted(
                    f"The database refused this {attempt} times, at last with: {_in_one_line(error)}. Nothing was "
                    "stored. Try again later; a command, with the same key."
                ) from error
            logger.info("Transaction refused (%s); attempt %d of %d.", error, attempt, ATTEMPTS)
            hooks.retried()
        time.sleep(random.uniform(0.5, 1) * FIRST_PAUSE * 2**attempt)  # noqa: S311 - to part rivals, not to keep a secret
    raise AssertionError("unreachable")


def is_rehearsal() -> bool:
    """Whether the present transaction will be rolled back in the end, so that nothing may be told outside of it."""
    return _rehearsing.get()


def _rehearsed(work: Callable[[], T]) -> T:
    token = _rehearsing.set(True)
    try:
        return work()
    finally:
        _rehearsing.reset(token)


def _attempt(work: Callable[[], T], database: str, committed: list[bool], *, rehearsal: bool) -> T:
    backend = store()
    with transaction.atomic(using=database), backend.defer_statements():
        transaction.on_commit(lambda: committed.append(True), using=database)
        result = _rehearsed(work) if rehearsal else work()
        backend.send_deferred(commit=not rehearsal)
        if rehearsal:
            transaction.set_rollback(True, using=database)
    if not rehearsal:
        faults.forget()  # something was written, so what kept from it is over
    return result


def _in_one_line(error: Exception) -> str:
    return " ".join(str(error).split())
