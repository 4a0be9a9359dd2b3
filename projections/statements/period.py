"""Calendar months, as statements are cut: in the time zone of their account."""

import re
from datetime import UTC, datetime
from typing import Final, NamedTuple, Self
from zoneinfo import ZoneInfo

_PERIOD: Final = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


class Period(NamedTuple):
    """A month of a year."""

    year: int
    month: int

    @classmethod
    def of(cls, moment: datetime, zone: ZoneInfo) -> Self:
        """The month that it is somewhere at a moment."""
        there = moment.astimezone(zone)
        return cls(there.year, there.month)

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """The month that a text such as "2026-03" names, if it names one."""
        found = _PERIOD.fullmatch(text)
        return cls(*map(int, found.groups())) if found else None

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    def plus(self, months: int) -> Self:
        """The month so many later, or earlier."""
        year, month = divmod(12 * self.year + self.month - 1 + months, 12)
        return type(self)(year, month + 1)

    def since(self, earlier: "Period") -> int:
        """How many months later than another one it is."""
        return 12 * (self.year - earlier.year) + self.month - earlier.month

    def begins_at(self, zone: ZoneInfo) -> datetime:
        """The moment at which it begins somewhere; where that midnight is skipped, the moment after."""
        return datetime(self.year, self.month, 1, tzinfo=zone).astimezone(UTC)

    def ends_at(self, zone: ZoneInfo) -> datetime:
        """The moment at which the next one begins."""
        return self.plus(1).begins_at(zone)
