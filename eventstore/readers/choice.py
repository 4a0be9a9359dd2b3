"""Which database answers: a follower that has reached what the caller must see, else the one that decides."""

from collections.abc import Iterable, Iterator
from itertools import count
from typing import Final
from zlib import crc32

from django.db import Error, connections

from eventstore.backends import chosen_database, log_database
from eventstore.backends.followers import read_database, replicas
from eventstore.readers.health import breaker
from eventstore.readers.reach import has_reached
from eventstore.readers.sight import NOTHING, Sight

_turns: Final = count()


def choose(wanted: int | Sight | None = None, needs: Iterable[str] = ()) -> str:
    """The alias of a database that reflects a position, or all that a caller must see, in the read models it needs.

    `needs` names projections; the log itself needs none. Where no follower has come that far, or none answers, it is
    the database of the log; so it is within a transaction there, whose own writes no follower sees yet.
    """
    return next(chosen(wanted, tuple(needs)), log_database())


def chosen(wanted: int | Sight | None, needs: tuple[str, ...]) -> Iterator[str]:
    """The followers that may answer, one after the other; each is asked when it is its turn."""
    if chosen_database() or connections[log_database()].in_atomic_block:
        return
    sight = wanted if isinstance(wanted, Sight) else NOTHING.up_to(wanted)
    yield from (alias for alias in _in_turn(sight.caller) if _can_show(alias, sight, needs))


def _in_turn(caller: object) -> list[str]:
    """The read database, then the standbys: those of a caller in an order of their own, of others by turns."""
    own, standbys = read_database(), list(replicas())
    if caller is None and standbys:
        turn = next(_turns) % len(standbys)
        standbys = standbys[turn:] + standbys[:turn]
    elif len(standbys) > 1:
        standbys.sort(key=lambda alias: crc32(f"{caller}|{alias}".encode()))  # rendezvous hashing
    return standbys if own is None else [own, *standbys]


def _can_show(alias: str, sight: Sight, needs: tuple[str, ...]) -> bool:
    if not breaker.may_ask(alias):
        return False
    try:
        can = has_reached(alias, sight, needs)
    except Error as error:
        connections[alias].close()
        breaker.failed(alias, error)
        return False
    breaker.answered(alias)
    return can
