"""Installing projections and reactions: the rows by which the engine keeps track of each, made after `migrate`."""

from eventstore import models
from eventstore.backends import log_database, store
from eventstore.log.slots import SLOTS
from eventstore.projecting.declaration.registry import subscribers
from eventstore.projecting.declaration.subscribers import Subscriber


def install(using: str, **_: object) -> None:
    """Make the rows of all declared projections and reactions; on an empty log all are live. Runs after `migrate`.

    A new reaction begins after the last position that has been drawn by now, unless it reads since the beginning.
    """
    if using != log_database() or models.Event._meta.db_table not in store().connection.introspection.table_names():
        return  # another database, or a migration back to nothing
    is_empty = not models.Event.objects.exists() and not models.Command.objects.exists()
    end, _number = store().last_drawn()
    for subscriber in subscribers().values():
        models.Projection.objects.get_or_create(
            name=subscriber.name,
            defaults={"version": subscriber.version, "is_live": is_empty or subscriber.delayed},
        )
        checkpoints = [
            models.Checkpoint(projection_id=subscriber.name, slot=slot, position=subscriber.start_position(end))
            for slot in _slots(subscriber)
        ]
        models.Checkpoint.objects.bulk_create(checkpoints, ignore_conflicts=True)


def _slots(subscriber: Subscriber) -> range:
    if not subscriber.delayed:
        return range(0)
    return range(1) if subscriber.global_order else range(SLOTS)
