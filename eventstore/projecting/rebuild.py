"""Building projections anew from the log, several in one pass.

Who reads sees the old rows until the new ones are committed. Commands wait meanwhile if a real-time projection is
among them; for delayed ones alone, only their own runner waits.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from eventstore import feed, models
from eventstore.backends import backend_of, writing
from eventstore.projecting.declaration import Projection

Progress = Callable[[int], None]


def _no_progress(_: int) -> None:
    """Nobody looks."""


def rebuild(chosen: Sequence[Projection], progress: Progress = _no_progress) -> int:
    """Build projections anew, all or none; the number of records that were read.

    `progress` is called with the number of records of each batch.
    """
    with transaction.atomic(using=writing().alias):
        end = _hold_still(chosen)
        for projection in chosen:
            projection.table.clear()
        done = _replay([p for p in chosen if not p.reads_commands], _events(end.position), progress)
        done += _replay([p for p in chosen if p.reads_commands], _commands(end.number), progress)
        for projection in chosen:
            _mark_built(projection, end.position)
    return done


def workload(chosen: Sequence[Projection]) -> int:
    """How many records a rebuild of these will read, about."""
    reads_commands = {projection.reads_commands for projection in chosen}
    events = models.Event.objects.count() if False in reads_commands else 0
    return events + (models.Command.objects.count() if True in reads_commands else 0)


def _hold_still(chosen: Sequence[Projection]) -> feed.Mark:
    """Keep runners, and where needed writers, out until the transaction ends; how far the log goes until then."""
    names = [projection.name for projection in chosen]
    list(models.Checkpoint.objects.select_for_update().filter(projection_id__in=names))
    if all(projection.delayed for projection in chosen):
        return feed.advance()
    backend_of(writing()).block_writers(writing())
    return feed.Mark(*backend_of(writing()).last_drawn(writing()))


def _replay(chosen: Sequence[Projection], batches: Iterator[list[Any]], progress: Progress) -> int:
    done = 0
    for batch in batches if chosen else ():
        for projection in chosen:
            projection.apply([r for r in batch if projection.wants(r)])
        done += len(batch)
        progress(len(batch))
    return done


def _events(to: int) -> Iterator[list[Any]]:
    after = 0
    while batch := feed.between(after, to):
        yield batch
        after = batch[-1].position


def _commands(to: int) -> Iterator[list[Any]]:
    after = 0
    while batch := feed.read_commands(after, to):
        yield batch
        after = batch[-1].number


def _mark_built(projection: Projection, position: int) -> None:
    models.Projection.objects.update_or_create(
        name=projection.name,
        defaults={
            "version": projection.version,
            "is_live": True,
            "built_at": timezone.now(),
            "built_to": position,
        },
    )
    models.Checkpoint.objects.filter(projection_id=projection.name).update(position=position)
