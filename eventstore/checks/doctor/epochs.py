"""Examinations of the log's epochs, and of readers who stand beyond the end of a log that was restored."""

from collections.abc import Iterator

from django.db.models import Max

from eventstore import feed
from eventstore.backends import store
from eventstore.checks.doctor.findings import Finding, act, fine, look
from eventstore.errors import RestoreUnfinished
from eventstore.integrity import last_seen
from eventstore.integrity.restores import unconfirmed
from eventstore.log.database import primary_rows
from eventstore.log.identity import identity
from eventstore.log.whole import must_be_whole
from eventstore.models import Checkpoint
from eventstore.projecting.declaration.projection import Projection
from eventstore.projecting.declaration.registry import subscribers


def restores() -> Iterator[Finding]:
    """Examines whether a restore of an archive has not come to its end."""
    try:
        must_be_whole()
    except RestoreUnfinished as error:
        yield act("restore", str(error), "start the restore again, with the same options; or begin in a new database")


def epochs() -> Iterator[Finding]:
    """Examines whether a person knows of each epoch that a start has begun by itself."""
    if noticed := unconfirmed():
        says = (
            f"Epoch {noticed.epoch} began by itself on {noticed.began_at:%Y-%m-%d %H:%M} UTC, at position "
            f"{noticed.position:,}, as the database was found changed. {noticed.reason}"
        )
        yield look("epoch", says, "find out why (docs/operations.md), then manage.py begin_epoch --confirm")
        return
    log_id, epoch, _began = identity()
    lacks = "" if last_seen.file() else " This node keeps no LOG_STATE_FILE, by which it would notice a restore."
    yield fine("epoch", f"The log is {log_id}, in epoch {epoch}.{lacks}")


def readers() -> Iterator[Finding]:
    """Examines whether a reader claims to have read what the log does not hold: it would pass over what comes there."""
    if store().subscribes():
        return  # while nothing here counts as known, the end is 0: see the examination of the read database
    end = feed.last_drawn().position
    mark = feed.tidemark()
    if mark > end:
        says = f"The tidemark stands at {mark:,}, but the last position that was drawn is {end:,}."
        yield act("tidemark", says, "restore the database whole, with its sequences (docs/operations.md)")
    beyond = dict(
        primary_rows(Checkpoint)
        .filter(position__gt=max(mark, end))
        .order_by()
        .values_list("projection_id")
        .annotate(Max("position"))
    )
    for name, position in sorted(beyond.items()):
        says = f"It has read up to {position:,}, and the log ends at {max(mark, end):,}: it will pass over what comes."
        is_rebuilt = isinstance(subscribers().get(name), Projection)
        remedy = (
            f"manage.py rebuild_projections {name}" if is_rebuilt else "restore the database whole: its checkpoints"
        )
        yield act(f"projection {name}", says, remedy)
