"""Time zones: names from a fixed list, and the rules of each from the pinned package `tzdata`, alike on all machines.

A machine's own files are never read: they differ, and hold names such as `localtime` that are no zones.
"""

from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

from accounts.domain.zone_names import LINKS, ZONES

DEFAULT_ZONE: Final = "UTC"  # also of whoever has a zone that is not known any more

LINKED: Final = {target: [link for link, to in LINKS.items() if to == target] for target in set(LINKS.values())}


class Zone(ZoneInfo):
    """The rules of a time zone; a time at either end of the calendar, which has no local one, stays in UTC."""

    def fromutc(self, moment: datetime, /) -> datetime:
        """The local time of a time in UTC."""
        try:
            return super().fromutc(moment)
        except OverflowError:
            return moment.replace(tzinfo=UTC)


def canonical_name(name: str) -> str | None:
    """The listed name of a time zone, to which an older name leads; `None` if there is no such zone."""
    return name if name in ZONES else LINKS.get(name)


def zone_name(name: str | None) -> str:
    """The listed name of a stored time zone; UTC's if it is not known, or can't be loaded any more."""
    return zone_of(name).key


def zone_of(name: str | None) -> Zone:
    """The rules of a stored time zone; those of UTC if it is not known, or can't be loaded any more."""
    canonical = canonical_name(name or "")
    return (canonical and _load(canonical)) or _utc()


def is_known(name: str) -> bool:
    """Whether a stored time zone has rules of its own: if not, it counts as UTC."""
    return zone_name(name) == canonical_name(name)


@cache
def _load(name: str) -> Zone | None:
    try:
        with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as rules:
            return Zone.from_file(rules, key=name)
    except (OSError, ValueError):
        return None


def _utc() -> Zone:
    """UTC's rules; raises ValueError if the package `tzdata` is not what was pinned."""
    found = _load(DEFAULT_ZONE)
    if found is None:
        raise ValueError("The package tzdata can't be read. Install what requirements.txt lists.")
    return found
