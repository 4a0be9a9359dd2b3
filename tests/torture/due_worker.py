"""A process that runs the due task again and again, until it is killed: `python -m tests.torture.due_worker`.

Its finder is always behind: it finds all occasions each time, executed ones too.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import django

django.setup()

from django.utils import timezone  # noqa: E402 - needs the apps

from eventstore.due import DueTask, Occasion  # noqa: E402 - likewise
from eventstore.execution.scheduler import run  # noqa: E402 - likewise
from tests.eventstore.sample import Count  # noqa: E402 - likewise

OCCASIONS = 150
TALLIES = 10


def find(now: datetime) -> Iterator[Occasion]:
    for number in range(OCCASIONS):
        yield Occasion(str(number), Count(UUID(int=1 + number % TALLIES), 1))


TASK = DueTask("keeping", find, timedelta(minutes=1))

if __name__ == "__main__":
    while True:
        run(TASK, timezone.now())
