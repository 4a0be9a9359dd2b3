"""A runner makes partitions before they are needed, where its role may: the owner of the tables alone can."""

import logging
import time
from typing import Final

from django.db import Error, transaction

from eventstore.backends import log_database, store
from eventstore.partitions.adopt import AHEAD, OWNER, SIZE
from eventstore.partitions.ahead import make_ahead
from eventstore.partitions.catalogue import is_partitioned, partitions, partman_manages
from eventstore.partitions.errors import CannotPartition
from eventstore.partitions.stores import STORES, Store

INTERVAL_SECONDS: Final = 60.0

logger = logging.getLogger(__name__)


class Keeper:
    """Looks once a minute whether there are empty partitions ahead, and makes some."""

    def __init__(self) -> None:
        self.next_look = 0.0

    def keep(self) -> None:
        """Make partitions if it is time to look; a failure is logged, and tried again."""
        if time.monotonic() < self.next_look:
            return
        self.next_look = time.monotonic() + INTERVAL_SECONDS
        try:
            with transaction.atomic(using=log_database()):
                size = _size()
            if size and (made := make_ahead(store().connection, ahead=AHEAD, size=size, attempts=5)):
                logger.info("Partitions were made: %s.", ", ".join(made))
        except (CannotPartition, Error) as error:
            logger.warning("No partition was made ahead; it is tried again. %s", error)


def _size() -> int:
    """The size of the newest partitions; 0 where there are none, or others see to them."""
    connection = store().connection
    if not is_partitioned(connection) or any(partman_manages(connection, each) for each in STORES):
        return 0
    with connection.cursor() as cursor:
        cursor.execute(OWNER, [STORES[0].table])
        _, is_owner = cursor.fetchone()
    return max(_newest(each) for each in STORES) if is_owner else 0


def _newest(each: Store) -> int:
    bounded = [part for part in partitions(store().connection, each) if part.end is not None]
    return (bounded[-1].end or 0) - (bounded[-1].first or 0) if len(bounded) > 1 else SIZE
