"""Local time as it was when a month was issued: its statement keeps the offsets, as the rules of a zone may change."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final

DAY: Final = timedelta(days=1)
SECOND: Final = timedelta(seconds=1)

Offset = tuple[str, int, str]  # from when it is in force, seconds east of UTC, and what the clock is called: "CEST"


class LocalTime(tzinfo):
    """A time zone with stored offsets: converts from UTC, which is all that showing a time takes.

    A converted time has a fixed offset of its own, so nothing asks this class for one.
    """

    def __init__(self, name: str, offsets: Sequence[Sequence[str | int]]) -> None:
        self.name = name
        self.zones = [(datetime.fromisoformat(str(start)), _fixed(offset, short)) for start, offset, short in offsets]

    def __str__(self) -> str:
        return self.name

    def tzname(self, moment: datetime | None, /) -> str:
        """The name of the zone."""
        return self.name

    def utcoffset(self, moment: datetime | None, /) -> None:
        """Unknown: a local time may have two."""

    def dst(self, moment: datetime | None, /) -> None:
        """Unknown, for the same reason."""

    def fromutc(self, moment: datetime, /) -> datetime:
        """The local time of a time in UTC; before the first offset is in force, it counts all the same."""
        utc = moment.replace(tzinfo=UTC)
        zone = next((zone for start, zone in self.zones[::-1] if start <= utc), self.zones[0][1])
        try:
            return utc.astimezone(zone)
        except OverflowError:  # at either end of the calendar
            return utc


def offsets_between(zone: tzinfo, first: datetime, last: datetime) -> list[Offset]:
    """The offsets of a time zone from the year of one time to another, for `LocalTime`."""
    return [
        (start.isoformat(), int((start.utcoffset() or timedelta()).total_seconds()), start.tzname() or "")
        for start in _starts(zone, datetime(first.astimezone(UTC).year, 1, 1, tzinfo=UTC), last)
    ]


@lru_cache(maxsize=1_000)  # the accounts of a run share their months and years
def _starts(zone: tzinfo, first: datetime, last: datetime) -> tuple[datetime, ...]:
    """The first time, and the local times from which on another offset, or another name of it, is in force."""
    return (first.astimezone(zone), *(start.astimezone(zone) for start in _changes(zone, first, last)))


def _changes(zone: tzinfo, first: datetime, last: datetime) -> Iterator[datetime]:
    """The times in UTC; of changes within a day that cancel each other, none is found."""
    while first < last:
        following = min(first + DAY, last)
        if _clock(zone, following) != (before := _clock(zone, first)):
            low, high = first, following
            while high - low > SECOND:
                middle = (low + (high - low) / 2).replace(microsecond=0)
                middle = middle if low < middle else low + SECOND
                low, high = (middle, high) if _clock(zone, middle) == before else (low, middle)
            yield high.replace(microsecond=0)
        first = following


def _clock(zone: tzinfo, moment: datetime) -> tuple[timedelta | None, str | None]:
    local = moment.astimezone(zone)
    return local.utcoffset(), local.tzname()


def _fixed(offset: str | int, name: str | int) -> timezone:
    return timezone(timedelta(seconds=int(offset)), str(name))
