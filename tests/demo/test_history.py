"""The plan of a demo world's history: pure, and the same each time."""

from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import pairwise
from random import Random

import pytest

from accounts.domain.account import Account
from accounts.domain.commands import RegisterCustomer
from accounts.domain.customer import Customer
from accounts.domain.money import EXPONENTS
from accounts.domain.text import clean_email, clean_label, clean_locale, clean_name, clean_reference, clean_timezone
from accounts.services.scheduled import expire_holds
from accounts.services.staff import ROLES
from demo.actions import CLOCK
from demo.countries import countries
from demo.history import History, last_step, planned
from demo.people import cast, customers_of
from demo.scene import Scene
from demo.sign_ins import SHOWN
from demo.simulation import Simulation
from demo.stories import parts
from demo.story import Story
from demo.world import CUSTOMERS, DAYS, EVENTS, World, parse_key
from eventstore.due import tasks

WORLD = World(15, 2_500, date(2026, 1, 1))
SMALL = World(15, 300, date(2026, 1, 1))
STAFF = {str(role): f"staff:{number}" for number, role in enumerate(ROLES)}


SIZES = [(1, 8), (3, 24), (15, 120), (15, 121), (15, 200), (15, 300), (15, 2_500), (40, 420), (200, 3_000), (2, 4_000)]


@pytest.mark.parametrize(("customers", "events"), SIZES)
def test_a_world_has_the_size_that_was_asked_for(customers: int, events: int) -> None:
    steps = [step for _, step in planned(World(customers, events, date(2026, 1, 1)), STAFF)]
    assert sum(step.events for step in steps) == events
    arrivals = [step for step in steps if isinstance(step.command, RegisterCustomer) and not step.refusal]
    assert len(arrivals) == customers


def test_history_is_the_same_each_time_and_goes_forward() -> None:
    told = list(planned(WORLD, STAFF))
    assert told == list(planned(WORLD, STAFF))
    assert all(earlier.at <= later.at for (_, earlier), (_, later) in pairwise(told))
    assert WORLD.first_day == told[0][1].at.date()
    assert WORLD.last_day == told[-1][1].at.date() == last_step(WORLD).at.date()
    assert len({key for key, _ in told}) == len(told)


def test_the_last_day_is_yesterday() -> None:
    world = World.up_to(date(2026, 8, 1), None, None)
    assert (world.customers, world.events) == (CUSTOMERS, EVENTS)
    assert world.last_day == date(2026, 7, 31)
    assert len(world.days) == DAYS


@pytest.mark.parametrize("world", [WORLD, SMALL, World(15, 2_500, date(2025, 8, 8)), World(30, 900, date(2026, 1, 1))])
def test_each_story_is_told_to_its_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = []

    def listening(part: parts.Part) -> parts.Part:
        def played(scene: Scene) -> Story:
            yield from part.story(scene)
            ended.append((part.who, part.story))

        return replace(part, story=played)

    wanted = [(part.who, part.story) for part in parts.PARTS]
    monkeypatch.setattr(parts, "PARTS", [listening(part) for part in parts.PARTS])
    for _ in planned(world, STAFF):
        pass
    assert Counter(ended) == dict.fromkeys(wanted, world.customers // 15)


def test_what_is_told_fits_where_people_write_it() -> None:
    for price in (price for country in countries().values() for price in country.reservations):
        assert clean_reference(price.text) == price.text


def test_holds_expire_by_the_hand_that_does_what_is_due() -> None:
    assert tasks[expire_holds.__name__].actor == CLOCK


def test_people_are_as_the_forms_would_have_them() -> None:
    people = list(customers_of(World(2_000, 20_000, date(2026, 1, 1))))
    assert [person.name for person in people[: len(cast())]] == [member.name for member in cast()]
    assert len({person.email for person in people}) == len(people)
    for person in people:
        assert clean_email(person.email) == person.email
        assert clean_name(person.name) == person.name
        assert all(clean_label(account.label) and account.currency in EXPONENTS for account in person.accounts)
    for country in countries().values():
        assert clean_locale(country.locale) == country.locale
        assert clean_timezone(country.timezone) == country.timezone


def test_a_key_tells_its_world() -> None:
    assert parse_key(WORLD.key(17)) == (WORLD, 17)
    assert parse_key(WORLD.last_key) == (WORLD, None)
    assert parse_key("17") is None


@pytest.mark.parametrize("world", [SMALL, WORLD])
def test_the_bank_need_not_fill_the_days_of_people(world: World) -> None:
    steps = [step for _, step in planned(world, STAFF)]
    assert sum(getattr(step.command, "reference", "") == "Interest" for step in steps) <= 10


def test_nobody_takes_a_step_that_is_answered_otherwise_than_they_expect() -> None:
    person = next(customers_of(WORLD))
    scene = Scene(Simulation(Random(1), STAFF), person, person.joined_at)
    coming = scene.registration(person.customer_id)
    assert scene.simulation.outcome(scene.step(coming)) is not None
    assert scene.simulation.outcome(scene.step(coming, refusal="VERSION_CONFLICT")) is None
    too_early = scene.withdrawal(person.everyday, 1, "")
    assert scene.simulation.outcome(scene.step(too_early)) is None
    assert scene.simulation.outcome(scene.step(too_early, refusal="ACCOUNT_NOT_FOUND")) is not None


def test_nobody_spends_what_they_do_not_have() -> None:
    history = History(WORLD, STAFF)
    for _ in history.steps():
        accounts = [state for state in history.simulation.states.values() if isinstance(state, Account)]
        assert all(account.available >= 0 for account in accounts)


def test_nobody_who_is_forgotten_or_suspended_in_the_end_is_shown() -> None:
    history = History(WORLD, STAFF)
    list(history.steps())
    customers = [state for state in history.simulation.states.values() if isinstance(state, Customer)]
    assert sorted(customer.status for customer in customers) == ["active"] * 13 + ["erased", "suspended"]
    assert all(history.simulation.customer(person.customer_id).status == "active" for person in history.people[:SHOWN])
