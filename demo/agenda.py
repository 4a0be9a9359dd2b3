"""The agenda of the demo world: planned actions, day by day."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from heapq import heappop, heappush
from itertools import count

from demo.people import Person
from demo.scene import Action


@dataclass(frozen=True, slots=True, order=True)
class Plan:
    """An action planned for a moment; skipped if its events would exceed `room`."""

    at: datetime
    number: int  # keeps plans of the same moment in order
    person: Person = field(compare=False)
    action: Action = field(compare=False)
    room: int = field(compare=False)  # the most events of its kind that the history may hold
    in_story: bool = field(compare=False)


class Agenda:
    """The plans of each day in the order of time; plans may be added to a day while it is iterated."""

    def __init__(self) -> None:
        self._days: defaultdict[date, list[Plan]] = defaultdict(list)  # heaps
        self._numbers = count()

    def note(self, at: datetime, person: Person, action: Action, room: int, *, in_story: bool = False) -> None:
        """Adds a plan."""
        heappush(self._days[at.date()], Plan(at, next(self._numbers), person, action, room, in_story))

    def planned(self, day: date) -> int:
        """The number of plans for a day so far, without those of stories."""
        return sum(not plan.in_story for plan in self._days[day])

    def live(self, day: date) -> Iterator[Plan]:
        """Removes and yields the plans of a day, including those added meanwhile."""
        plans = self._days[day]
        while plans:
            yield heappop(plans)
        del self._days[day]
