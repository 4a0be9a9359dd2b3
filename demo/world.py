"""The identity of a demo world: its size and its first day, from which all else follows."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final
from uuid import UUID

DAYS: Final = 200  # of history, up to the day before the world is made
CUSTOMERS: Final = 15  # the cast
EVENTS: Final = 2_500
FEWEST_EVENTS: Final = 8  # for each customer: to register, to open accounts, and to do something with them

_NAME = re.compile(r"demo-(\d+)-(\d+)-(\d{8})-(\d+|end)")
_END = "end"


@dataclass(frozen=True, slots=True)
class World:
    """A demo world. The keys of its commands hold its name, by which it is recognised in the log."""

    customers: int
    events: int
    first_day: date

    @classmethod
    def up_to(cls, today: date, customers: int | None, events: int | None) -> "World":
        """A world whose last day is the day before `today`; a number that is not given follows from the other."""
        people = customers or CUSTOMERS
        return cls(people, events or EVENTS * people // CUSTOMERS, today - timedelta(days=DAYS))

    @property
    def last_day(self) -> date:
        return self.first_day + timedelta(days=DAYS - 1)

    @property
    def days(self) -> list[date]:
        return [self.first_day + timedelta(days=number) for number in range(DAYS)]

    @property
    def name(self) -> str:
        return f"demo-{self.customers}-{self.events}-{self.first_day:%Y%m%d}"

    @property
    def last_key(self) -> str:
        """The key of the last command, sent by the bank; a world is complete once it is stored."""
        return f"{self.name}-{_END}"

    def key(self, number: int) -> str:
        """The idempotency key of a command; they are counted from 0."""
        return f"{self.name}-{number}"


def parse_key(key: str) -> tuple[World, int | None] | None:
    """The world that a key belongs to, and the number of its command (`None` for the last); `None` for other keys."""
    match = _NAME.fullmatch(key)
    if match is None:
        return None
    customers, events, day, number = match.groups()
    world = World(int(customers), int(events), datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC).date())
    return world, None if number == _END else int(number)


def id_at(moment: datetime, dice: Random) -> UUID:
    """A UUIDv7 of a given moment, so that ids of history rise with time, as those of live commands do."""
    bits = int(moment.timestamp() * 1000) << 80 | dice.getrandbits(80)
    version, variant = 0xF << 76, 0x3 << 62
    return UUID(int=bits & ~version & ~variant | 7 << 76 | 2 << 62)


def midnight(day: date) -> datetime:
    """The beginning of a day in UTC, in which all days of a demo world are."""
    return datetime.combine(day, time(), tzinfo=UTC)
