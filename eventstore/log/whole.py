"""Whether a log is whole: while a restore into it has not ended, nobody may serve, seal or archive it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from eventstore.backends.rows import TransactionStart
from eventstore.errors import RestoreUnfinished
from eventstore.log.database import primary_rows
from eventstore.models import Restoration

_filling = ContextVar("whether the restore is this one", default=False)


def unfinished_restore() -> Restoration | None:
    """The restore that was begun in this database and did not end: it runs, or it was killed."""
    return primary_rows(Restoration).filter(ended_at=None).order_by("-id").first()


def must_be_whole() -> None:
    """Raise RestoreUnfinished while a restore into this database has not ended."""
    if left := unfinished_restore():
        raise RestoreUnfinished(left.source, f"{left.began_at:%Y-%m-%d %H:%M}")


def must_be_of_a_whole(start: TransactionStart) -> TransactionStart:
    """The start of a transaction that writes; raises RestoreUnfinished on a part of a log, but for the restore itself.

    What is asked for comes with the statement that opens the transaction, so that no command pays for it.
    """
    if start.restore and not _filling.get():
        raise RestoreUnfinished(*start.restore)
    return start


@contextmanager
def filling() -> Iterator[None]:
    """Within the block, this is the restore: it may execute commands, such as those that erase persons again."""
    token = _filling.set(True)
    try:
        yield
    finally:
        _filling.reset(token)
