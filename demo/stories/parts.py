"""The parts: which member of the cast plays in which story, and when. Later customers repeat the cast's parts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final

from demo.countries import by_day
from demo.people import Person, cast
from demo.scene import Scene
from demo.stories import approvals, departures, holds, overdrafts, restrictions, reversals
from demo.stories.newcomers import settling_in
from demo.story import Story
from demo.world import midnight


@dataclass(frozen=True, slots=True)
class Part:
    """A story, its member of the cast, and the number of days before the last one on which it begins."""

    who: str
    days_ago: int
    story: Callable[[Scene], Story]
    events: int  # at most; room is reserved for them
    at: time | None = None  # in UTC; without it, in waking hours

    def begins_at(self, last_day: date, person: Person, dice: Random) -> datetime:
        """The moment at which the story begins for a person."""
        start = midnight(last_day - timedelta(days=self.days_ago))
        return datetime.combine(start, self.at, UTC) if self.at else by_day(start, person.country, dice)


PARTS: Final = (  # in a small world, only the first ones are played
    Part("ada", 45, holds.journey, 9),
    Part("ada", 1, holds.next_journey, 3),
    Part("mei", 60, reversals.charged_twice, 3),
    Part("mei", 3, approvals.reversal_to_decide, 2),
    Part("jonas", 20, overdrafts.overdraft, 2),
    Part("jonas", 0, overdrafts.overdrawn, 1, at=time(22, 30)),  # when people in his country are asleep
    Part("emily", 80, reversals.sent_to_a_stranger, 4),
    Part("emily", 30, approvals.granted, 3),
    Part("ken", 70, restrictions.suspended_for_a_while, 2),
    Part("reto", 55, departures.closing, 5),
    Part("layla", 25, approvals.not_by_oneself, 3),
    Part("camille", 40, restrictions.frozen_for_a_while, 2),
    Part("marcus", 6, restrictions.frozen_for_all, 2),
    Part("niamh", 12, restrictions.frozen_for_debits, 1),
    Part("wei", 35, restrictions.limited, 4),
    Part("oliver", 18, departures.leaving, 8),
    Part("lucia", 50, approvals.refused, 2),
    Part("lucia", 33, approvals.withdrawn, 2),
    Part("lucia", 2, approvals.adjustment_to_decide, 1),
    Part("aoi", 90, settling_in, 2),
    Part("aoi", 1, approvals.overdraft_to_decide, 1),
    Part("yusuf", 9, restrictions.suspended, 1),
)


def parts_of(people: list[Person]) -> Iterator[tuple[Person, Part]]:
    """Yields the parts of these people, cast by cast."""
    number_of = {member.email.partition("@")[0]: number for number, member in enumerate(cast())}
    for first in range(0, len(people), len(number_of)):
        players = people[first : first + len(number_of)]
        yield from ((players[number_of[part.who]], part) for part in PARTS if number_of[part.who] < len(players))
