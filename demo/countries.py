"""Where the people of a demo world live: what is in `countries.toml`, and when people there are awake."""

from datetime import datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import msgspec


class Price(msgspec.Struct, frozen=True, array_like=True):
    """What is paid for, from how much to how much, in minor units."""

    text: str
    least: int
    most: int

    def draw(self, dice: Random, *, step: int = 1) -> int:
        """An amount; a multiple of `step`, as people like it when they choose the sum themselves."""
        return dice.randrange(self.least // step, self.most // step + 1) * step


class Country(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What people of one country have in common. See `countries.toml`."""

    locale: str
    timezone: str
    currency: str
    given: tuple[str, ...]
    family: tuple[str, ...]
    labels: tuple[str, str]
    employers: tuple[str, ...]
    wage: Price
    rent: Price
    bills: tuple[Price, ...]
    saving: Price
    cash: str
    shops: tuple[Price, ...]
    reservations: tuple[Price, ...]
    favours: tuple[Price, ...]
    family_first: bool = False


@cache
def countries() -> dict[str, Country]:
    """The countries, by their code."""
    return msgspec.toml.decode(Path(__file__).with_name("countries.toml").read_bytes(), type=dict[str, Country])


def by_day(start: datetime, country: Country, dice: Random) -> datetime:
    """A moment within the 24 hours from `start`, while people of a country are awake."""
    local = timedelta(minutes=dice.randint(7 * 60, 22 * 60), seconds=dice.randint(0, 59))
    return start + (local - _offset(country.timezone, start)) % timedelta(days=1)


@lru_cache(maxsize=64)  # everybody in a country has the same all day
def _offset(timezone: str, start: datetime) -> timedelta:
    return start.astimezone(ZoneInfo(timezone)).utcoffset() or timedelta()
