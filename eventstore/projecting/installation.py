"""Installing projections and reactions: the rows by which the engine keeps track of each, made after `migrate`."""

import logging

from django.db import router

from eventstore import models
from eventstore.backends import in_database, store
from eventstore.log.database import primary_rows
from eventstore.log.slots import SLOTS
from eventstore.projecting.declaration.projection import Projection
from eventstore.projecting.declaration.registry import subscribers
from eventstore.projecting.declaration.subscribers import Subscriber

logger = logging.getLogger(__name__)

TO_BE_BUILT = (
    "%s is new on a log that is not empty. Its table stays empty, and pages that wait for it say that they are "
    "catching up, until you build it: manage.py rebuild_projections %s."
)
TO_BE_FILLED = (
    "%s is new on a log that is not empty. Runners fill its table from the beginning of the log; projection_status "
    "tells how far it is. Quicker, and all at once: manage.py rebuild_projections %s."
)


def install(using: str, **_: object) -> None:
    """Make the rows of all declared projections and reactions; on an empty log all are live. Runs after `migrate`.

    A new reaction begins after the last position that has been drawn by now, unless it reads since the beginning.
    """
    if not router.allow_migrate_model(using, models.Event):
        return  # another database
    with in_database(using):
        if (
            models.Event._meta.db_table in store().connection.introspection.table_names()
        ):  # not migrated back to nothing
            _install()


def _install() -> None:
    is_empty = not primary_rows(models.Event).exists() and not primary_rows(models.Command).exists()
    end, _number = store().last_drawn()
    for subscriber in subscribers().values():
        if store().subscribes() and not subscriber.is_served():
            continue  # a reaction executes commands, so it reads where these are executed
        row, is_new = primary_rows(models.Projection).get_or_create(
            name=subscriber.name,
            defaults={"version": subscriber.version, "is_live": is_empty or subscriber.is_served()},
        )
        if is_new and not is_empty and isinstance(subscriber, Projection):
            logger.warning(TO_BE_FILLED if row.is_live else TO_BE_BUILT, subscriber.name, subscriber.name)
        checkpoints = [
            models.Checkpoint(projection_id=subscriber.name, slot=slot, position=subscriber.start_position(end))
            for slot in _slots(subscriber)
        ]
        primary_rows(models.Checkpoint).bulk_create(checkpoints, ignore_conflicts=True)


def _slots(subscriber: Subscriber) -> range:
    if not subscriber.is_served():
        return range(0)
    return range(1) if subscriber.global_order else range(SLOTS)
