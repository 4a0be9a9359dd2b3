"""The work in which a process kills itself, and which a second process repeats."""

from collections.abc import Callable
from uuid import UUID

from eventstore.execute import CommandRequest, execute, execute_many
from eventstore.integrity import trees
from eventstore.integrity.sealer import seal
from eventstore.projecting.declaration.registry import projections
from eventstore.projecting.rebuild import rebuild
from eventstore.projecting.runner.runner import Runner
from tests.eventstore import sample  # noqa: F401 - registers the domain
from tests.eventstore.sample import Count, Move

TALLY, OTHER = UUID(int=1), UUID(int=2)
SMALL = 4  # events in a batch, or in a page


def one() -> None:
    """Execute a command over two streams."""
    execute(Move(TALLY, OTHER, 5), "the one", actor="ann")


def many() -> None:
    """Execute ten commands in one transaction."""
    requests = [CommandRequest(command=Count(OTHER, 1), key=f"many {number}", actor="ann") for number in range(10)]
    execute_many(requests)


def deliver() -> None:
    """Deliver recorded events to the delayed projections, batch by batch."""
    Runner().catch_up()


def rebuild_all() -> None:
    """Rebuild all projections."""
    rebuild(list(projections.values()))


def seal_all() -> None:
    """Seal both trees, page by page."""
    trees.PAGE = SMALL
    seal()


WORK: dict[str, Callable[[], None]] = {
    "one": one,
    "many": many,
    "deliver": deliver,
    "rebuild_all": rebuild_all,
    "seal_all": seal_all,
}
