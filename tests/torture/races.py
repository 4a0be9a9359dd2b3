"""Commands that meet on purpose: all at once, in whatever order, or one while another is not committed yet."""

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
from tests.torture.crowd import at_once

ROUNDS = 8
DONE = "done"

Contender = Callable[[], str]


def sent(command: Any, actor: str = "somebody", **terms: Any) -> Contender:
    """Sends a command under a key of its own; gives the code of the refusal, or DONE."""
    return partial(outcome, command, actor, **terms)


def outcome(command: Any, actor: str, **terms: Any) -> str:
    return told(execute(command, new_id(), actor=actor, **terms))


def told(receipt: Receipt) -> str:
    return receipt.refusal.code if receipt.refusal else DONE


def rounds() -> Iterator[Random]:
    """Chances that differ from round to round, and are the same each time."""
    return map(Random, range(ROUNDS))


def race(contenders: Sequence[Contender], chance: Random) -> list[str]:
    """What comes of each when all begin at once; who is the first to get a thread differs from round to round."""
    order = list(range(len(contenders)))
    chance.shuffle(order)
    came = at_once([contenders[place] for place in order])
    return [came[order.index(place)] for place in range(len(contenders))]


def while_uncommitted(first: Contender, second: Contender) -> tuple[str, str]:
    """What comes of both when the second begins after the first is decided, and before that is committed.

    The second has to wait for the first: a design that reads without a lock goes on with what it sees, which is old.
    """
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic(), connection.cursor() as cursor:
            came_first = first()
            waiting = pool.submit(on_its_own, second)
            while not _somebody_waits_for_me(cursor):
                assert not waiting.done(), f"It did not wait: {waiting.result()}"
        return came_first, waiting.result()


def on_its_own(contender: Contender) -> str:
    """On the connection of this thread, which is closed in the end."""
    try:
        return contender()
    finally:
        connection.close()


def _somebody_waits_for_me(cursor: Any) -> bool:
    cursor.execute("SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))")
    return cursor.fetchone() is not None


def log(*streams: UUID) -> list[str]:
    """The types of all events of some streams, in their order."""
    events = Event.objects.filter(stream_id__in=streams)
    return list(events.order_by("position").values_list("type", flat=True))
