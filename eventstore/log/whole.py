"""Whether a log is whole: while a restore into it has not ended, nobody may serve, seal or archive it."""

from eventstore.errors import RestoreUnfinished
from eventstore.log.database import primary_rows
from eventstore.models import Restoration


def unfinished_restore() -> Restoration | None:
    """The restore that was begun in this database and did not end: it runs, or it was killed."""
    return primary_rows(Restoration).filter(ended_at=None).order_by("-id").first()


def must_be_whole() -> None:
    """Raise RestoreUnfinished while a restore into this database has not ended."""
    if left := unfinished_restore():
        raise RestoreUnfinished(left.source, f"{left.began_at:%Y-%m-%d %H:%M}")
