"""What is done when a process kills itself, and done again by the one that comes after it."""

from collections.abc import Callable
from uuid import UUID

from eventstore.execute import CommandRequest, execute, execute_many
from eventstore.projecting.declaration.registry import projections
from eventstore.projecting.rebuild import rebuild
from eventstore.projecting.runner.runner import Runner
from tests.eventstore import sample  # noqa: F401 - registers the domain
from tests.eventstore.sample import Count, Move

TALLY, OTHER = UUID(int=1), UUID(int=2)
SMALL = 4  # events in a batch, or in a page


def one() -> None:
    """A command over two streams."""
    execute(Move(TALLY, OTHER, 5), "the one", actor="ann")


def many() -> None:
    """Ten commands in one transaction."""
    requests = [CommandRequest(command=Count(OTHER, 1), key=f"many {number}", actor="ann") for number in range(10)]
    execute_many(requests)


def deliver() -> None:
    """What is recorded goes to the delayed projections, batch by batch."""
    Runner().catch_up()


def build_anew() -> None:
    """All projections are built from the beginning."""
    rebuild(list(projections.values()))


WORK: dict[str, Callable[[], None]] = {"one": one, "many": many, "deliver": deliver, "build_anew": build_anew}
