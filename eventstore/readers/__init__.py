"""Readers on other machines: what only reads is answered by a follower, if that has reached what the caller must see.

A follower is a standby of the database, or a read database that is fed with the log. It is known by its alias in
DATABASES: those of standbys are in the setting EVENTSTORE_REPLICAS, that of the read database is in
EVENTSTORE_READ_DATABASE. `Router` belongs into DATABASE_ROUTERS. Nothing is ever decided, or written, on a follower.
"""

from eventstore.backends.followers import followers, must_be_primary, read_database, replicas
from eventstore.readers.answers import actor_of, answer, answering
from eventstore.readers.choice import choose
from eventstore.readers.reach import reached
from eventstore.readers.router import Router
from eventstore.readers.sight import NOTHING, Sight, sight_of
from eventstore.readers.snapshot import reading

__all__ = [
    "NOTHING",
    "Router",
    "Sight",
    "actor_of",
    "answer",
    "answering",
    "choose",
    "followers",
    "must_be_primary",
    "reached",
    "read_database",
    "reading",
    "replicas",
    "sight_of",
]
