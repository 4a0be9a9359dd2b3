"""The customers of a demo world: the cast, then random ones with names that fit their country."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Final
from uuid import UUID

import msgspec

from demo.countries import Country, by_day, countries
from demo.world import World, id_at, midnight

ARRIVALS: Final = 30  # days within which all customers register
LATEST_ARRIVAL: Final = timedelta(hours=23, minutes=30)  # after midnight, so that accounts open on the same day
PAUSE: Final = timedelta(minutes=2)  # between the first actions of a customer


class Member(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A member of the cast; `accounts` are additional ones, currency -> label."""

    name: str
    email: str
    country: str
    accounts: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account of a customer, before its state is simulated."""

    account_id: UUID
    currency: str
    label: str


@dataclass(frozen=True, slots=True)
class Person:
    """A customer of the demo world. The first account is the everyday one, the second holds savings."""

    customer_id: UUID
    name: str
    email: str
    country: Country
    joined_at: datetime
    accounts: tuple[DemoAccount, ...]
    employer: str
    wage: int
    rent: int

    @property
    def actor(self) -> str:
        return f"customer:{self.customer_id}"

    @property
    def everyday(self) -> DemoAccount:
        return self.accounts[0]

    @property
    def for_spending(self) -> tuple[DemoAccount, ...]:
        return self.everyday, *self.accounts[2:]

    @property
    def savings(self) -> DemoAccount:
        return self.accounts[1]


@cache
def cast() -> tuple[Member, ...]:
    """The first customers of every world."""
    text = Path(__file__).with_name("cast.toml").read_bytes()
    return msgspec.toml.decode(text, type=dict[str, tuple[Member, ...]])["people"]


def customers_of(world: World) -> Iterator[Person]:
    """Yields the customers of a world in the order of their registration."""
    dice = Random(f"{world.name}/people")  # noqa: S311 - the same every time is what is wanted
    for number in range(world.customers):
        member = cast()[number] if number < len(cast()) else _random_member(number, dice)
        start = midnight(world.days[number * ARRIVALS // world.customers])
        awake = by_day(start, countries()[member.country], dice)
        yield _person(member, min(awake, start + LATEST_ARRIVAL), dice)


def _person(member: Member, joined_at: datetime, dice: Random) -> Person:
    country = countries()[member.country]
    accounts = [(country.currency, label) for label in country.labels] + list(member.accounts.items())
    return Person(
        customer_id=id_at(joined_at, dice),
        name=member.name,
        email=member.email,
        country=country,
        joined_at=joined_at,
        accounts=tuple(
            DemoAccount(id_at(joined_at + number * PAUSE, dice), *account)
            for number, account in enumerate(accounts, start=1)
        ),
        employer=dice.choice(country.employers),
        wage=country.wage.draw(dice),
        rent=country.rent.draw(dice, step=500),
    )


def _random_member(number: int, dice: Random) -> Member:
    code = dice.choice(sorted(countries()))
    country = countries()[code]
    given, family = (dice.choice(names).partition("/") for names in (country.given, country.family))
    name = f"{family[0]} {given[0]}" if country.family_first else f"{given[0]} {family[0]}"
    address = ".".join(_ascii(spelling or written) for written, _, spelling in (given, family))
    return Member(name, f"{address}.{number}@example.org", code)


def _ascii(name: str) -> str:
    """A name in ASCII, without accents, spaces and hyphens, for an e-mail address."""
    plain = unicodedata.normalize("NFKD", name.replace("ı", "i")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z]", "", plain.lower())
