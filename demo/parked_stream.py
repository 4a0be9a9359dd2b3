"""Leaves one stream parked in a demo site, for a person to retry.

The failure is real: the projection fails six times at a row that exists already, as it would after a single table was
restored from a backup. Then the row is deleted, so the next retry succeeds.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from demo.actions import BANK
from demo.world import World
from eventstore import feed
from eventstore.execute import command_id_of
from eventstore.log import log_database
from eventstore.models import Command, Parked
from eventstore.projecting import Rows, parking, position_of, projections
from eventstore.projecting.runner import read_up_to


def park_one_stream(world: World) -> None:
    """Parks the stream of the world's last event in a delayed projection that has not read that event yet."""
    projection = next((each for each in projections.values() if isinstance(each, Rows) and each.delayed), None)
    last = Command.objects.filter(command_id=command_id_of(BANK, world.last_key)).first()
    if projection and last and position_of(projection) < last.positions[-1]:
        feed.advance()
        _read(projection, last.positions[-1] - 1)
        with transaction.atomic(using=log_database()), _unlogged():
            _park(projection, last.positions[-1])


def _read(projection: Rows, position: int) -> None:
    read_up_to(projection, position)


def _park(projection: Rows, position: int) -> None:
    """Parks the event's stream; the conflicting row lives only within the transaction."""
    (record,) = feed.between(position - 1, position)
    in_the_way = list(projection.function(record.event, record))
    projection.table.insert(in_the_way)
    _read(projection, position)
    for parked in Parked.objects.filter(projection_id=projection.name):
        _give_up(parked)
    projection.table.delete([row.pk for row in in_the_way])


def _give_up(parked: Parked) -> None:
    """Uses up the runner's retries, so that the stream waits for a person."""
    while parked.retry_at is not None:
        parking.retry(parked)
        parked.refresh_from_db()


@contextmanager
def _unlogged() -> Iterator[None]:
    """Mutes warnings: the report names the parked stream."""
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
