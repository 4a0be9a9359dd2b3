"""A process that executes commands until it is killed: `python -m tests.torture.commander NUMBER`."""

import itertools
import sys
import uuid

import django

django.setup()

from eventstore.execute import execute  # noqa: E402 - needs the apps
from tests.eventstore.sample import Count, Move  # noqa: E402 - likewise


def main(number: int) -> None:
    own, shared = uuid.UUID(int=1 + number), uuid.UUID(int=100)
    for count in itertools.count():
        execute(Count(own, 3), f"count {count}", actor=str(number))
        execute(Move(own, shared, 1), f"move {count}", actor=str(number))
        execute(Move(shared, own, 1), f"back {count}", actor=str(number))


if __name__ == "__main__":
    main(int(sys.argv[1]))
