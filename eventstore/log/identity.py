"""The identity of a log: an id for all time, and the epoch, in which each position names one event and no other."""

from uuid import UUID

from django.db import router
from django.db.models import QuerySet
from django.utils import timezone
from uuid_utils.compat import uuid7

from eventstore.backends import in_database, log_transaction, store
from eventstore.backends.rows import Identity, microseconds_of
from eventstore.log.database import primary_rows
from eventstore.models import Cluster, Epoch

__all__ = ["Identity", "begin_epoch", "identity", "identity_in", "identity_of_command", "install", "locked_cluster"]


def identity() -> Identity:
    """The identity of the log as it is; raises LookupError before `migrate` has made one."""
    found = _newest(primary_rows(Epoch))
    if found is None:
        raise LookupError("The log has no identity yet. Run: manage.py migrate")
    return found


def identity_of_command(number: int) -> Identity | None:
    """The identity of the log when a stored command drew its number; None for one from before all epochs."""
    return _newest(primary_rows(Epoch).filter(number__lt=number))


def begin_epoch(cause: Epoch.Cause, reason: str = "", *, above: int = 0) -> Identity:
    """Begin the next epoch at the present end of both stores; every cursor from before it is refused from now on.

    Its number is the next one, or a higher one where another node is known to have seen epochs up to `above`, which
    this log has lost.
    """
    with log_transaction():
        locked_cluster()
        log_id, epoch, _began = identity()
        return _begin(log_id, max(epoch, above) + 1, cause, reason)


def locked_cluster() -> Cluster:
    """The row of the cluster, locked until the transaction ends; only who has it begins an epoch."""
    return primary_rows(Cluster).select_for_update().get()


def _newest(epochs: "QuerySet[Epoch]") -> Identity | None:
    newest = epochs.order_by("-epoch").first()
    return None if newest is None else identity_in(newest)


def identity_in(epoch: Epoch) -> Identity:
    """The identity of the log in an epoch."""
    return Identity(epoch.log_id, epoch.epoch, microseconds_of(epoch.began_at))


def install(using: str, **_: object) -> None:
    """Begin the first epoch of a log that has none; runs after `migrate` and `flush`."""
    if not router.allow_migrate_model(using, Epoch):
        return  # another database
    with in_database(using):
        if store().subscribes():
            return  # the identity is that of the log that is followed, and comes with it
        if {Epoch._meta.db_table, Cluster._meta.db_table} <= {*store().connection.introspection.table_names()}:
            _install()


def _install() -> None:
    primary_rows(Cluster).get_or_create(defaults={"place": store().place() or {}})
    if primary_rows(Epoch).exists():
        return
    is_empty = store().last_drawn() == (0, 0)
    _begin(uuid7(), 1, Epoch.Cause.CREATED if is_empty else Epoch.Cause.TAKEN_IN, "")


def _begin(log_id: UUID, epoch: int, cause: Epoch.Cause, reason: str) -> Identity:
    position, number = store().last_drawn()
    row = Epoch(
        epoch=epoch,
        log_id=log_id,
        position=position,
        number=number,
        cause=cause,
        reason=reason,
        began_at=timezone.now(),
    )
    primary_rows(Epoch).bulk_create([row])
    return identity_in(row)
