"""The end of a rebuild: with writers blocked, shadows read the rest and are exchanged with the live tables."""

from collections.abc import Sequence

from django.utils import timezone

from eventstore import feed, models
from eventstore.backends import log_database, log_transaction, store
from eventstore.log.database import primary_rows
from eventstore.models import Checkpoint, Shadow, ShadowPart
from eventstore.projecting.declaration.projection import Projection
from eventstore.projecting.parking import parking
from eventstore.projecting.rebuild.build import BUILDING, REPLACED, Build, discard, save_places, slots_of
from eventstore.projecting.rebuild.errors import MarkLost
from eventstore.projecting.rebuild.passes import RunPage, passes
from eventstore.projecting.replay import Progress
from eventstore.projecting.tables.fit import TableChanged, differences, must_be_alike, must_be_unbound, must_fit_model

_in_callers_transaction: RunPage = lambda work: work()  # noqa: E731 - one line says it


def finish(builds: Sequence[Build], progress: Progress) -> int:
    """Block writers, read the rest, exchange the tables; the number of records read. Needs a transaction."""
    chosen = [build.projection for build in builds]
    end = _block_writers(chosen)
    if any(place > build.projection.end_of(end) for build in builds for place in build.reached()):
        raise MarkLost(MarkLost.__doc__)  # to exchange would set checkpoints before what the rows reflect
    done = sum(one.read(end, progress, _in_callers_transaction) for one in passes(builds))
    for projection in chosen:
        _exchange(projection, end)
    return done


def must_be_reusable(projection: Projection) -> None:
    """Raises TableDoesNotFit or TableIsBound if the replaced table can't be the live one, as both are now."""
    live = projection.table
    must_fit_model(live)
    must_be_unbound(live)
    must_be_alike(live.beside(REPLACED), live)


def reuse_replaced(old: Projection) -> Build:
    """Make the replaced table the shadow that a rebuild resumes, from the progress that it had.

    Its rows keep the version of the projector that made them. Raises Shadow.DoesNotExist if none was kept, and what
    `must_be_reusable` raises.
    """
    name = old.name
    kept = primary_rows(Shadow).get(projection_id=name, role=REPLACED)
    must_be_reusable(old)
    with log_transaction():
        discard([old])
        store().rename_table(old.table.beside(REPLACED).name, old.table.beside(BUILDING).name)
        primary_rows(Shadow).filter(pk=kept.pk).delete()
        Shadow(projection_id=name, role=BUILDING, version=kept.version).save(using=log_database())
        primary_rows(ShadowPart).filter(projection_id=name, role=REPLACED).update(role=BUILDING)
    return Build(old)


def _block_writers(chosen: Sequence[Projection]) -> feed.Mark:
    """Block runners, and commands if a projection is real-time, until the transaction ends; the end of the log."""
    names = [projection.name for projection in chosen]
    list(primary_rows(Checkpoint).select_for_update().filter(projection_id__in=names))
    if all(projection.is_served() for projection in chosen):
        return feed.advance()
    store().block_writers()
    return feed.Mark(*store().last_drawn())


def _exchange(projection: Projection, end: feed.Mark) -> None:
    """Make the shadow the live table, and keep the former one as the replaced table if it is worth it."""
    row = primary_rows(models.Projection).get(name=projection.name)
    built = primary_rows(Shadow).get(projection_id=projection.name, role=BUILDING)
    places = _live_places(projection, end) if _is_worth_keeping(row, projection) else {}
    _exchange_tables(projection)
    if places:
        Shadow(projection_id=projection.name, role=REPLACED, version=row.version).save(using=log_database())
        save_places(projection, REPLACED, places)
    else:
        discard([projection], REPLACED)
    row.version, row.is_live, row.built_at, row.built_to = built.version, True, timezone.now(), end.position
    row.save(using=log_database())
    primary_rows(Checkpoint).filter(projection_id=projection.name).update(position=projection.end_of(end))
    parking.unpark_all(projection)


def _is_worth_keeping(row: models.Projection, projection: Projection) -> bool:
    """Whether a replaced table may be taken back. Rows about persons must not outlive their erasure."""
    return row.is_live and not projection.personal


def _live_places(projection: Projection, end: feed.Mark) -> dict[int, int]:
    """The progress of the live table's slots; empty if streams are parked, whose rows can't be brought up to date."""
    if parking.parked_positions(projection):
        return {}
    if projection.is_served():
        return dict(primary_rows(Checkpoint).filter(projection_id=projection.name).values_list("slot", "position"))
    return dict.fromkeys(slots_of(projection), projection.end_of(end))


def _exchange_tables(projection: Projection) -> None:
    """Exchange tables that are alike, with the live one locked, so that no migration comes between."""
    table = projection.table
    store().lock_table(table.name)
    must_be_unbound(table)
    if found := differences(table.beside(BUILDING), table):
        raise TableChanged(f"{table.name}: {found}. {TableChanged.__doc__}")
    store().exchange_tables(table.name, table.beside(BUILDING).name, table.beside(REPLACED).name)
    primary_rows(Shadow).filter(projection_id=projection.name).delete()
    primary_rows(ShadowPart).filter(projection_id=projection.name).delete()
