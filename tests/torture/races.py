"""Races of commands on purpose: all at once, in any order, or one while another is not committed yet."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from accounts.services.ids import new_id
from eventstore.execute import Receipt, execute
from eventstore.models import Event
from tests.torture.threads import at_once

ROUNDS = 8
DONE = "done"

Contender = Callable[[], str]


def sent(command: Any, actor: str = "somebody", **terms: Any) -> Contender:
    """A contender that sends a command under a new key; it returns the code of the refusal, or DONE."""
    return partial(execute_and_get_code, command, actor, **terms)


def execute_and_get_code(command: Any, actor: str, **terms: Any) -> str:
    return code_of(execute(command, new_id(), actor=actor, **terms))


def code_of(receipt: Receipt) -> str:
    return receipt.refusal.code if receipt.refusal else DONE


def rounds() -> Iterator[Random]:
    """Random generators, another for each round, the same in each run."""
    return map(Random, range(ROUNDS))


def race(contenders: Sequence[Contender], chance: Random) -> list[str]:
    """The results of contenders that begin at once; the order in which they get threads differs from round to round."""
    order = list(range(len(contenders)))
    chance.shuffle(order)
    came = at_once([contenders[place] for place in order])
    return [came[order.index(place)] for place in range(len(contenders))]


def while_uncommitted(first: Contender, second: Contender) -> tuple[str, str]:
    """The results of two contenders, of which the second begins while the first is decided, but not committed.

    The second has to wait for the first: a design that reads without a lock goes on with what it sees, which is old.
    """
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic(), connection.cursor() as cursor:
            came_first = first()
            waiting = pool.submit(run_on_own_connection, second)
            while not _another_session_waits(cursor):
                assert not waiting.done(), f"It did not wait: {waiting.result()}"
        return came_first, waiting.result()


def run_on_own_connection(contender: Contender) -> str:
    """Run a contender on this thread's connection, and close that."""
    try:
        return contender()
    finally:
        connection.close()


def _another_session_waits(cursor: Any) -> bool:
    cursor.execute("SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))")
    return cursor.fetchone() is not None


def log(*streams: UUID) -> list[str]:
    """The types of all events of some streams, in their order."""
    events = Event.objects.filter(stream_id__in=streams)
    return list(events.order_by("position").values_list("type", flat=True))
