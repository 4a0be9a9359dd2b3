"""What people of a demo world have in mind, day by day."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from heapq import heappop, heappush
from itertools import count

from demo.people import Person
from demo.scene import Act


@dataclass(frozen=True, slots=True, order=True)
class Plan:
    """An act that somebody has in mind for a moment; left out if it causes more events than there is room for then."""

    at: datetime
    number: int  # orders those of one moment
    person: Person = field(compare=False)
    act: Act = field(compare=False)
    room: int = field(compare=False)  # for events of its kind, in all
    in_story: bool = field(compare=False)


class Diary:
    """The plans of each day, in the order of time; more may be made for a day while it is lived."""

    def __init__(self) -> None:
        self._days: defaultdict[date, list[Plan]] = defaultdict(list)  # heaps
        self._numbers = count()

    def note(self, at: datetime, person: Person, act: Act, room: int, *, in_story: bool = False) -> None:
        """Plan something."""
        heappush(self._days[at.date()], Plan(at, next(self._numbers), person, act, room, in_story))

    def planned(self, day: date) -> int:
        """How many plans there are for a day by now, without those of stories."""
        return sum(not plan.in_story for plan in self._days[day])

    def live(self, day: date) -> Iterator[Plan]:
        """The plans of a day, with those that are made meanwhile."""
        plans = self._days[day]
        while plans:
            yield heappop(plans)
        del self._days[day]
