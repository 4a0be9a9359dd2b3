"""Who plays in which story, and when. Beyond the cast it begins anew: the sixteenth customer plays as the first."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final

from accounts.demo.countries import by_day
from accounts.demo.people import Person, cast
from accounts.demo.scene import Scene
from accounts.demo.stories import approving, owing, parting, reserving, restricting, undoing
from accounts.demo.stories.settling_in import settling_in
from accounts.demo.story import Story
from accounts.demo.world import midnight


@dataclass(frozen=True, slots=True)
class Part:
    """A story, who of the cast plays in it, and how many days before the last one it begins."""

    who: str
    days_ago: int
    tell: Callable[[Scene], Story]
    events: int  # that it has, at most: room is kept for them
    at: time | None = None  # in UTC; else by day

    def begins_at(self, last_day: date, person: Person, dice: Random) -> datetime:
        """When it begins for a person."""
        start = midnight(last_day - timedelta(days=self.days_ago))
        return datetime.combine(start, self.at, UTC) if self.at else by_day(start, person.country, dice)


PARTS: Final = (  # where there are few events, the first ones alone are told
    Part("ada", 45, reserving.journey, 9),
    Part("ada", 1, reserving.next_journey, 3),
    Part("mei", 60, undoing.charged_twice, 3),
    Part("mei", 3, approving.reversal_to_decide, 2),
    Part("jonas", 20, owing.overdraft, 2),
    Part("jonas", 0, owing.overdrawn, 1, at=time(22, 30)),  # when people in his country are asleep
    Part("emily", 80, undoing.sent_to_a_stranger, 4),
    Part("emily", 30, approving.granted, 3),
    Part("ken", 70, restricting.suspended_for_a_while, 2),
    Part("reto", 55, parting.closing, 5),
    Part("layla", 25, approving.not_by_oneself, 3),
    Part("camille", 40, restricting.frozen_for_a_while, 2),
    Part("marcus", 6, restricting.frozen_for_all, 2),
    Part("niamh", 12, restricting.frozen_for_debits, 1),
    Part("wei", 35, restricting.limited, 4),
    Part("oliver", 18, parting.leaving, 7),
    Part("lucia", 50, approving.refused, 2),
    Part("lucia", 33, approving.withdrawn, 2),
    Part("lucia", 2, approving.adjustment_to_decide, 1),
    Part("aoi", 90, settling_in, 2),
    Part("aoi", 1, approving.overdraft_to_decide, 1),
    Part("yusuf", 9, restricting.suspended, 1),
)


def parts_of(people: list[Person]) -> Iterator[tuple[Person, Part]]:
    """All parts that these people play, the first cast's first."""
    number_of = {member.email.partition("@")[0]: number for number, member in enumerate(cast())}
    for first in range(0, len(people), len(number_of)):
        players = people[first : first + len(number_of)]
        yield from ((players[number_of[part.who]], part) for part in PARTS if number_of[part.who] < len(players))
