"""Calendar months in a time zone."""

import re
from datetime import UTC, datetime
from typing import Final, NamedTuple, Self
from zoneinfo import ZoneInfo

_PERIOD: Final = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


class Period(NamedTuple):
    """A month of a year, written as in "2026-03"."""

    year: int
    month: int

    @classmethod
    def of(cls, moment: datetime, zone: ZoneInfo) -> Self:
        """The month of a time in a time zone."""
        local = moment.astimezone(zone)
        return cls(local.year, local.month)

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Parses a text such as "2026-03"; any other text gives `None`."""
        found = _PERIOD.fullmatch(text)
        return cls(*map(int, found.groups())) if found else None

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    def plus(self, months: int) -> Self:
        """The month a number of months later, or earlier if the number is negative."""
        year, month = divmod(12 * self.year + self.month - 1 + months, 12)
        return type(self)(year, month + 1)

    def since(self, earlier: "Period") -> int:
        """The number of months from another period to this one."""
        return 12 * (self.year - earlier.year) + self.month - earlier.month

    def begins_at(self, zone: ZoneInfo) -> datetime:
        """The time at which the month begins in a time zone; where that midnight is skipped, the one after it."""
        return datetime(self.year, self.month, 1, tzinfo=zone).astimezone(UTC)

    def ends_at(self, zone: ZoneInfo) -> datetime:
        """The time at which the next month begins in a time zone."""
        return self.plus(1).begins_at(zone)
