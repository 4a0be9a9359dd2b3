"""The plan of a demo world's history: pure, and the same each time."""

from datetime import date
from itertools import pairwise

import pytest

from accounts.commands import RegisterCustomer
from accounts.demo.countries import countries
from accounts.demo.history import History, last_step, planned
from accounts.demo.people import cast, settle
from accounts.demo.world import CUSTOMERS, DAYS, EVENTS, World, parse_key
from accounts.money import EXPONENTS
from accounts.text import clean_email, clean_label, clean_locale, clean_name, clean_timezone

WORLD = World(15, 2_500, date(2026, 1, 1))


@pytest.mark.parametrize(("customers", "events"), [(1, 8), (3, 24), (15, 120), (15, 2_500), (200, 3_000), (2, 4_000)])
def test_a_world_has_the_size_that_was_asked_for(customers: int, events: int) -> None:
    steps = [step for _, step in planned(World(customers, events, date(2026, 1, 1)))]
    assert sum(step.events for step in steps) == events
    arrivals = [step for step in steps if isinstance(step.command, RegisterCustomer) and not step.refusal]
    assert len(arrivals) == customers


def test_history_is_the_same_each_time_and_goes_forward() -> None:
    told = list(planned(WORLD))
    assert told == list(planned(WORLD))
    assert all(earlier.at <= later.at for (_, earlier), (_, later) in pairwise(told))
    assert WORLD.first_day == told[0][1].at.date()
    assert WORLD.last_day == told[-1][1].at.date() == last_step(WORLD).at.date()
    assert len({key for key, _ in told}) == len(told)


def test_the_last_day_is_yesterday() -> None:
    world = World.up_to(date(2026, 8, 1), None, None)
    assert (world.customers, world.events) == (CUSTOMERS, EVENTS)
    assert world.last_day == date(2026, 7, 31)
    assert len(world.days) == DAYS


def test_history_has_all_kinds_of_refusals() -> None:
    refusals = {step.refusal for _, step in planned(WORLD)}
    assert refusals == {None, "INSUFFICIENT_FUNDS", "ACCOUNT_NOT_FOUND", "CURRENCY_MISMATCH", "EMAIL_TAKEN"}


def test_people_are_as_the_forms_would_have_them() -> None:
    people = list(settle(World(2_000, 20_000, date(2026, 1, 1))))
    assert [person.name for person in people[: len(cast())]] == [member.name for member in cast()]
    assert len({person.email for person in people}) == len(people)
    for person in people:
        assert clean_email(person.email) == person.email
        assert clean_name(person.name) == person.name
        assert all(clean_label(pocket.label) and pocket.currency in EXPONENTS for pocket in person.pockets)
    for country in countries().values():
        assert clean_locale(country.locale) == country.locale
        assert clean_timezone(country.timezone) == country.timezone


def test_a_key_tells_its_world() -> None:
    assert parse_key(WORLD.key(17)) == (WORLD, 17)
    assert parse_key(WORLD.last_key) == (WORLD, None)
    assert parse_key("17") is None


def test_nobody_spends_what_they_do_not_have() -> None:
    history = History(WORLD)
    for _ in history.steps():
        assert min(history.book.balances.values(), default=0) >= 0
