"""Databases that follow the one in which decisions are taken, by their aliases; and what is not done on them."""

from eventstore.backends import log_database, store
from eventstore.backends.configured import setting
from eventstore.errors import NotThePrimary


def replicas() -> tuple[str, ...]:
    """The aliases of the standbys: the setting EVENTSTORE_REPLICAS."""
    return tuple(setting("EVENTSTORE_REPLICAS", ()))


def read_database() -> str | None:
    """The alias of the read database: the setting EVENTSTORE_READ_DATABASE; None if there is none."""
    alias: str | None = setting("EVENTSTORE_READ_DATABASE") or None
    return alias


def followers() -> tuple[str, ...]:
    """The aliases of all databases that follow: the read database first, which was made for it."""
    own = read_database()
    return replicas() if own is None else (own, *replicas())


def must_be_primary() -> None:
    """Raise NotThePrimary in a database that follows another; a question that meets it is asked of the primary."""
    if log_database() in followers() or store().follows():
        raise NotThePrimary
