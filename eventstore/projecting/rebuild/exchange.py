"""The last moment of a rebuild: nobody writes, the shadows read the rest, and change places with the live tables."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from eventstore import feed, models
from eventstore.backends import log_database, store
from eventstore.models import Checkpoint, Shadow, ShadowPart
from eventstore.projecting.declaration.projection import Projection
from eventstore.projecting.parking import parking
from eventstore.projecting.rebuild.build import NEW, OLD, Build, discard, remember, slots_of
from eventstore.projecting.rebuild.passes import Unit, passes
from eventstore.projecting.replay import Progress

_at_once: Unit = lambda work: work()  # noqa: E731 - all of it is one transaction, the caller's


def finish(builds: Sequence[Build], progress: Progress) -> int:
    """Hold everybody still, read the rest, change places: to be run in one transaction."""
    chosen = [build.projection for build in builds]
    end = _hold_still(chosen)
    done = sum(one.read(end, progress, _at_once) for one in passes(builds))
    for projection in chosen:
        _exchange(projection, end)
    return done


def make_new(old: Projection) -> None:
    """Let the table that was replaced be the one that is built, from where it stands.

    Raises Shadow.DoesNotExist if none was kept.
    """
    name = old.name
    kept = Shadow.objects.get(projection_id=name, role=OLD)
    discard([old])
    with transaction.atomic(using=log_database()):
        store().rename_table(old.table.beside(OLD).name, old.table.beside(NEW).name)
        Shadow.objects.filter(pk=kept.pk).delete()
        Shadow(projection_id=name, role=NEW, version=old.version).save()
        ShadowPart.objects.filter(projection_id=name, role=OLD).update(role=NEW)


def _hold_still(chosen: Sequence[Projection]) -> feed.Mark:
    """Keep runners, and where needed writers, out until the transaction ends; how far the log goes until then."""
    names = [projection.name for projection in chosen]
    list(Checkpoint.objects.select_for_update().filter(projection_id__in=names))
    if all(projection.delayed for projection in chosen):
        return feed.advance()
    store().block_writers()
    return feed.Mark(*store().last_drawn())


def _exchange(projection: Projection, end: feed.Mark) -> None:
    """The shadow becomes the live table, and the live one the old one, if it is worth keeping."""
    row = models.Projection.objects.get(name=projection.name)
    version, places = row.version, _where_live_rows_stand(projection, end) if _is_worth_keeping(row, projection) else {}
    _change_places(projection)
    if places:
        Shadow(projection_id=projection.name, role=OLD, version=version).save()
        remember(projection, OLD, places)
    else:
        discard([projection], OLD)
    row.version, row.is_live, row.built_at, row.built_to = projection.version, True, timezone.now(), end.position
    row.save()
    Checkpoint.objects.filter(projection_id=projection.name).update(position=end.position)
    parking.forget(projection)


def _is_worth_keeping(row: models.Projection, projection: Projection) -> bool:
    """Whether a live table that is replaced can be gone back to. What tells about persons must not outlive them."""
    return row.is_live and not projection.personal


def _where_live_rows_stand(projection: Projection, end: feed.Mark) -> dict[int, int]:
    """How far each slot is; empty if streams are parked, as rows that lack something can't be brought up to date."""
    if parking.held_back(projection):
        return {}
    if projection.delayed:
        return dict(Checkpoint.objects.filter(projection_id=projection.name).values_list("slot", "position"))
    return dict.fromkeys(slots_of(projection), projection.end_of(end))


def _change_places(projection: Projection) -> None:
    table = projection.table
    store().exchange_tables(table.name, table.beside(NEW).name, table.beside(OLD).name)
    Shadow.objects.filter(projection_id=projection.name).delete()
    ShadowPart.objects.filter(projection_id=projection.name).delete()
