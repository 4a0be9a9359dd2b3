"""A writer process for the torture of the feed: `python -m tests.torture.writer NUMBER TRANSACTIONS`.

Its transactions are slow, quick, or rolled back, at random, so that positions commit out of order.
"""

import random
import sys
import uuid

import django
from django.db import connection, transaction

django.setup()

from eventstore import log  # noqa: E402 - needs the apps
from tests.eventstore.sample import Counted  # noqa: E402 - likewise

STREAMS = 3


class RolledBack(Exception):
    pass


def main(number: int, transactions: int) -> None:
    chance = random.Random(number)
    streams = [uuid.uuid5(uuid.NAMESPACE_OID, f"{number}/{stream}") for stream in range(STREAMS)]
    for count in range(transactions):
        try:
            with transaction.atomic():
                write(chance, chance.choice(streams), count)
        except RolledBack:
            continue


def write(chance: random.Random, stream_id: uuid.UUID, count: int) -> None:
    """Append one to three events, whose `amount` rises within the stream; then linger, or roll back."""
    events = [Counted(stream_id, 10 * count + step, 0) for step in range(chance.randint(1, 3))]
    log.append("tally", stream_id, events, actor="torture")
    if chance.random() < 0.3:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(%s)", [chance.uniform(0, 0.01)])
    if chance.random() < 0.2:
        raise RolledBack


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
