"""Where the log and the command store are cut, so that no command is parted from its events.

A command and its events were committed at once, but positions and numbers are drawn one after the other: two commands
that were written at the same moment may have their numbers in one order, and their events in the other. So a cut is
lowered until each command below it has all of its events below it, and each event its command. It comes to an end, as
it only ever sinks, and soon: few commands are written at the same moment.
"""

from collections.abc import Callable, Iterable, Iterator
from uuid import UUID

from eventstore.archive.columns import cause_of
from eventstore.backends import store
from eventstore.feed import Mark
from eventstore.log.database import primary_rows
from eventstore.models import Command

PAGE = 5_000
IDS = 500  # looked up in one statement


def consistent(mark: Mark) -> Mark:
    """The highest cut that is not above the mark, and parts no command from its events. Read in one snapshot."""
    while True:
        number = min([mark.number, *(number - 1 for number in _numbers_of_events_after(mark))])
        firsts = _first_positions_of_commands_after(number)
        lower = Mark(min([mark.position, *(first - 1 for first in firsts)]), number)
        if lower == mark:
            return mark
        mark = lower


def _numbers_of_events_after(mark: Mark) -> Iterator[int]:
    """The numbers of the commands, up to the mark, that caused events above it."""
    after = mark.position
    while page := store().events("position > %s ORDER BY position", [after], PAGE):
        after = page[-1].position
        causes = list({UUID(cause) for event in page if (cause := cause_of(event.metadata))})
        for at in range(0, len(causes), IDS):
            yield from _numbers_of(causes[at : at + IDS], mark.number)


def _numbers_of(causes: list[UUID], to: int) -> Iterable[int]:
    return primary_rows(Command).filter(command_id__in=causes, number__lte=to).values_list("number", flat=True)


def _first_positions_of_commands_after(number: int) -> Iterator[int]:
    """The positions of the first events of all commands with higher numbers."""
    rows = primary_rows(Command).order_by("number").values_list("number", "positions")
    while page := list(rows.filter(number__gt=number)[:PAGE]):
        number = page[-1][0]
        yield from (positions[0] for _, positions in page if positions)


def lowered(mark: Mark, commands: Callable[[], Iterable[tuple[int, int, int]]]) -> Mark:
    """The same of commands in an archive, each with its number and the positions of its first and its last event.

    They are read again for each step, as there may be too many to keep.
    """
    while True:
        position, number = mark.position, mark.number
        for at, _, last in commands():
            if at <= number and last > mark.position:
                number = at - 1
        for at, first, _ in commands():
            if at > number:
                position = min(position, first - 1)
        if Mark(position, number) == mark:
            return mark
        mark = Mark(position, number)
