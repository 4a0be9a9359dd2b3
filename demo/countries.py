"""The countries of the demo world: the data of `countries.toml`, and their waking hours."""

from datetime import datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from random import Random

import msgspec

from accounts.domain.zones import zone_of


class Price(msgspec.Struct, frozen=True, array_like=True):
    """A purpose of payment and the range of its amounts, in minor units."""

    text: str
    least: int
    most: int

    def draw(self, dice: Random, *, step: int = 1) -> int:
        """A random amount within the range, in minor units; a multiple of `step`."""
        return dice.randrange(self.least // step, self.most // step + 1) * step


class Country(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Names, prices, currency and time zone of one country; see `countries.toml`."""

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
    """A random moment within the 24 hours from `start`, in the waking hours of a country."""
    local = timedelta(minutes=dice.randint(7 * 60, 22 * 60), seconds=dice.randint(0, 59))
    return start + (local - _offset(country.timezone, start)) % timedelta(days=1)


@lru_cache(maxsize=64)  # the same for a whole country and day
def _offset(timezone: str, start: datetime) -> timedelta:
    return start.astimezone(zone_of(timezone)).utcoffset() or timedelta()
