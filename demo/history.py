"""The history of a demo world: who does what on which day, in the order of time; the same whenever it is asked for.

Some acts come once (people arrive), some each month (wages, rent), some hang together (`stories`). Shopping, favours
and mistakes fill the days up to the number of events that the world is to have.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import accumulate, cycle, groupby
from random import Random
from typing import Final

from accounts.domain.commands import PlaceHold
from demo import acts, mistakes
from demo.book import Book, Staff, Step
from demo.countries import by_day
from demo.diary import Diary, Plan
from demo.people import ARRIVALS, PAUSE, Person, settle
from demo.scene import Act, Scene
from demo.stories.holds import reserve
from demo.stories.parts import parts_of
from demo.story import act_of
from demo.world import DAYS, World, midnight

EACH_MONTH: Final[tuple[tuple[range, Act], ...]] = (  # on one of these days
    (range(1, 5), acts.rent),
    (range(6, 12), acts.bill(0)),
    (range(12, 20), acts.bill(1)),
    (range(22, 26), acts.wage),
    (range(26, 29), acts.save),
)
NOW_AND_THEN: Final[dict[Act, int]] = {  # how often, in a thousand
    acts.shop: 788,
    acts.send: 138,
    acts.save: 10,
    acts.pay_in: 25,
    acts.move: 2,
    act_of(reserve): 12,
    mistakes.overdraw: 10,
    mistakes.mistype: 5,
    mistakes.mix_up: 5,
    mistakes.send_to_oneself: 1,
    mistakes.date_too_early: 1,
    mistakes.register_again: 3,
}
ARRIVAL: Final = 5  # events of one person, about
REGULAR: Final = 6 * DAYS / 30  # likewise, if nothing is left out
SHARE_OF_REGULAR: Final = 0.6  # of all events, at most: where there are few, not each rent is among them


LOOKING: Final = timedelta(seconds=30)  # as often `run_due` looks for holds whose time is over
LAST_MINUTES: Final = timedelta(days=1, minutes=-2)  # of the last day


class History:
    """One world's history, while it is told."""

    def __init__(self, world: World, staff: Staff) -> None:
        """Begin with an empty book."""
        self.world = world
        self.book = Book(Random(world.name), staff)  # noqa: S311 - the same every time is what is wanted
        self.people = list(settle(world))
        self.residents: list[Person] = []
        self.calendar: defaultdict[int, list[tuple[Person, Act]]] = defaultdict(list)
        self.diary = Diary()
        self.told = 0  # events of stories, so far
        self.room = world.events - 1  # for events in all: the last step is to come
        self.everyday = self.room - self._cast()  # for those that belong to no story
        self.regularity = (self.everyday * SHARE_OF_REGULAR - world.customers * ARRIVAL) / (world.customers * REGULAR)

    def steps(self) -> Iterator[Step]:
        """All steps but the last, in the order of time."""
        by_arrival = groupby(self.people, key=lambda person: person.joined_at.date())
        arrivals = {day: list(people) for day, people in by_arrival}
        for day, target in zip(self.world.days, self._targets(), strict=True):
            newcomers = arrivals.pop(day, [])
            promised = self.diary.planned(day)  # room is left for these
            self._arrive(newcomers)
            self._go_on(day, self.everyday - promised)
            self._fill(day, target - promised, target - self._lived - self.diary.planned(day))
            for plan in self.diary.live(day):
                yield from self._take(plan)
            self._welcome(newcomers)
        yield from self._last_minutes()

    def _cast(self) -> int:
        """Put stories into the diary, as many as there is room for; how many events they have."""
        arrivals = sum(1 + len(person.pockets) + len(person.for_spending) for person in self.people)
        events = 0
        for person, part in parts_of(self.people):
            if arrivals + events + part.events > self.room:
                break
            events += part.events
            at = part.begins_at(self.world.last_day, person, self.book.dice)
            self.diary.note(at, person, act_of(part.tell), self.room, in_story=True)
        return events

    def _targets(self) -> Iterator[int]:
        """How many events there are to be at the end of each day: as many as there are people to cause them."""
        present = [min(number, ARRIVALS) for number in range(1, DAYS + 1)]
        return (self.everyday * days // sum(present) for days in accumulate(present))

    @property
    def _lived(self) -> int:
        """The events so far that belong to no story."""
        return self.book.events - self.told

    def _arrive(self, newcomers: list[Person]) -> None:
        for person in newcomers:
            openings = [acts.opening(pocket) for pocket in person.pockets]
            payments = [acts.paying_into(pocket) for pocket in person.for_spending]
            for number, act in enumerate([acts.register, *openings, *payments]):
                self.diary.note(person.joined_at + number * PAUSE, person, act, self.everyday)

    def _go_on(self, day: date, room: int) -> None:
        """What comes each month."""
        for person, act in self.calendar[day.day]:
            if self.book.dice.random() < self.regularity:
                self._by_day(day, person, act, room)

    def _fill(self, day: date, room: int, number: int) -> None:
        """What comes now and then."""
        if not self.residents or number <= 0:
            return
        if day == self.world.last_day:  # mistakes make no events: have some more in mind, to reach the number
            number += number // 10 + 10
        for act in self.book.dice.choices(list(NOW_AND_THEN), list(NOW_AND_THEN.values()), k=number):
            self._by_day(day, self.book.dice.choice(self.residents), act, room)

    def _by_day(self, day: date, person: Person, act: Act, room: int) -> None:
        self.diary.note(by_day(midnight(day), person.country, self.book.dice), person, act, room)

    def _take(self, plan: Plan) -> Iterator[Step]:
        step = plan.act(Scene(self.book, plan.person, plan.at))
        outcome = self.book.outcome(step) if step else None
        if step and outcome and self._has_room(plan, len(outcome.events)):
            self.book.enter(outcome)
            self.told += len(outcome.events) if plan.in_story else 0
            self._look_ahead(plan, step)
            yield replace(step, events=len(outcome.events))

    def _has_room(self, plan: Plan, events: int) -> bool:
        return (self.book.events if plan.in_story else self._lived) + events <= plan.room

    def _look_ahead(self, plan: Plan, step: Step) -> None:
        """Remember what is to come of a step later."""
        room = self.room if plan.in_story else self.everyday
        if step.then:
            self.diary.note(step.at + step.then.pause, plan.person, step.then.act, room, in_story=plan.in_story)
        if isinstance(step.command, PlaceHold):
            found_at = step.command.expires_at + self.book.dice.random() * LOOKING
            act = acts.expiring(step.command.account_id)
            self.diary.note(found_at, plan.person, act, room, in_story=plan.in_story)

    def _last_minutes(self) -> Iterator[Step]:
        """Where people were not as busy as it takes to reach the number, the bank pays interest."""
        at = midnight(self.world.last_day) + LAST_MINUTES
        for person in cycle(self.residents):
            if self.book.events >= self.room:
                return
            yield from self._take(Plan(at, 0, person, acts.interest, self.room, in_story=True))

    def _welcome(self, newcomers: list[Person]) -> None:
        """From the next day on they live like everybody else."""
        self.residents += newcomers
        for person in newcomers:
            for pocket in person.for_spending:
                self.book.recipients[pocket.currency].append(pocket.account_id)
            for days, act in EACH_MONTH:
                self.calendar[self.book.dice.choice(days)].append((person, act))


def planned(world: World, staff: Staff) -> Iterator[tuple[str, Step]]:
    """The steps of a world's history, each with its idempotency key."""
    for number, step in enumerate(History(world, staff).steps()):
        yield world.key(number), step
    yield world.last_key, last_step(world)


def last_step(world: World) -> Step:
    """The history ends with the bank paying interest to the first customer."""
    person, at = next(settle(world)), midnight(world.last_day) + timedelta(days=1, seconds=-1)
    dice = Random(world.last_key)  # noqa: S311 - the same every time
    return replace(acts.interest(Scene(Book(dice, {}), person, at)), events=1)
