"""The history of a demo world: who does what on which day, in the order of time; the same whenever it is asked for.

Some acts come once (people arrive), some each month (wages, rent). Shopping, favours and mistakes fill the days up to
the number of events that the world is to have.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate, groupby
from random import Random
from typing import Final

from accounts.demo import acts, mistakes
from accounts.demo.book import Book, Step
from accounts.demo.countries import by_day
from accounts.demo.people import ARRIVALS, PAUSE, Person, settle
from accounts.demo.scene import Act, Scene
from accounts.demo.world import DAYS, World, midnight

EACH_MONTH: Final[tuple[tuple[range, Act], ...]] = (  # on one of these days
    (range(1, 5), acts.rent),
    (range(6, 12), acts.bill(0)),
    (range(12, 20), acts.bill(1)),
    (range(22, 26), acts.wage),
    (range(26, 29), acts.save),
)
NOW_AND_THEN: Final[dict[Act, int]] = {  # how often, in a thousand
    acts.shop: 800,
    acts.send: 140,
    acts.save: 10,
    acts.pay_in: 25,
    acts.move: 2,
    mistakes.overdraw: 10,
    mistakes.mistype: 5,
    mistakes.mix_up: 5,
    mistakes.register_again: 3,
}
ARRIVAL: Final = 5  # events of one person, about
REGULAR: Final = 6 * DAYS / 30  # likewise, if nothing is left out
SHARE_OF_REGULAR: Final = 0.6  # of all events, at most: where there are few, not each rent is among them


@dataclass(frozen=True, slots=True)
class Plan:
    """An act that somebody has in mind for a moment; left out if the book would hold too many events then."""

    at: datetime
    person: Person
    act: Act
    limit: int


class History:
    """One world's history, while it is told."""

    def __init__(self, world: World) -> None:
        """Begin with an empty book."""
        self.world = world
        self.book = Book(Random(world.name))  # noqa: S311 - the same every time is what is wanted
        self.residents: list[Person] = []
        self.calendar: defaultdict[int, list[tuple[Person, Act]]] = defaultdict(list)
        spare = world.events * SHARE_OF_REGULAR - world.customers * ARRIVAL
        self.regularity = spare / (world.customers * REGULAR)

    def steps(self) -> Iterator[Step]:
        """All steps but the last, in the order of time."""
        by_arrival = groupby(settle(self.world), key=lambda person: person.joined_at.date())
        arrivals = {day: list(people) for day, people in by_arrival}
        for day, target in zip(self.world.days, self._targets(), strict=True):
            newcomers = arrivals.pop(day, [])
            plans = [*self._arrivals(newcomers), *self._regular(day)]
            plans += self._spontaneous(day, target, target - self.book.events - len(plans))
            for plan in sorted(plans, key=lambda plan: plan.at):
                yield from self._take(plan)
            self._welcome(newcomers)

    def _targets(self) -> Iterator[int]:
        """How many events there are to be at the end of each day: as many as there are people to cause them."""
        present = [min(number, ARRIVALS) for number in range(1, DAYS + 1)]
        return (self._limit * days // sum(present) for days in accumulate(present))

    @property
    def _limit(self) -> int:
        return self.world.events - 1  # the last step is to come

    def _arrivals(self, newcomers: list[Person]) -> Iterator[Plan]:
        for person in newcomers:
            openings = [acts.opening(pocket) for pocket in person.pockets]
            payments = [acts.paying_into(pocket) for pocket in person.for_spending]
            for number, act in enumerate([acts.register, *openings, *payments]):
                yield Plan(person.joined_at + number * PAUSE, person, act, self._limit)

    def _regular(self, day: date) -> Iterator[Plan]:
        for person, act in self.calendar[day.day]:
            if self.book.dice.random() < self.regularity:
                yield self._plan(day, person, act, self._limit)

    def _spontaneous(self, day: date, target: int, count: int) -> list[Plan]:
        if not self.residents or count <= 0:
            return []
        if day == self.world.last_day:  # mistakes make no events: have some more in mind, to reach the number
            count += count // 10 + 10
        chosen = self.book.dice.choices(list(NOW_AND_THEN), list(NOW_AND_THEN.values()), k=count)
        return [self._plan(day, self.book.dice.choice(self.residents), act, target) for act in chosen]

    def _plan(self, day: date, person: Person, act: Act, limit: int) -> Plan:
        return Plan(by_day(midnight(day), person.country, self.book.dice), person, act, limit)

    def _take(self, plan: Plan) -> Iterator[Step]:
        step = plan.act(Scene(self.book, plan.person, plan.at))
        if step and self.book.events + step.events <= plan.limit:
            self.book.enter(step)
            yield step

    def _welcome(self, newcomers: list[Person]) -> None:
        """From the next day on they live like everybody else."""
        self.residents += newcomers
        for person in newcomers:
            for pocket in person.for_spending:
                self.book.recipients[pocket.currency].append(pocket.account_id)
            for days, act in EACH_MONTH:
                self.calendar[self.book.dice.choice(days)].append((person, act))


def planned(world: World) -> Iterator[tuple[str, Step]]:
    """The steps of a world's history, each with its idempotency key."""
    for number, step in enumerate(History(world).steps()):
        yield world.key(number), step
    yield world.last_key, last_step(world)


def last_step(world: World) -> Step:
    """The history ends with the bank paying interest to the first customer."""
    person, at = next(settle(world)), midnight(world.last_day) + timedelta(days=1, seconds=-1)
    scene = Scene(Book(Random(world.last_key)), person, at)  # noqa: S311 - the same every time
    return acts.interest(scene)
