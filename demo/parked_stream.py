"""Leaves one stream parked in a demo site, so that people can bring it on its way again.

Nothing is pretended: the projection fails, six times, at a row that is there already, as it would be after somebody had
restored a single table from a backup. Then the row is taken away again, so the next attempt succeeds.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from demo.acts import BANK
from demo.world import World
from eventstore import feed
from eventstore.backends import log_database
from eventstore.execute import command_id_of
from eventstore.models import Command, Parked
from eventstore.projecting.declaration.projection import Rows, projections
from eventstore.projecting.parking import parking
from eventstore.projecting.runner.batches import step
from eventstore.projecting.runner.runner import position_of


def park_one_stream(world: World) -> None:
    """Park the stream of the world's last event in a delayed projection, unless that has read it already."""
    projection = next((each for each in projections.values() if isinstance(each, Rows) and each.delayed), None)
    last = Command.objects.filter(command_id=command_id_of(BANK, world.last_key)).first()
    if projection and last and position_of(projection) < last.positions[-1]:
        feed.advance()
        _read(projection, last.positions[-1] - 1)
        with transaction.atomic(using=log_database()), _unlogged():
            _park(projection, last.positions[-1])


def _read(projection: Rows, position: int) -> None:
    while step(projection, position):
        pass


def _park(projection: Rows, position: int) -> None:
    """Nobody else sees the row that is in the way: it comes and goes within the transaction."""
    (record,) = feed.between(position - 1, position)
    in_the_way = list(projection.function(record.event, record))
    projection.table.insert(in_the_way)
    _read(projection, position)
    for parked in Parked.objects.filter(projection_id=projection.name):
        _give_up(parked)
    projection.table.delete([row.pk for row in in_the_way])


def _give_up(parked: Parked) -> None:
    """Fail as often as the runner would within half a minute: then it is left to a person."""
    while parked.retry_at is not None:
        parking.retry(parked)
        parked.refresh_from_db()


@contextmanager
def _unlogged() -> Iterator[None]:
    """What is told of at the end need not alarm anybody before."""
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
