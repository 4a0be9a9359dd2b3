"""Which database answers: a follower that has reached what the caller must see, else the one that decides."""

from collections.abc import Iterable
from itertools import count
from typing import Final
from zlib import crc32

from django.db import connections

from eventstore.backends import chosen_database, log_database
from eventstore.backends.followers import read_database, replicas
from eventstore.readers.sight import NOTHING, Sight, in_present_epoch
from eventstore.readers.snapshot import opened

_turns: Final = count()


def choose(wanted: int | Sight | None = None, needs: Iterable[str] = ()) -> str:
    """The alias of a database that reflects a position, or all that a caller must see, in the read models it needs.

    `needs` names projections; the log itself needs none. Where no follower has come that far, or none answers, it is
    the database of the log; so it is within a transaction there, whose own writes no follower sees yet. What is read
    next is another transaction: `answer` is for addresses behind which that may be another server.
    """
    sight = wanted if isinstance(wanted, Sight) else NOTHING.up_to(wanted)
    if aliases := candidates(sight):
        sight, needs = in_present_epoch(sight), tuple(needs)
    for alias in aliases:
        if snapshot := opened(alias, sight, tuple(needs)):
            snapshot.close()
            return alias
    return log_database()


def candidates(sight: Sight) -> list[str]:
    """The followers that may answer, in the order in which they are asked.

    First the read database, then the standbys: those of a caller in an order of their own, of others by turns.
    """
    if chosen_database() or connections[log_database()].in_atomic_block:
        return []
    own, standbys = read_database(), list(replicas())
    if sight.caller is None and standbys:
        turn = next(_turns) % len(standbys)
        standbys = standbys[turn:] + standbys[:turn]
    elif len(standbys) > 1:
        standbys.sort(key=lambda alias: crc32(f"{sight.caller}|{alias}".encode()))  # rendezvous hashing
    return standbys if own is None else [own, *standbys]
