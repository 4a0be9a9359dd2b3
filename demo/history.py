"""The history of a demo world: its steps in the order of time, the same on every call.

Some actions come once (people arrive), some each month (wages, rent), some hang together (`stories`). Shopping, favours
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
from demo import actions, mistakes
from demo.agenda import Agenda, Plan
from demo.countries import by_day
from demo.people import ARRIVALS, PAUSE, Person, customers_of
from demo.scene import Action, Scene
from demo.simulation import Simulation, Staff, Step
from demo.stories.holds import reserve
from demo.stories.parts import parts_of
from demo.story import action_of
from demo.world import DAYS, World, midnight

EACH_MONTH: Final[tuple[tuple[range, Action], ...]] = (  # on one of these days
    (range(1, 5), actions.rent),
    (range(6, 12), actions.bill(0)),
    (range(12, 20), actions.bill(1)),
    (range(22, 26), actions.wage),
    (range(26, 29), actions.save),
)
NOW_AND_THEN: Final[dict[Action, int]] = {  # how often, in a thousand
    actions.shop: 788,
    actions.send: 138,
    actions.save: 10,
    actions.pay_in: 25,
    actions.move: 2,
    action_of(reserve): 12,
    mistakes.overdraw: 10,
    mistakes.mistype: 5,
    mistakes.mix_up: 5,
    mistakes.send_to_oneself: 1,
    mistakes.date_too_early: 1,
    mistakes.register_again: 3,
}
ARRIVAL: Final = 5  # events of one person, about
REGULAR: Final = 6 * DAYS / 30  # likewise, if nothing is left out
SHARE_OF_REGULAR: Final = 0.6  # of all events, at most: a small world leaves out some of the rents

EXPIRY_INTERVAL: Final = timedelta(seconds=30)  # of the due task that expires holds
LAST_MINUTES: Final = timedelta(days=1, minutes=-2)  # of the last day


class History:
    """Plans the history of one world, step by step."""

    def __init__(self, world: World, staff: Staff) -> None:
        """Starts with an empty simulation, and puts the stories into the agenda."""
        self.world = world
        self.simulation = Simulation(Random(world.name), staff)  # noqa: S311 - the same every time is what is wanted
        self.people = list(customers_of(world))
        self.residents: list[Person] = []
        self.calendar: defaultdict[int, list[tuple[Person, Action]]] = defaultdict(list)
        self.agenda = Agenda()
        self.story_events = 0  # so far
        self.room = world.events - 1  # for all events but the last step's
        self.everyday = self.room - self._cast()  # for events outside stories
        self.regularity = (self.everyday * SHARE_OF_REGULAR - world.customers * ARRIVAL) / (world.customers * REGULAR)

    def steps(self) -> Iterator[Step]:
        """Yields all steps but the last, in the order of time."""
        by_arrival = groupby(self.people, key=lambda person: person.joined_at.date())
        arrivals = {day: list(people) for day, people in by_arrival}
        for day, target in zip(self.world.days, self._targets(), strict=True):
            newcomers = arrivals.pop(day, [])
            promised = self.agenda.planned(day)  # room is left for these
            self._arrive(newcomers)
            self._go_on(day, self.everyday - promised)
            self._fill(day, target - promised, target - self._everyday_events - self.agenda.planned(day))
            for plan in self.agenda.live(day):
                yield from self._take(plan)
            self._welcome(newcomers)
        yield from self._last_minutes()

    def _cast(self) -> int:
        """Puts as many stories into the agenda as there is room for; returns the number of their events."""
        arrivals = sum(1 + len(person.accounts) + len(person.for_spending) for person in self.people)
        events = 0
        for person, part in parts_of(self.people):
            if arrivals + events + part.events > self.room:
                break
            events += part.events
            at = part.begins_at(self.world.last_day, person, self.simulation.dice)
            self.agenda.note(at, person, action_of(part.story), self.room, in_story=True)
        return events

    def _targets(self) -> Iterator[int]:
        """The target number of events at the end of each day, in proportion to the customers present."""
        present = [min(number, ARRIVALS) for number in range(1, DAYS + 1)]
        return (self.everyday * days // sum(present) for days in accumulate(present))

    @property
    def _everyday_events(self) -> int:
        """The number of events so far outside stories."""
        return self.simulation.events - self.story_events

    def _arrive(self, newcomers: list[Person]) -> None:
        for person in newcomers:
            openings = [actions.opening(account) for account in person.accounts]
            payments = [actions.paying_into(account) for account in person.for_spending]
            for number, action in enumerate([actions.register, *openings, *payments]):
                self.agenda.note(person.joined_at + number * PAUSE, person, action, self.everyday)

    def _go_on(self, day: date, room: int) -> None:
        """Plans the monthly actions of a day."""
        for person, action in self.calendar[day.day]:
            if self.simulation.dice.random() < self.regularity:
                self._by_day(day, person, action, room)

    def _fill(self, day: date, room: int, number: int) -> None:
        """Plans random actions, up to the day's target."""
        if not self.residents or number <= 0:
            return
        if day == self.world.last_day:  # mistakes cause no events: plan some more, to reach the number
            number += number // 10 + 10
        for action in self.simulation.dice.choices(list(NOW_AND_THEN), list(NOW_AND_THEN.values()), k=number):
            self._by_day(day, self.simulation.dice.choice(self.residents), action, room)

    def _by_day(self, day: date, person: Person, action: Action, room: int) -> None:
        self.agenda.note(by_day(midnight(day), person.country, self.simulation.dice), person, action, room)

    def _take(self, plan: Plan) -> Iterator[Step]:
        step = plan.action(Scene(self.simulation, plan.person, plan.at))
        outcome = self.simulation.outcome(step) if step else None
        if step and outcome and self._has_room(plan, len(outcome.events)):
            self.simulation.enter(outcome)
            self.story_events += len(outcome.events) if plan.in_story else 0
            self._look_ahead(plan, step)
            yield replace(step, events=len(outcome.events))

    def _has_room(self, plan: Plan, events: int) -> bool:
        return (self.simulation.events if plan.in_story else self._everyday_events) + events <= plan.room

    def _look_ahead(self, plan: Plan, step: Step) -> None:
        """Plans what follows from a step: its next action, and the expiry of a hold."""
        room = self.room if plan.in_story else self.everyday
        if step.then:
            self.agenda.note(step.at + step.then.pause, plan.person, step.then.action, room, in_story=plan.in_story)
        if isinstance(step.command, PlaceHold):
            found_at = step.command.expires_at + self.simulation.dice.random() * EXPIRY_INTERVAL
            action = actions.expiring(step.command.account_id)
            self.agenda.note(found_at, plan.person, action, room, in_story=plan.in_story)

    def _last_minutes(self) -> Iterator[Step]:
        """Yields payments of interest until the world has its number of events."""
        at = midnight(self.world.last_day) + LAST_MINUTES
        for person in cycle(self.residents):
            if self.simulation.events >= self.room:
                return
            yield from self._take(Plan(at, 0, person, actions.interest, self.room, in_story=True))

    def _welcome(self, newcomers: list[Person]) -> None:
        """Makes newcomers residents: from the next day on they take part in monthly and random actions."""
        self.residents += newcomers
        for person in newcomers:
            for account in person.for_spending:
                self.simulation.recipients[account.currency].append(account.account_id)
            for days, action in EACH_MONTH:
                self.calendar[self.simulation.dice.choice(days)].append((person, action))


def planned(world: World, staff: Staff) -> Iterator[tuple[str, Step]]:
    """Yields the steps of a world's history, each with its idempotency key."""
    for number, step in enumerate(History(world, staff).steps()):
        yield world.key(number), step
    yield world.last_key, last_step(world)


def last_step(world: World) -> Step:
    """The last step of a history: the bank pays interest to the first customer."""
    person, at = next(customers_of(world)), midnight(world.last_day) + timedelta(days=1, seconds=-1)
    dice = Random(world.last_key)  # noqa: S311 - the same every time
    return replace(actions.interest(Scene(Simulation(dice, {}), person, at)), events=1)
